#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* The files a run was given, so that they can be told from those it made. */
struct given {
  char **paths;
  size_t count;
  /* All of them were last changed then, unless the program changed one. */
  struct timespec at;
};

/*
 * Writes the files of a tar archive (ustar, with pax headers for long names) below the working directory, and notes them in `given` unless that is NULL.
 * Ends in `fault` when it cannot.
 */
void unpack(const uint8_t *archive, size_t length, struct given *given);

#endif
