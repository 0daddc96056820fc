#include "step.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "frames.h"

/* Input the program has not read. The server never sends more than this for one run. */
#define INPUT_MAX (4u << 20)
#define CHUNK (64u << 10)
/* Small writes that follow each other closely travel together: every frame costs the engine more than it costs us. */
#define GATHER_MS 2
#define GATHER_BYTES (16u << 10)
/* How often processor time and memory are looked at. */
#define SAMPLE_MS 50
/* How often the server is told of them. */
#define USAGE_MS 250
/* After the kill the pipes end as soon as the last process is gone; this is for a kernel that takes its time. */
#define DRAIN_MS 1000

enum stopped_by { NOBODY, WALL_TIME, CPU_TIME, OUTPUT_STDOUT, OUTPUT_STDERR, CANCELLED };

struct stream {
  uint8_t frame;
  uint64_t bytes;
  int truncated;
};

struct running {
  struct run *run;
  const struct step *step;
  int last;
  struct program program;
  enum stopped_by stopped_by;
  struct stacks stacks;
  struct stream out, err;
  uint64_t output_left;
  /* What was typed last did not end a line. */
  int mid_line;
  uint8_t gathered[CHUNK];
  uint32_t gathered_length;
  struct stream *gathered_from;
  double gathered_since, sent_at;
  double started_at, ended_at, sampled_at, told_at;
  uint64_t cpu_before, oom_before, refused_before, cpu_used, memory_now, memory_peak;
  int exited, status;
};

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void input_add(struct input *input, const uint8_t *bytes, size_t length) {
  if (input->ended) return;
  if (input->end - input->start + length > INPUT_MAX) fault("more input than a run may have");
  if (input->end + length > input->capacity) {
    memmove(input->bytes, input->bytes + input->start, input->end - input->start);
    input->end -= input->start;
    input->start = 0;
    if (input->end + length > input->capacity) {
      input->capacity = (input->end + length) * 2;
      input->bytes = realloc(input->bytes, input->capacity);
      if (!input->bytes) fault("no memory for input");
    }
  }
  memcpy(input->bytes + input->end, bytes, length);
  input->end += length;
}

/* The first cause wins. Processes are killed again at every call, for those that were just being born. */
static void stop(struct running *running, enum stopped_by why) {
  /* Too much output is too much also when the program was quick enough to leave before it was read. */
  int late = running->exited && why != OUTPUT_STDOUT && why != OUTPUT_STDERR;
  if (running->stopped_by == NOBODY && !late) {
    running->stopped_by = why;
    stacks_read_file(&running->stacks);
  }
  kill_all_but(running->last ? 0 : running->run->warm[STAGE_RUN].pid);
}

static void flush(struct running *running) {
  if (running->gathered_length) frame_write(running->gathered_from->frame, running->gathered, running->gathered_length);
  running->gathered_length = 0;
  running->sent_at = now_ms();
}

static void gather(struct running *running, struct stream *stream, const uint8_t *bytes, uint32_t length) {
  if (running->gathered_length && (running->gathered_from != stream || running->gathered_length + length > CHUNK)) flush(running);
  if (!running->gathered_length) running->gathered_since = now_ms();
  memcpy(running->gathered + running->gathered_length, bytes, length);
  running->gathered_length += length;
  running->gathered_from = stream;
  /* What comes after a pause goes out at once: somebody may be watching. */
  if (running->gathered_length >= GATHER_BYTES || now_ms() - running->sent_at >= GATHER_MS) flush(running);
}

/* Returns 0 at the end of the stream. */
static int read_output(struct running *running, int fd, struct stream *stream) {
  static uint8_t bytes[CHUNK];
  ssize_t got = read(fd, bytes, sizeof bytes);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return 0;
  uint32_t kept = 0;
  if (stacks_expect(&running->stacks, stream->frame == FRAME_STDOUT ? STACKS_STDOUT : STACKS_STDERR))
    kept = stacks_keep(&running->stacks, bytes, (uint32_t)got);
  uint64_t written = (uint64_t)got - kept;
  stream->bytes += written;
  uint64_t allowed = running->output_left < written ? running->output_left : written;
  running->output_left -= allowed;
  if (allowed) gather(running, stream, bytes + kept, (uint32_t)allowed);
  if (allowed < written) {
    stream->truncated = 1;
    stop(running, stream->frame == FRAME_STDOUT ? OUTPUT_STDOUT : OUTPUT_STDERR);
  }
  return 1;
}

static void write_input(struct running *running) {
  struct input *input = &running->run->input;
  while (running->program.in >= 0 && input->start < input->end) {
    ssize_t wrote = write(running->program.in, input->bytes + input->start, input->end - input->start);
    if (wrote > 0) {
      input->start += (size_t)wrote;
      running->mid_line = input->bytes[input->start - 1] != '\n';
    } else if (errno == EAGAIN) return;
    else if (errno != EINTR) close_once(&running->program.in); /* it has closed its input: what is left has no reader */
  }
  if (!input->ended || running->program.in < 0) return;
  if (running->program.on_terminal && program_type_end(&running->program, running->mid_line) < 0) return;
  close_once(&running->program.in);
}

