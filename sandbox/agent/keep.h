/* The files a run leaves behind that somebody asked for. */
#ifndef KEEP_H
#define KEEP_H

#include <stdint.h>

#include "unpack.h"

struct keep {
  /* Globs below the working directory: `*` and `?` within a name, `**` over any number of folders. */
  char **patterns;
  uint32_t files, file_bytes, total_bytes;
  /* The test framework's report, or "". */
  const char *report;
  uint32_t report_bytes;
  struct given given;
};

/* Sends them, and FRAME_KEPT. To be called when no process is left that could change them meanwhile. */
void keep_send(const struct keep *keep);

#endif
