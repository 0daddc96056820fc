#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frames.h"

#define BLOCK 512
#define PATH_LIMIT 1024

/* Field offsets of a ustar header: POSIX.1-1988, section 10.1.1. */
enum { NAME = 0, NAME_SIZE = 100, SIZE = 124, SIZE_SIZE = 12, TYPE = 156, PREFIX = 345, PREFIX_SIZE = 155 };

static size_t octal(const uint8_t *field, size_t width) {
  size_t value = 0;
  for (size_t i = 0; i < width && field[i] >= '0' && field[i] <= '7'; i++) value = value * 8 + (field[i] - '0');
  return value;
}

/* The server has checked every path. Here it is checked again because this is where it would hurt. */
static int stays_inside(const char *path) {
  if (!*path || *path == '/') return 0;
  for (const char *segment = path; segment;) {
    const char *slash = strchr(segment, '/');
    size_t length = slash ? (size_t)(slash - segment) : strlen(segment);
    if (length == 0 || (length == 1 && segment[0] == '.') || (length == 2 && segment[0] == '.' && segment[1] == '.')) return 0;
    segment = slash ? slash + 1 : NULL;
  }
  return 1;
}

static void make_parents(char *path) {
  for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(path, 0755) < 0 && errno != EEXIST) fault("mkdir %s: %s", path, strerror(errno));
    *slash = '/';
  }
}

/* The kernel's own stamps are as coarse as its tick, so a file changed within the first one would look untouched: this one no later write can have. */
static void note(struct given *given, int fd, const char *path) {
  if (!given->count) clock_gettime(CLOCK_REALTIME, &given->at);
  futimens(fd, (struct timespec[]){given->at, given->at});
  char **more = realloc(given->paths, (given->count + 1) * sizeof *more);
  char *copy = strdup(path);
  if (!more || !copy) fault("no memory");
  given->paths = more;
  given->paths[given->count++] = copy;
}

static void write_file(char *path, const uint8_t *content, size_t length, struct given *given) {
  if (!stays_inside(path)) fault("a file's path leaves the workspace");
  make_parents(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) fault("open %s: %s", path, strerror(errno));
  for (size_t done = 0; done < length;) {
    ssize_t wrote = write(fd, content + done, length - done);
    if (wrote < 0) fault("write %s: %s", path, strerror(errno));
    done += (size_t)wrote;
  }
  if (given) note(given, fd, path);
  close(fd);
}

/* A pax header is lines of "<length> <key>=<value>\n"; only `path` matters here. */
static void pax_path(const uint8_t *records, size_t length, char *path) {
  size_t at = 0;
  while (at < length) {
    char *rest;
    unsigned long size = strtoul((const char *)records + at, &rest, 10);
    size_t digits = (size_t)((const uint8_t *)rest - (records + at));
    if (size == 0 || size > length - at || *rest != ' ' || digits + 2 > size) fault("a pax header is damaged");
    const char *record = rest + 1;
    size_t record_length = size - digits - 2;
    if (record_length > 5 && memcmp(record, "path=", 5) == 0) {
      if (record_length - 5 >= PATH_LIMIT) fault("a file's path is too long");
      memcpy(path, record + 5, record_length - 5);
      path[record_length - 5] = 0;
    }
    at += size;
  }
}

void unpack(const uint8_t *archive, size_t length, struct given *given) {
  char long_path[PATH_LIMIT] = "";
  for (size_t at = 0; at + BLOCK <= length;) {
    const uint8_t *header = archive + at;
    if (header[0] == 0) return; /* the archive ends with empty blocks */
    size_t size = octal(header + SIZE, SIZE_SIZE);
    if (size > length - at - BLOCK) fault("the archive is cut off");
    const uint8_t *content = header + BLOCK;
    char type = (char)header[TYPE];
    if (type == 'x') {
      pax_path(content, size, long_path);
    } else if (type == '0' || type == 0) {
      char path[PATH_LIMIT];
      if (*long_path) {
        strcpy(path, long_path);
      } else if (header[PREFIX]) {
        snprintf(path, sizeof path, "%.*s/%.*s", PREFIX_SIZE, header + PREFIX, NAME_SIZE, header + NAME);
      } else {
        snprintf(path, sizeof path, "%.*s", NAME_SIZE, header + NAME);
      }
      write_file(path, content, size, given);
      *long_path = 0;
    } else {
      fault("the archive holds something that is no file (type %d)", type);
    }
    at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
  }
}
