#include "cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOT "/sys/fs/cgroup/"

static int read_text(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t got = read(fd, text, size - 1);
  close(fd);
  if (got < 0) return -1;
  text[got] = 0;
  return 0;
}

/* The number after `key` at the start of a line, or 0. */
static uint64_t number_of(const char *text, const char *key) {
  size_t length = strlen(key);
  for (const char *line = text; line; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, key, length) == 0 && line[length] == ' ') return strtoull(line + length, NULL, 10);
  }
  return 0;
}

uint64_t cgroup_cpu_us(void) {
  char text[1024];
  if (read_text(ROOT "cpu.stat", text, sizeof text) == 0) return number_of(text, "usage_usec");
  if (read_text(ROOT "cpuacct/cpuacct.usage", text, sizeof text) == 0 || read_text(ROOT "cpu,cpuacct/cpuacct.usage", text, sizeof text) == 0)
    return strtoull(text, NULL, 10) / 1000;
  return 0;
}

uint64_t cgroup_memory_bytes(void) {
  char text[8192];
  if (read_text(ROOT "memory.stat", text, sizeof text) == 0) return number_of(text, "anon") + number_of(text, "shmem");
  if (read_text(ROOT "memory/memory.stat", text, sizeof text) == 0) return number_of(text, "rss") + number_of(text, "shmem");
  return 0;
}

uint64_t cgroup_oom_kills(void) {
  char text[1024];
  if (read_text(ROOT "memory.events", text, sizeof text) == 0) return number_of(text, "oom_kill");
  if (read_text(ROOT "memory/memory.oom_control", text, sizeof text) == 0) return number_of(text, "oom_kill");
  return 0;
}

uint64_t cgroup_refused_forks(void) {
  char text[256];
  if (read_text(ROOT "pids.events", text, sizeof text) == 0 || read_text(ROOT "pids/pids.events", text, sizeof text) == 0)
    return number_of(text, "max");
  return 0;
}
