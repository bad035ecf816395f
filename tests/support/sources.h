// SPDX-License-Identifier: Apache-2.0
// The sources as text, and what is wrong with them: for tests that hold the tree to its rules, run from its root.
#ifndef GATETOP_TESTS_SUPPORT_SOURCES_H
#define GATETOP_TESTS_SUPPORT_SOURCES_H

#include "kube/base/attr.h"
#include "kube/base/buf.h"

#include <stddef.h>

// Gives every C file and header of kube, views and tui to `see`, and those of one more pattern (NULL: none), room by
// room in the order of their names. Path and text are borrowed for the call.
void sources_each(const char *more, void (*see)(void *self, const char *path, const char *text),
                  void *self);

// What is wrong, a line each.
struct report {
    struct buf text;
    size_t wrong, checked; // `checked` is for the test to count
};
void report_init(struct report *r);
void report_add(struct report *r, const char *path, int line, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
// Prints the lines and releases them; the test fails where there is one.
void report_end(struct report *r);

// The line of a text in which `at` is, from 1.
int line_of(const char *text, const char *at);

#endif