void run_resize(struct run *run, const uint8_t *payload, uint32_t length) {
  if (length != 4) fault("a terminal's size is cut off");
  run->size = (struct winsize){.ws_col = read_u16(payload), .ws_row = read_u16(payload + 2)};
}

static void obey(struct running *running, const struct frame *frame) {
  struct input *input = &running->run->input;
  switch (frame->type) {
    case FRAME_STDIN:
      input_add(input, frame->payload, frame->length);
      break;
    case FRAME_STDIN_END:
      input->ended = 1;
      break;
    case FRAME_SIGNAL:
      if (frame->length == 1 && !running->exited) kill(-program_group(&running->program), frame->payload[0]);
      break;
    case FRAME_RESIZE:
      run_resize(running->run, frame->payload, frame->length);
      /* The kernel tells the program (SIGWINCH). */
      if (running->program.on_terminal && running->program.out >= 0) ioctl(running->program.out, TIOCSWINSZ, &running->run->size);
      break;
    case FRAME_CANCEL:
      stop(running, CANCELLED);
      break;
    default:
      fault("a frame of type %d while a program runs", frame->type);
  }
}

static void reap(struct running *running) {
  int status;
  struct rusage usage;
  for (pid_t pid; (pid = wait4(-1, &status, WNOHANG, &usage)) > 0;) {
    uint64_t resident = (uint64_t)usage.ru_maxrss * 1024;
    if (resident > running->memory_peak) running->memory_peak = resident;
    if (pid == running->run->warm[STAGE_RUN].pid && pid != running->program.pid) running->run->warm[STAGE_RUN].pid = 0;
    if (pid != running->program.pid) continue;
    running->exited = 1;
    running->status = status;
    running->ended_at = now_ms();
    /* What it left behind in the background ends with it, as it would with a container. */
    kill_all_but(running->last ? 0 : running->run->warm[STAGE_RUN].pid);
  }
}

static void sample(struct running *running, double now) {
  running->sampled_at = now;
  running->cpu_used = cgroup_cpu_us() - running->cpu_before;
  running->memory_now = cgroup_memory_bytes();
  if (running->memory_now > running->memory_peak) running->memory_peak = running->memory_now;
}

static void tell_usage(struct running *running, double now) {
  uint8_t payload[16];
  write_u64(payload, running->cpu_used);
  write_u64(payload + 8, running->memory_now);
  frame_write(FRAME_USAGE, payload, sizeof payload);
  running->told_at = now;
}

/* When the program is asked for its stacks, if the wall clock is what stops it. */
static double question_at(const struct running *running) {
  return running->started_at + running->step->wall_ms - stacks_window_ms(running->step->wall_ms);
}

static void ask_in_time(struct running *running, double now) {
  const struct step *step = running->step;
  uint64_t cpu_question_us = (uint64_t)(step->cpu_ms - stacks_window_ms(step->cpu_ms)) * 1000;
  if (now >= question_at(running) || running->cpu_used >= cpu_question_us) stacks_ask(&running->stacks, &running->program);
}

/* How long nothing needs doing, in whole milliseconds. */
static int idle_ms(const struct running *running, double now) {
  double until = running->exited ? running->ended_at + DRAIN_MS : running->sampled_at + SAMPLE_MS;
  double wall = running->started_at + running->step->wall_ms;
  if (!running->exited && running->stopped_by == NOBODY && wall < until) until = wall;
  int to_ask = running->stacks.from != STACKS_NOWHERE && !running->stacks.asked;
  if (!running->exited && to_ask && question_at(running) < until) until = question_at(running);
  if (running->gathered_length && running->gathered_since + GATHER_MS < until) until = running->gathered_since + GATHER_MS;
  return until <= now ? 0 : (int)(until - now) + 1;
}

static void begin(struct running *running) {
  const struct step *step = running->step;
  struct program *warm = &running->run->warm[step->stage];
  running->cpu_before = cgroup_cpu_us();
  running->oom_before = cgroup_oom_kills();
  running->refused_before = cgroup_refused_forks();
  running->started_at = running->sampled_at = running->told_at = now_ms();
  frame_write(FRAME_BEGIN, (uint8_t[]){(uint8_t)step->stage}, 1);
  int on_control = step->stacks_from == STACKS_CONTROL;
  int released = step->use_warm && warm->pid && program_release(warm, step->arguments, step->arguments_length, on_control) == 0;
  if (released) {
    running->program = *warm;
  } else {
    if (warm->pid) kill(warm->pid, SIGKILL);
    const struct winsize *size = running->run->size.ws_row ? &running->run->size : &step->size;
    program_start(&running->program, step->argv,
                  &(struct outfit){.env = step->env, .control = on_control, .terminal = step->on_terminal ? size : NULL});
  }
  warm->pid = 0;
  if (running->program.control >= 0) fcntl(running->program.control, F_SETFL, O_NONBLOCK);
  if (!running->last) close_once(&running->program.in); /* a compiler reads files, not somebody's input */
}

