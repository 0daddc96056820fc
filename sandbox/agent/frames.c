#include "frames.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER 5

static int in_fd, out_fd;
static uint8_t *buffer;       /* what has been read of the frame under way, its header first */
static size_t filled, capacity;

void frames_open(int in, int out) {
  in_fd = in;
  out_fd = out;
}

uint16_t read_u16(const uint8_t *at) {
  return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t read_u32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void write_u32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void write_u64(uint8_t *at, uint64_t value) {
  write_u32(at, (uint32_t)(value >> 32));
  write_u32(at + 4, (uint32_t)value);
}

static void make_room(size_t wanted) {
  if (capacity >= wanted) return;
  uint8_t *grown = realloc(buffer, wanted);
  if (!grown) _exit(3);
  buffer = grown;
  capacity = wanted;
}

/* How many bytes the frame under way still lacks, as far as is known: its header is read first. */
static size_t missing(void) {
  if (filled < HEADER) return HEADER - filled;
  return HEADER + (size_t)read_u32(buffer + 1) - filled;
}

/* Reads once. Returns 1 when the frame is whole, 0 when more is needed, -1 at the end. */
static int advance(void) {
  make_room(HEADER + 1);
  size_t wanted = missing();
  if (wanted > 0) {
    make_room(filled + wanted + 1);
    ssize_t got = read(in_fd, buffer + filled, wanted);
    if (got == 0) return -1;
    if (got < 0) return errno == EINTR || errno == EAGAIN ? 0 : -1;
    filled += (size_t)got;
    if (filled >= HEADER && read_u32(buffer + 1) > FRAME_MAX) return -1;
  }
  return filled >= HEADER && missing() == 0;
}

static void take(struct frame *frame) {
  frame->type = buffer[0];
  frame->length = read_u32(buffer + 1);
  frame->payload = buffer + HEADER;
  frame->payload[frame->length] = 0;
  filled = 0;
}

int frame_read(struct frame *frame) {
  for (;;) {
    int state = advance();
    if (state < 0) return -1;
    if (state > 0) return take(frame), 0;
    struct pollfd readable = {in_fd, POLLIN, 0};
    poll(&readable, 1, -1);
  }
}

int frame_poll(struct frame *frame) {
  for (;;) {
    struct pollfd readable = {in_fd, POLLIN, 0};
    if (poll(&readable, 1, 0) <= 0) return 0;
    int state = advance();
    if (state < 0) return -1;
    if (state > 0) return take(frame), 1;
  }
}

static void write_all(const uint8_t *from, size_t length) {
  while (length > 0) {
    ssize_t wrote = write(out_fd, from, length);
    if (wrote >= 0) {
      from += wrote;
      length -= (size_t)wrote;
    } else if (errno == EAGAIN) {
      struct pollfd writable = {out_fd, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      _exit(4);
    }
  }
}

void frame_write(uint8_t type, const void *payload, uint32_t length) {
  /* One write for header and payload: a small frame then reaches the server as one piece. */
  static uint8_t joined[HEADER + (64 << 10)];
  joined[0] = type;
  write_u32(joined + 1, length);
  if (length <= sizeof joined - HEADER) {
    if (length) memcpy(joined + HEADER, payload, length);
    write_all(joined, HEADER + length);
  } else {
    write_all(joined, HEADER);
    write_all(payload, length);
  }
}

void fault(const char *format, ...) {
  char sentence[512];
  va_list rest;
  va_start(rest, format);
  int length = vsnprintf(sentence, sizeof sentence, format, rest);
  va_end(rest);
  if (length >= (int)sizeof sentence) length = sizeof sentence - 1;
  frame_write(FRAME_FAULT, sentence, length < 0 ? 0 : (uint32_t)length);
  _exit(5);
}
