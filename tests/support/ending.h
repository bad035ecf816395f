// SPDX-License-Identifier: Apache-2.0
// What a program says when it ends itself by abort().
#ifndef GATETOP_TESTS_ENDING_H
#define GATETOP_TESTS_ENDING_H

#include <stddef.h>

// Runs f(arg) in a child process; the bytes that it wrote to standard error go into out, as a C string. Returns
// the status of waitpid().
int run_apart(void (*f)(void *arg), void *arg, char *out, size_t size);

// f(arg) must end by SIGABRT, with `says` somewhere in what it writes to standard error.
void assert_ends(void (*f)(void *arg), void *arg, const char *says);

#endif
