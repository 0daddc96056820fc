#ifndef STEP_H
#define STEP_H

#include <stdint.h>

#include "program.h"
#include "stacks.h"

/* Stages as they travel; protocol/run.ts names them. */
enum stage { STAGE_COMPILE = 0, STAGE_RUN = 1, STAGES = 2 };

struct step {
  enum stage stage;
  int use_warm, on_terminal;
  uint32_t wall_ms, cpu_ms, output_bytes;
  struct winsize size;
  enum stacks_from stacks_from;
  int stacks_signal;
  const char *stacks_file;
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
  /* The size the terminal was last given; no rows before that. */
  struct winsize size;
  /* Waiting runtimes by stage; pid 0 where there is none. */
  struct program warm[STAGES];
};

/* The payload of FRAME_RESIZE. */
void run_resize(struct run *run, const uint8_t *payload, uint32_t length);

/* Runs the step to its end, whatever that is, and reports it. Returns 1 when the next step may follow. */
int step_run(struct run *run, const struct step *step, int last);

#endif
