// SPDX-License-Identifier: Apache-2.0
// What POSIX does not have, and each system has in its own way.
#ifndef GATETOP_BASE_OS_H
#define GATETOP_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>

struct err;

// From here on only the superuser can read this process's memory: core dumps are off, and on Linux the process is not
// "dumpable", which refuses ptrace and /proc/PID/mem, maps and environ to others of the same user. A program that is
// started from here is not affected, except that it inherits the soft limit of core files. In a build with sanitizers
// only core dumps are refused: LeakSanitizer uses ptrace. False if the system refuses a part of it (a sandbox
// may); *err says which.
bool os_hide_memory(struct err *err);

// Whole pages with n zeroed bytes, kept out of core dumps, and of swap as far as the limit of locked memory
// (ulimit -l) goes; NULL if there is no memory. With sanitizers they come from the heap, so that overruns and
// leaks are seen.
void *os_pages(size_t n);
// Gives them back; n as it was asked for. It wipes nothing, and p is not NULL.
void os_free_pages(void *p, size_t n);

// The bytes that malloc() gave for p, which may be more than it was asked for.
size_t os_heap_size(void *p);

#endif