/* An answer is worth sending when time stopped the program, or when the answering may have: what ended well has no use for it. */
static void report_stacks(struct running *running) {
  struct stacks *stacks = &running->stacks;
  stacks_read_control(stacks, &running->program);
  int on_stream = stacks->from == STACKS_STDOUT || stacks->from == STACKS_STDERR;
  int timed_out = running->stopped_by == WALL_TIME || running->stopped_by == CPU_TIME;
  int died = running->exited && WIFSIGNALED(running->status) && WTERMSIG(running->status) == stacks->signal;
  if (on_stream || timed_out || died) stacks_send(stacks);
  free(stacks->bytes);
}

static void report(struct running *running) {
  uint8_t payload[64];
  int code = running->exited && WIFEXITED(running->status) ? WEXITSTATUS(running->status) : -1;
  int signal = running->exited && WIFSIGNALED(running->status) ? WTERMSIG(running->status) : 0;
  payload[0] = (uint8_t)running->step->stage;
  payload[1] = (uint8_t)running->stopped_by;
  payload[2] = (uint8_t)signal;
  payload[3] = (uint8_t)((cgroup_oom_kills() > running->oom_before) << 0 | (cgroup_refused_forks() > running->refused_before) << 1 |
                         running->out.truncated << 2 | running->err.truncated << 3 | running->last << 4 |
                         running->stacks.asked << 5);
  write_u32(payload + 4, (uint32_t)code);
  write_u64(payload + 8, (uint64_t)((running->ended_at - running->started_at) * 1e3));
  write_u64(payload + 16, running->cpu_used);
  write_u64(payload + 24, running->memory_peak);
  write_u64(payload + 32, running->out.bytes);
  write_u64(payload + 40, running->err.bytes);
  frame_write(FRAME_DONE, payload, 48);
}

int step_run(struct run *run, const struct step *step, int last) {
  struct running *running = calloc(1, sizeof *running);
  if (!running) fault("no memory");
  running->run = run;
  running->step = step;
  running->last = last;
  running->out.frame = FRAME_STDOUT;
  running->err.frame = FRAME_STDERR;
  running->output_left = step->output_bytes;
  running->stacks = (struct stacks){.from = step->stacks_from, .signal = step->stacks_signal, .file = step->stacks_file};

  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  if (children < 0) fault("signalfd: %s", strerror(errno));

  begin(running);
  struct program *program = &running->program;
  while (!running->exited || program->out >= 0 || program->err >= 0) {
    int wants_input = last && program->in >= 0 && (run->input.start < run->input.end || run->input.ended);
    struct pollfd ready[] = {
        {program->out, POLLIN, 0}, {program->err, POLLIN, 0}, {children, POLLIN, 0},
        {STDIN_FILENO, POLLIN, 0}, {wants_input ? program->in : -1, POLLOUT, 0},
        {stacks_expect(&running->stacks, STACKS_CONTROL) ? program->control : -1, POLLIN, 0},
    };
    double now = now_ms();
    poll(ready, sizeof ready / sizeof *ready, idle_ms(running, now));

    if (ready[0].revents && !read_output(running, program->out, &running->out)) close_once(&program->out);
    if (ready[1].revents && !read_output(running, program->err, &running->err)) close_once(&program->err);
    if (ready[2].revents) {
      struct signalfd_siginfo ignored;
      while (read(children, &ignored, sizeof ignored) > 0) {
      }
    }
    reap(running);
    struct frame frame;
    int arrived;
    while (ready[3].revents && (arrived = frame_poll(&frame)) != 0) {
      /* Nobody is there any more: neither this run nor this sandbox has a reason to go on. */
      if (arrived < 0) kill_all_but(0), _exit(0);
      obey(running, &frame);
    }
    if (ready[4].revents) write_input(running);
    if (ready[5].revents) stacks_read_control(&running->stacks, program);

    now = now_ms();
    if (running->gathered_length && now - running->gathered_since >= GATHER_MS) flush(running);
    if (running->exited) {
      if (now >= running->ended_at + DRAIN_MS) close_once(&program->out), close_once(&program->err);
      continue;
    }
    if (now >= running->started_at + step->wall_ms) stop(running, WALL_TIME);
    else ask_in_time(running, now);
    if (now >= running->sampled_at + SAMPLE_MS) {
      sample(running, now);
      if (now >= running->told_at + USAGE_MS) tell_usage(running, now);
      if (running->cpu_used >= (uint64_t)step->cpu_ms * 1000) stop(running, CPU_TIME);
      if (running->stopped_by != NOBODY) stop(running, running->stopped_by);
    }
  }
  sample(running, now_ms());
  flush(running);
  close_once(&program->in);
  close(children);
  report_stacks(running);
  close_once(&program->control);
  report(running);
  int succeeded = running->stopped_by == NOBODY && WIFEXITED(running->status) && WEXITSTATUS(running->status) == 0;
  free(running);
  return succeeded;
}
