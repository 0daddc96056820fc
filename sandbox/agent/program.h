#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

/* A process of the user's, and our ends of its pipes. A descriptor is -1 once it is closed. */
struct program {
  pid_t pid;
  int in, out, err;
  /* Of a warm program: where it said it is ready and waits for its arguments. Of any that can be asked for its stacks: where that is asked. */
  int control;
  /* `in` and `out` are both its terminal, and there is no `err`. */
  int on_terminal;
};

/* What a program is given beside its arguments. */
struct outfit {
  /* NULL for the agent's own. */
  char *const *env;
  /* A socket on descriptor 3. */
  int control;
  /* A terminal of this size instead of pipes, or NULL. */
  const struct winsize *terminal;
};

/* Starts argv[0], found on PATH, in the working directory. */
void program_start(struct program *program, char *const argv[], const struct outfit *outfit);

/* Blocks until a warm program waits for its arguments. Returns 0, or -1 when it ended instead. */
int program_ready(struct program *program);

/*
 * Lets a warm program go on with `arguments`: NUL-terminated strings, `length` bytes in all. Returns -1 when it is gone.
 * Its control socket is closed unless `keep_control`.
 */
int program_release(struct program *program, const uint8_t *arguments, uint32_t length, int keep_control);

/* The process group a signal is for: of a program on a terminal the one in its foreground. */
pid_t program_group(const struct program *program);

/* Types the end of input on the program's terminal. `mid_line`: what was typed last did not end a line. Returns -1 when it must be tried again. */
int program_type_end(const struct program *program, int mid_line);

void close_once(int *fd);

/* Kills every process of this sandbox but the agent and `spare` (0: none), however fast they multiply. */
void kill_all_but(pid_t spare);

/* Kills every process of this sandbox but the agent and waits until they are gone: nobody changes a file any more. */
void kill_all_and_wait(void);

#endif
