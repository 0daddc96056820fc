#include "keep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frames.h"
#include "plain_file.h"

/* As they travel; sandbox/frames.ts names them. */
enum kind { ARTIFACT, REPORT };
enum reason { TOO_LARGE, TOO_MANY, TOO_MUCH, UNREADABLE, PATH_TOO_LONG, AND_MORE };

#define CHUNK (64u << 10)
/* The longest path a run may have, and so the deepest: a folder and its slash are two bytes. */
#define PATH_MAX_BYTES 200
#define DEPTH_MAX (PATH_MAX_BYTES / 2)
/* So many files are named that were not kept; then it is only said that there are more. */
#define NOTES_MAX 16

struct sending {
  const struct keep *keep;
  char path[PATH_MAX_BYTES + 256];
  uint32_t files, bytes;
  int notes;
};

/* One name against one segment of a pattern, the first `name_length` and `pattern_length` bytes. `?` is one character, not one byte. */
static int name_matches(const char *pattern, size_t pattern_length, const char *name, size_t name_length) {
  size_t at = 0, in = 0, star = SIZE_MAX, star_at = 0;
  while (at < name_length) {
    if (in < pattern_length && pattern[in] == '*') {
      star = in++;
      star_at = at;
    } else if (in < pattern_length && pattern[in] == '?') {
      in++;
      at++;
      while (at < name_length && ((unsigned char)name[at] & 0xc0) == 0x80) at++;
    } else if (in < pattern_length && pattern[in] == name[at]) {
      in++;
      at++;
    } else if (star != SIZE_MAX) {
      in = star + 1;
      at = ++star_at;
    } else {
      return 0;
    }
  }
  while (in < pattern_length && pattern[in] == '*') in++;
  return in == pattern_length;
}

/* Goes through the pattern once, and keeps of every number of the path's segments whether it can have been used up: no pattern takes long. */
static int matches(const char *pattern, const char *path) {
  const char *segments[DEPTH_MAX + 2];
  size_t count = 0;
  for (const char *segment = path; segment && count <= DEPTH_MAX; segment = strchr(segment, '/') ? strchr(segment, '/') + 1 : NULL)
    segments[count++] = segment;
  unsigned char used[DEPTH_MAX + 2] = {1};
  while (*pattern) {
    size_t length = strcspn(pattern, "/");
    int any_folders = length == 2 && memcmp(pattern, "**", 2) == 0, nothing = length == 0 || (length == 1 && *pattern == '.');
    for (size_t i = count; any_folders && i > 0; i--) {
      for (size_t j = 0; j < i && !used[i]; j++) used[i] = used[j];
    }
    for (size_t i = count; !any_folders && !nothing && i > 0; i--)
      used[i] = used[i - 1] && name_matches(pattern, length, segments[i - 1], strcspn(segments[i - 1], "/"));
    if (!any_folders && !nothing) used[0] = 0;
    pattern += length + (pattern[length] == '/');
  }
  return used[count];
}

static int is_wanted(const struct keep *keep, const char *path) {
  for (char **pattern = keep->patterns; pattern && *pattern; pattern++)
    if (matches(*pattern, path)) return 1;
  return 0;
}

static int is_as_given(const struct keep *keep, const char *path, const struct stat *about) {
  const struct given *given = &keep->given;
  if (about->st_mtim.tv_sec != given->at.tv_sec || about->st_mtim.tv_nsec != given->at.tv_nsec) return 0;
  for (size_t i = 0; i < given->count; i++)
    if (strcmp(given->paths[i], path) == 0) return 1;
  return 0;
}

static void say(uint8_t type, const uint8_t *head, size_t head_length, const char *path) {
  uint8_t payload[16 + PATH_MAX_BYTES];
  size_t length = strlen(path);
  if (length > PATH_MAX_BYTES) length = PATH_MAX_BYTES;
  memcpy(payload, head, head_length);
  memcpy(payload + head_length, path, length);
  frame_write(type, payload, (uint32_t)(head_length + length));
}

static void not_kept(struct sending *sending, enum reason reason) {
  if (sending->notes > NOTES_MAX) return;
  if (sending->notes++ == NOTES_MAX) reason = AND_MORE;
  say(FRAME_NOT_KEPT, (uint8_t[]){(uint8_t)reason}, 1, sending->path);
}

