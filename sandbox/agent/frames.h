/*
 * What travels between the server and the agent: a type byte, a big-endian length, that many bytes.
 * sandbox/frames.ts is the other side and says what each payload holds; change both or neither.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

enum from_server {
  FRAME_KEEP = 'P',      /* which files to send back at the end; before the files, if at all */
  FRAME_FILES = 'F',     /* one tar archive, to be unpacked in the working directory */
  FRAME_STEP = 'S',      /* one program to run; steps run in the order they come */
  FRAME_GO = 'G',        /* begin */
  FRAME_STDIN = 'I',     /* input for the last step */
  FRAME_STDIN_END = 'E', /* no more input */
  FRAME_SIGNAL = 'K',    /* a signal for the program's process group */
  FRAME_RESIZE = 'W',    /* columns u16, rows u16: the terminal has another size */
  FRAME_CANCEL = 'X',    /* kill the program */
};

enum to_server {
  FRAME_READY = 'R',    /* waiting for a run */
  FRAME_BEGIN = 'B',    /* a step's program is about to start */
  FRAME_STDOUT = 'O',   /* also everything of a program on a terminal */
  FRAME_STDERR = 'T',
  FRAME_USAGE = 'U',    /* processor time u64 in microseconds and memory u64 in bytes, of the step under way */
  FRAME_STACKS = 'H',   /* what the program said when it was asked where it is; before its FRAME_DONE */
  FRAME_DONE = 'D',     /* a step has ended */
  FRAME_FILE = 'A',     /* kind u8, size u64, path: a file, whose bytes follow */
  FRAME_CHUNK = 'C',
  FRAME_NOT_KEPT = 'N', /* reason u8, path: a file that was asked for and is not sent */
  FRAME_KEPT = 'Z',     /* all files have been sent; comes once if FRAME_KEEP did */
  FRAME_FAULT = '!',    /* the sandbox cannot do what it was asked; a sentence for the server's log */
};

/* Nothing the server sends is larger; a longer length means the stream is not what it should be. */
#define FRAME_MAX (8u << 20)

struct frame {
  uint8_t type;
  uint32_t length;
  uint8_t *payload; /* owned by the reader, valid until the next read; one zero byte follows it */
};

/* Uses these descriptors from now on. */
void frames_open(int in, int out);

/* Blocks until a whole frame is there. Returns 0, or -1 when the stream has ended or makes no sense. */
int frame_read(struct frame *frame);

/* Takes what has arrived without blocking. Returns 1 with a whole frame, 0 when there is none yet, -1 at the end of the stream. */
int frame_poll(struct frame *frame);

/* Blocks until it is written: the server always reads. Ends the process when nobody reads any more. */
void frame_write(uint8_t type, const void *payload, uint32_t length);

/* Writes a fault and ends the process. */
void fault(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

uint16_t read_u16(const uint8_t *at);
uint32_t read_u32(const uint8_t *at);
void write_u32(uint8_t *at, uint32_t value);
void write_u64(uint8_t *at, uint64_t value);

#endif
