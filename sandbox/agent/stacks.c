#include "stacks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"
#include "plain_file.h"

/* A thousand threads' worth; sandbox/stacks.ts refuses more. */
#define STACKS_MAX (256u << 10)
#define CHUNK (64u << 10)
/* A JVM with many threads, or a Node that writes its report, takes a tenth of a second when the machine is busy. */
#define WINDOW_MS 400u

uint32_t stacks_window_ms(uint32_t limit_ms) {
  return limit_ms / 4 < WINDOW_MS ? limit_ms / 4 : WINDOW_MS;
}

/* Whether the process has a handler for the signal. One that has none would die of it, before its time. */
static int catches(pid_t pid, int signal) {
  char path[32], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *status = fopen(path, "re");
  if (!status) return 0;
  unsigned long long caught = 0;
  while (fgets(line, sizeof line, status) && sscanf(line, "SigCgt: %llx", &caught) != 1) {
  }
  fclose(status);
  return (caught >> (signal - 1) & 1) != 0;
}

void stacks_ask(struct stacks *stacks, const struct program *program) {
  if (stacks->from == STACKS_NOWHERE || stacks->asked) return;
  if (stacks->signal && catches(program->pid, stacks->signal) && kill(program->pid, stacks->signal) == 0) stacks->asked = 1;
  if (stacks->from == STACKS_CONTROL && program->control >= 0 && write(program->control, "S", 1) == 1) stacks->asked = 1;
  /* Not again, whatever came of it. */
  if (!stacks->asked) stacks->from = STACKS_NOWHERE;
}

int stacks_expect(const struct stacks *stacks, enum stacks_from stream) {
  return stacks->asked && !stacks->complete && stacks->from == stream;
}

uint32_t stacks_keep(struct stacks *stacks, const uint8_t *bytes, uint32_t length) {
  if (!stacks->bytes && !(stacks->bytes = malloc(STACKS_MAX))) return 0;
  uint32_t room = STACKS_MAX - stacks->length, kept = length < room ? length : room;
  memcpy(stacks->bytes + stacks->length, bytes, kept);
  stacks->length += kept;
  return kept;
}

void stacks_read_control(struct stacks *stacks, struct program *program) {
  uint8_t bytes[4096];
  while (program->control >= 0 && !stacks->complete) {
    ssize_t got = read(program->control, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return close_once(&program->control);
    uint8_t *end = memchr(bytes, 0, (size_t)got);
    uint32_t length = end ? (uint32_t)(end - bytes) : (uint32_t)got;
    stacks->complete = stacks_keep(stacks, bytes, length) < length || end;
  }
}

void stacks_read_file(struct stacks *stacks) {
  if (!stacks_expect(stacks, STACKS_FILE)) return;
  struct stat about;
  int fd = open_plain_file(AT_FDCWD, stacks->file, &about);
  if (fd < 0) return;
  static uint8_t bytes[CHUNK];
  for (ssize_t got; (got = read(fd, bytes, sizeof bytes)) > 0 && stacks_keep(stacks, bytes, (uint32_t)got) == (uint32_t)got;) {
  }
  close(fd);
}

void stacks_send(struct stacks *stacks) {
  for (uint32_t at = 0; at < stacks->length; at += CHUNK)
    frame_write(FRAME_STACKS, stacks->bytes + at, stacks->length - at < CHUNK ? stacks->length - at : CHUNK);
  free(stacks->bytes);
  stacks->bytes = NULL;
  stacks->length = 0;
}
