#ifndef STEP_H
#define STEP_H

#include <stdint.h>

#include "program.h"

/* Stages as they travel; protocol/run.ts names them. */
enum stage { STAGE_COMPILE = 0, STAGE_RUN = 1, STAGES = 2 };

struct step {
  enum stage stage;
  int use_warm;
  uint32_t wall_ms, cpu_ms;
  char **argv, **env;
  /* What a warm program is told instead of argv: the run's own arguments, NUL-terminated. */
  const uint8_t *arguments;
  uint32_t arguments_length;
};

/* Input for the last step, as far as it has arrived and the program has not taken it yet. */
struct input {
  uint8_t *bytes;
  size_t start, end, capacity;
  int ended;
};
void input_add(struct input *input, const uint8_t *bytes, size_t length);

/* What all steps of a run share. */
struct run {
  struct input input;
  uint64_t output_left;
  /* Waiting runtimes by stage; pid 0 where there is none. */
  struct program warm[STAGES];
};

/* Runs the step to its end, whatever that is, and reports it. Returns 1 when the next step may follow. */
int step_run(struct run *run, const struct step *step, int last);

#endif
