// SPDX-License-Identifier: Apache-2.0
// Runs the program itself in a shell, for tests of what it prints and of its exit status.
#ifndef GATETOP_TESTS_SUPPORT_SHELL_H
#define GATETOP_TESTS_SUPPORT_SHELL_H

// Where a program of the build lies that this test belongs to ("gatetop", "apisim"): heap.
char *shell_built(const char *name);

// The program with its locale, as a shell has it: "LC_ALL=C.UTF-8 build/release/gatetop".
const char *shell_program(void);

// Runs `gatetop WORDS` with `where` after it (">file"); *said is what it wrote to standard error (heap), by way of
// DIR/err. Returns the exit status; a signal fails the test program.
int shell_run(const char *dir, const char *words, const char *where, char **said);

#endif
