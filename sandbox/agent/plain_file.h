#ifndef PLAIN_FILE_H
#define PLAIN_FILE_H

#include <sys/stat.h>

/*
 * Opens for reading what a program may have put there: a regular file and nothing else. Never follows a last symbolic link, never waits for the
 * other end of a pipe, and never reads /proc, where the agent would be shown more of itself than the program is. Returns -1 where it is none.
 */
int open_plain_file(int folder, const char *path, struct stat *about);

#endif
