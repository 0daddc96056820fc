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
#include <unistd.h>

#include "frames.h"

/* A runtime that cannot get ready in this time will not: the run then starts it the plain way. */
#define READY_TIMEOUT_MS 30000
/* Where a waiting runtime finds its end of the control socket. */
#define CONTROL_FD 3

void close_once(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void in_child(char *const argv[], char *const env[], int in, int out, int err, int control) {
  /* A session of its own: a signal for the program's group then reaches its children too, and never the agent. */
  setsid();
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (control >= 0) dup2(control, CONTROL_FD);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  if (env) execvpe(argv[0], argv, env);
  else execvp(argv[0], argv);
  dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

void program_start(struct program *program, char *const argv[], char *const env[], int warm) {
  int in[2], out[2], err[2], control[2] = {-1, -1};
  /* Close-on-exec everywhere: the program holds no descriptor but its own three. */
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) fault("pipe: %s", strerror(errno));
  if (warm && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0) fault("socketpair: %s", strerror(errno));
  pid_t pid = fork();
  if (pid < 0) fault("fork: %s", strerror(errno));
  if (pid == 0) in_child(argv, env, in[0], out[1], err[1], control[1]);
  close(in[0]);
  close(out[1]);
  close(err[1]);
  if (warm) close(control[1]);
  fcntl(in[1], F_SETFL, O_NONBLOCK);
  *program = (struct program){.pid = pid, .in = in[1], .out = out[0], .err = err[0], .control = control[0]};
}

int program_ready(struct program *program) {
  struct pollfd readable = {program->control, POLLIN, 0};
  char said;
  return poll(&readable, 1, READY_TIMEOUT_MS) == 1 && read(program->control, &said, 1) == 1 ? 0 : -1;
}

int program_release(struct program *program, const uint8_t *arguments, uint32_t length) {
  uint8_t header[4];
  write_u32(header, length);
  int gone = write(program->control, header, sizeof header) != sizeof header;
  for (uint32_t done = 0; !gone && done < length;) {
    ssize_t wrote = write(program->control, arguments + done, length - done);
    if (wrote < 0) gone = 1;
    else done += (uint32_t)wrote;
  }
  close_once(&program->control);
  return gone ? -1 : 0;
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
