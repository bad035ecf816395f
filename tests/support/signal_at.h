// SPDX-License-Identifier: Apache-2.0
// Sends a program a signal at a chosen system call. Linux (ptrace).
#ifndef GATETOP_TESTS_SUPPORT_SIGNAL_AT_H
#define GATETOP_TESTS_SUPPORT_SIGNAL_AT_H

#include <stdbool.h>

// Whether the system lets a process trace its child.
bool signal_at_works(void);

// Runs a program, and sends it the signal when its main thread begins its system call of this number, from 1. This
// process stands for it: it has its standard streams, stops when it stops, and the result is its exit status, 128 + N
// where signal N ended it.
int signal_at(long call, int sig, char *const *argv);

#endif
