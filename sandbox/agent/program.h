#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

/* A process of the user's, and our ends of its pipes. A descriptor is -1 once it is closed. */
struct program {
  pid_t pid;
  int in, out, err;
  /* Of a warm program: where it said it is ready and waits for its arguments. */
  int control;
};

/* Starts argv[0], found on PATH, in the working directory. `env` may be NULL for the agent's own. */
void program_start(struct program *program, char *const argv[], char *const env[], int warm);

/* Blocks until a warm program waits for its arguments. Returns 0, or -1 when it ended instead. */
int program_ready(struct program *program);

/* Lets a warm program go on with `arguments`: NUL-terminated strings, `length` bytes in all. Returns -1 when it is gone. */
int program_release(struct program *program, const uint8_t *arguments, uint32_t length);

void close_once(int *fd);

/* Kills every process of this sandbox but the agent and `spare` (0: none), however fast they multiply. */
void kill_all_but(pid_t spare);

#endif
