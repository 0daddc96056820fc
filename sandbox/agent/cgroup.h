/*
 * What the kernel counts for this sandbox as a whole, read from inside: cgroup v1 and v2 alike.
 * A number that cannot be read is 0, so a host without one of the files loses that figure and nothing else.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdint.h>

uint64_t cgroup_cpu_us(void);

/* Memory of processes and of files in tmpfs, now; without the page cache, which belongs to whoever read a file first. */
uint64_t cgroup_memory_bytes(void);

/* How many processes the kernel has killed for memory. */
uint64_t cgroup_oom_kills(void);

/* How often a new process or thread was refused. */
uint64_t cgroup_refused_forks(void);

#endif
