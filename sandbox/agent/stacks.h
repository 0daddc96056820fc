/*
 * Where a program stands when its time is about to run out: it is asked once, a little before, and has until the end to answer.
 * protocol/language.ts says how a runtime may be asked.
 */
#ifndef STACKS_H
#define STACKS_H

#include <stddef.h>
#include <stdint.h>

#include "program.h"

/* As they travel. */
enum stacks_from { STACKS_NOWHERE, STACKS_CONTROL, STACKS_STDOUT, STACKS_STDERR, STACKS_FILE, STACKS_PLACES };

struct stacks {
  enum stacks_from from;
  /* 0: none. */
  int signal;
  const char *file;
  int asked;
  /* The answer has ended, or there is no more room for it. The socket stays open all the same: a write to a closed one would end the program. */
  int complete;
  uint8_t *bytes;
  uint32_t length;
};

/* How long before a limit of so many milliseconds the program is asked. */
uint32_t stacks_window_ms(uint32_t limit_ms);

/* Asks, once, if the program can be asked. */
void stacks_ask(struct stacks *stacks, const struct program *program);

/* Whether what comes on this stream is an answer now. */
int stacks_expect(const struct stacks *stacks, enum stacks_from stream);

/* Keeps as much as there is room for. Returns how much that was. */
uint32_t stacks_keep(struct stacks *stacks, const uint8_t *bytes, uint32_t length);

/* Takes what has come on the control socket. */
void stacks_read_control(struct stacks *stacks, struct program *program);

/* Reads the file, if that is where the answer is. */
void stacks_read_file(struct stacks *stacks);

/* Sends what there is. */
void stacks_send(struct stacks *stacks);

#endif
