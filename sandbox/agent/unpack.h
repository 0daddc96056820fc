#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>
#include <stdint.h>

/* Writes the files of a tar archive (ustar, with pax headers for long names) below the working directory. Ends in `fault` when it cannot. */
void unpack(const uint8_t *archive, size_t length);

#endif
