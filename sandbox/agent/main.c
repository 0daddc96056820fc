/*
 * PID 1 of every sandbox. Starts the runtimes that can wait, waits for one run on its standard input, unpacks its files,
 * runs its steps under their limits, and reports. It ends, and everything with it, when its stream closes.
 *
 * Arguments describe what to start ahead: "stage:run" (or "stage:compile"), then "env:NAME=value" and "arg:..." in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "frames.h"
#include "keep.h"
#include "step.h"
#include "unpack.h"

#define STEPS_MAX 4
extern char **environ;

/* Steps and their strings live until the process ends. */
static void *keep_bytes(const void *bytes, size_t length) {
  void *kept = malloc(length ? length : 1);
  if (!kept) fault("no memory");
  return memcpy(kept, bytes, length);
}

static const char *after(const char *word, const char *prefix) {
  size_t length = strlen(prefix);
  return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

/* The agent's environment with what one stage adds. */
static char **environment_with(char **more, int count) {
  int own = 0;
  while (environ[own]) own++;
  char **all = calloc((size_t)(own + count + 1), sizeof *all);
  if (!all) fault("no memory");
  memcpy(all, more, (size_t)count * sizeof *all); /* the first of two with one name is the one that is found */
  memcpy(all + count, environ, (size_t)own * sizeof *all);
  return all;
}

static void start_warm(struct run *run, int argc, char **argv) {
  for (int i = 1; i < argc;) {
    const char *name = after(argv[i++], "stage:");
    if (!name) fault("the agent's arguments are wrong at %d", i - 1);
    enum stage stage = strcmp(name, "compile") == 0 ? STAGE_COMPILE : STAGE_RUN;
    char **words = calloc((size_t)argc + 1, sizeof *words), **env = calloc((size_t)argc + 1, sizeof *env);
    if (!words || !env) fault("no memory");
    int word_count = 0, env_count = 0;
    for (const char *rest; i < argc && !after(argv[i], "stage:"); i++) {
      if ((rest = after(argv[i], "arg:"))) words[word_count++] = (char *)rest;
      else if ((rest = after(argv[i], "env:"))) env[env_count++] = (char *)rest;
      else fault("the agent's arguments are wrong at %d", i);
    }
    if (word_count) program_start(&run->warm[stage], words, &(struct outfit){.env = environment_with(env, env_count), .control = 1});
  }
  for (int stage = 0; stage < STAGES; stage++) {
    struct program *program = &run->warm[stage];
    if (program->pid && program_ready(program) < 0) {
      kill(program->pid, SIGKILL);
      program->pid = 0;
    }
  }
}

/* Reads a count and that many NUL-terminated strings, which may be empty. Returns what follows them. `*end` is a NUL. */
static const uint8_t *strings(const uint8_t *at, const uint8_t *end, char ***into) {
  if (end - at < 4) fault("a step is cut off");
  uint32_t count = read_u32(at);
  at += 4;
  if (count > (size_t)(end - at)) fault("a step is cut off");
  *into = calloc((size_t)count + 1, sizeof **into);
  if (!*into) fault("no memory");
  for (uint32_t i = 0; i < count; i++) {
    if (at >= end) fault("a step is cut off");
    (*into)[i] = (char *)at;
    at += strlen((const char *)at) + 1;
  }
  if (at > end) fault("a step is cut off");
  return at;
}

/* One NUL-terminated string. `*end` is a NUL. */
static const uint8_t *string(const uint8_t *at, const uint8_t *end, const char **into) {
  if (at >= end) fault("a string is cut off");
  *into = (const char *)at;
  return at + strlen(*into) + 1;
}

/*
 * stage u8, flags u8 (1 warm, 2 on a terminal), wall_ms u32, cpu_ms u32, output_bytes u32, columns u16, rows u16, the signal that asks for stacks u8,
 * where they come from u8, argv, env, the file they come from, and the arguments for a warm runtime.
 */
#define STEP_HEAD 20
static struct step parse_step(const struct frame *frame) {
  if (frame->length < STEP_HEAD) fault("a step is cut off");
  const uint8_t *bytes = keep_bytes(frame->payload, frame->length + 1), *end = bytes + frame->length;
  struct step step = {
      .stage = bytes[0] ? STAGE_RUN : STAGE_COMPILE,
      .use_warm = bytes[1] & 1,
      .on_terminal = (bytes[1] & 2) != 0,
      .wall_ms = read_u32(bytes + 2),
      .cpu_ms = read_u32(bytes + 6),
      .output_bytes = read_u32(bytes + 10),
      .size = {.ws_col = read_u16(bytes + 14), .ws_row = read_u16(bytes + 16)},
      .stacks_signal = bytes[18],
      .stacks_from = bytes[19] < STACKS_PLACES ? bytes[19] : STACKS_NOWHERE,
  };
  if (step.stacks_signal > SIGRTMAX) fault("a step with a signal there is not");
  const uint8_t *rest = strings(strings(bytes + STEP_HEAD, end, &step.argv), end, &step.env);
  if (!step.argv[0]) fault("a step without a program");
  rest = string(rest, end, &step.stacks_file);
  step.arguments = rest;
  step.arguments_length = (uint32_t)(end - rest);
  return step;
}

/* How many files u32, bytes of one u32, of all u32, of the report u32, the patterns, the report's path. */
#define KEEP_HEAD 16
static struct keep parse_keep(const struct frame *frame) {
  if (frame->length < KEEP_HEAD) fault("what to keep is cut off");
  const uint8_t *bytes = keep_bytes(frame->payload, frame->length + 1), *end = bytes + frame->length;
  struct keep wanted = {
      .files = read_u32(bytes),
      .file_bytes = read_u32(bytes + 4),
      .total_bytes = read_u32(bytes + 8),
      .report_bytes = read_u32(bytes + 12),
  };
  string(strings(bytes + KEEP_HEAD, end, &wanted.patterns), end, &wanted.report);
  return wanted;
}

int main(int argc, char **argv) {
  /* Its memory, descriptors and environment in /proc then belong to root, whom nobody in here can be. */
  prctl(PR_SET_DUMPABLE, 0);
  signal(SIGPIPE, SIG_IGN);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  fcntl(STDIN_FILENO, F_SETFD, FD_CLOEXEC);
  fcntl(STDOUT_FILENO, F_SETFD, FD_CLOEXEC);
  frames_open(STDIN_FILENO, STDOUT_FILENO);

  struct run run = {0};
  start_warm(&run, argc, argv);
  frame_write(FRAME_READY, "", 0);

  struct step steps[STEPS_MAX];
  int count = 0, is_keeping = 0;
  struct keep keep;
  for (struct frame frame;;) {
    if (frame_read(&frame) < 0) _exit(0);
    if (frame.type == FRAME_KEEP && !is_keeping) keep = parse_keep(&frame), is_keeping = 1;
    else if (frame.type == FRAME_FILES) unpack(frame.payload, frame.length, is_keeping ? &keep.given : NULL);
    else if (frame.type == FRAME_STEP && count < STEPS_MAX) steps[count++] = parse_step(&frame);
    else if (frame.type == FRAME_STDIN) input_add(&run.input, frame.payload, frame.length);
    else if (frame.type == FRAME_STDIN_END) run.input.ended = 1;
    else if (frame.type == FRAME_CANCEL) _exit(0);
    else if (frame.type == FRAME_RESIZE) run_resize(&run, frame.payload, frame.length);
    else if (frame.type == FRAME_GO && count) break;
    else fault("a frame of type %d before the run", frame.type);
  }
  for (int i = 0; i < count && step_run(&run, &steps[i], i == count - 1); i++) {
  }
  if (is_keeping) {
    kill_all_and_wait();
    keep_send(&keep);
  }
  /* The server removes this container. Until then there is nothing left to do but to leave when it hangs up. */
  for (struct frame frame; frame_read(&frame) == 0;) {
  }
  _exit(0);
}
