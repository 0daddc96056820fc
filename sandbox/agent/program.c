#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "frames.h"

/* A runtime that cannot get ready in this time will not: the run then starts it the plain way. */
#define READY_TIMEOUT_MS 30000
/* Where a waiting runtime finds its end of the control socket. */
#define CONTROL_FD 3
/* After SIGKILL a process is gone in microseconds; this is for a kernel that takes its time. */
#define GONE_TIMEOUT_MS 1000

void close_once(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

struct ends {
  int in, out, err, control;
};

static void in_child(char *const argv[], const struct outfit *outfit, const struct ends *ends) {
  /* A session of its own: a signal for the program's group then reaches its children too, and never the agent. */
  setsid();
  /* The session's controlling terminal: what makes ^C a signal. */
  if (outfit->terminal) ioctl(ends->in, TIOCSCTTY, 0);
  dup2(ends->in, STDIN_FILENO);
  dup2(ends->out, STDOUT_FILENO);
  dup2(ends->err, STDERR_FILENO);
  if (ends->control >= 0) dup2(ends->control, CONTROL_FD);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  if (outfit->env) execvpe(argv[0], argv, outfit->env);
  else execvp(argv[0], argv);
  dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

/* Pipes: close-on-exec everywhere, so that the program holds no descriptor but its own three. */
static void open_pipes(struct program *ours, struct ends *its) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) fault("pipe: %s", strerror(errno));
  fcntl(in[1], F_SETFL, O_NONBLOCK);
  *ours = (struct program){.in = in[1], .out = out[0], .err = err[0], .control = -1};
  *its = (struct ends){.in = in[0], .out = out[1], .err = err[1], .control = -1};
}

/* The one terminal of a run. The program's side stays open until the program has it: before that, ours would read as hung up. */
static void open_terminal(struct program *ours, struct ends *its, const struct winsize *size) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || unlockpt(master) < 0 || ioctl(master, TIOCSWINSZ, size) < 0) fault("no terminal can be had: %s", strerror(errno));
  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) fault("no terminal can be had: %s", strerror(errno));
  fcntl(master, F_SETFL, O_NONBLOCK);
  int input = fcntl(master, F_DUPFD_CLOEXEC, 0);
  if (input < 0) fault("dup: %s", strerror(errno));
  *ours = (struct program){.in = input, .out = master, .err = -1, .control = -1, .on_terminal = 1};
  *its = (struct ends){.in = slave, .out = slave, .err = slave, .control = -1};
}

void program_start(struct program *program, char *const argv[], const struct outfit *outfit) {
  struct ends ends;
  if (outfit->terminal) open_terminal(program, &ends, outfit->terminal);
  else open_pipes(program, &ends);
  if (outfit->control) {
    int control[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0) fault("socketpair: %s", strerror(errno));
    program->control = control[0];
    ends.control = control[1];
  }
  program->pid = fork();
  if (program->pid < 0) fault("fork: %s", strerror(errno));
  if (program->pid == 0) in_child(argv, outfit, &ends);
  close(ends.in);
  if (!outfit->terminal) close(ends.out), close(ends.err);
  close_once(&ends.control);
}

int program_ready(struct program *program) {
  struct pollfd readable = {program->control, POLLIN, 0};
  char said;
  return poll(&readable, 1, READY_TIMEOUT_MS) == 1 && read(program->control, &said, 1) == 1 ? 0 : -1;
}

int program_release(struct program *program, const uint8_t *arguments, uint32_t length, int keep_control) {
  uint8_t header[4];
  write_u32(header, length);
  int gone = write(program->control, header, sizeof header) != sizeof header;
  for (uint32_t done = 0; !gone && done < length;) {
    ssize_t wrote = write(program->control, arguments + done, length - done);
    if (wrote < 0) gone = 1;
    else done += (uint32_t)wrote;
  }
  if (!keep_control || gone) close_once(&program->control);
  return gone ? -1 : 0;
}

pid_t program_group(const struct program *program) {
  pid_t foreground;
  if (program->on_terminal && ioctl(program->out, TIOCGPGRP, &foreground) == 0 && foreground > 1) return foreground;
  return program->pid;
}

int program_type_end(const struct program *program, int mid_line) {
  struct termios mode;
  /* A program that reads single keys gets the key itself, as from a keyboard. */
  int is_cooked = tcgetattr(program->in, &mode) == 0 && (mode.c_lflag & ICANON);
  char key = is_cooked ? (char)mode.c_cc[VEOF] : 4;
  /* The first one only hands over a line that is not finished; the second one then ends the input. */
  char keys[2] = {key, key};
  ssize_t count = is_cooked && mid_line ? 2 : 1;
  return write(program->in, keys, (size_t)count) < 0 && errno == EAGAIN ? -1 : 0;
}

void kill_all_but(pid_t spare) {
  if (!spare) {
    /* Never reaches PID 1, which is the agent. */
    kill(-1, SIGKILL);
    return;
  }
  /* One look at /proc misses what is forked meanwhile; a look that finds nobody ends it. */
  for (int looks = 0, found = 1; found && looks < 100; looks++) {
    found = 0;
    DIR *processes = opendir("/proc");
    if (!processes) return;
    for (struct dirent *entry; (entry = readdir(processes));) {
      pid_t pid = (pid_t)atoi(entry->d_name);
      if (pid > 1 && pid != spare && kill(pid, SIGKILL) == 0) {
        char path[32], state[256];
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t got = fd < 0 ? 0 : read(fd, state, sizeof state - 1);
        if (fd >= 0) close(fd);
        state[got > 0 ? got : 0] = 0;
        char *after_name = strrchr(state, ')');
        /* A zombie has been killed already and only waits to be reaped. */
        if (after_name && after_name[1] && after_name[2] != 'Z') found = 1;
      }
    }
    closedir(processes);
  }
}

void kill_all_and_wait(void) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  kill_all_but(0);
  /* Every orphan is PID 1's own child, so nobody is left when none is. SIGCHLD is blocked, and so waits to be taken. */
  for (int waited = 0; waited < GONE_TIMEOUT_MS; waited += 10) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
    }
    if (pid < 0 && errno == ECHILD) return;
    sigtimedwait(&child, NULL, &(struct timespec){.tv_nsec = 10000000});
  }
}