static void send_file(int fd, enum kind kind, const char *path, uint64_t size) {
  static uint8_t bytes[CHUNK];
  uint8_t head[9] = {(uint8_t)kind};
  write_u64(head + 1, size);
  say(FRAME_FILE, head, sizeof head, path);
  for (uint64_t left = size; left > 0;) {
    ssize_t got = read(fd, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);
    if (got <= 0) fault("a file became shorter while it was read");
    frame_write(FRAME_CHUNK, bytes, (uint32_t)got);
    left -= (uint64_t)got;
  }
}

/* `name` in `folder` is `sending->path`, which somebody wants. */
static void consider(struct sending *sending, int folder, const char *name) {
  const struct keep *keep = sending->keep;
  if (strlen(sending->path) > PATH_MAX_BYTES) return not_kept(sending, PATH_TOO_LONG);
  struct stat about;
  int fd = open_plain_file(folder, name, &about);
  if (fd < 0) return not_kept(sending, UNREADABLE);
  uint64_t size = (uint64_t)about.st_size;
  if (is_as_given(keep, sending->path, &about)) {
    /* Whoever asks has it. */
  } else if (sending->files >= keep->files) {
    not_kept(sending, TOO_MANY);
  } else if (size > keep->file_bytes) {
    not_kept(sending, TOO_LARGE);
  } else if (size > keep->total_bytes - sending->bytes) {
    not_kept(sending, TOO_MUCH);
  } else {
    sending->files++;
    sending->bytes += (uint32_t)size;
    send_file(fd, ARTIFACT, sending->path, size);
  }
  close(fd);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder in an order that is the same every time, NULL at the end; the file system has its own. */
static char **names_in(int folder) {
  int again = fcntl(folder, F_DUPFD_CLOEXEC, 0);
  DIR *listing = again < 0 ? NULL : fdopendir(again);
  if (!listing) return NULL;
  size_t count = 0, capacity = 64;
  char **names = malloc(capacity * sizeof *names);
  for (struct dirent *entry; names && (entry = readdir(listing));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (count + 1 == capacity) names = realloc(names, (capacity *= 2) * sizeof *names);
    if (names && !(names[count++] = strdup(entry->d_name))) names = NULL;
  }
  if (!names) fault("no memory for the names of the files");
  closedir(listing);
  qsort(names, count, sizeof *names, by_name);
  names[count] = NULL;
  return names;
}

/* `length` bytes of `sending->path` are this folder, with its slash. Symbolic links are never followed: they are files that cannot be read. */
static void walk(struct sending *sending, int folder, size_t length, int depth) {
  char **names = names_in(folder);
  for (char **name = names; name && *name; free(*name++)) {
    struct stat about;
    if (strlen(*name) > sizeof sending->path - length - 2 || fstatat(folder, *name, &about, AT_SYMLINK_NOFOLLOW) < 0) continue;
    strcpy(sending->path + length, *name);
    if (!S_ISDIR(about.st_mode)) {
      if (is_wanted(sending->keep, sending->path)) consider(sending, folder, *name);
      continue;
    }
    size_t inner = length + strlen(*name) + 1;
    if (depth >= DEPTH_MAX || inner > PATH_MAX_BYTES) continue;
    int below = openat(folder, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0) continue;
    strcpy(sending->path + inner - 1, "/");
    walk(sending, below, inner, depth + 1);
    close(below);
  }
  free(names);
}

void keep_send(const struct keep *keep) {
  if (*keep->report) {
    struct stat about;
    int fd = open_plain_file(AT_FDCWD, keep->report, &about);
    if (fd >= 0 && (uint64_t)about.st_size <= keep->report_bytes) send_file(fd, REPORT, "report", (uint64_t)about.st_size);
    if (fd >= 0) close(fd);
  }
  if (keep->patterns && *keep->patterns) {
    struct sending sending = {.keep = keep};
    int top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0) fault("the workspace cannot be read");
    walk(&sending, top, 0, 0);
    close(top);
  }
  frame_write(FRAME_KEPT, "", 0);
}
