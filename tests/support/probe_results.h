// SPDX-License-Identifier: Apache-2.0
// What a prober hands over, gathered for a test: one list for the program.
#ifndef GATETOP_TESTS_SUPPORT_PROBE_RESULTS_H
#define GATETOP_TESTS_SUPPORT_PROBE_RESULTS_H

#include "kube/store/probe_result.h"

#include <stddef.h>

// The `result` of a prober's options (self is not used): keeps the result. Any thread.
void probe_results_take(void *self, const struct probe_result *r);
// Waits until there are n results; fails after 20 s.
void probe_results_wait(size_t n);
// How many there are, and how many of this name.
size_t probe_results_count(void);
size_t probe_results_named(const char *name);
// The result at i, and the first of this kind and name: the test fails where there is none. Borrowed.
const struct probe_result *probe_results_at(size_t i);
const struct probe_result *probe_results_of(enum probe_kind k, const char *name);
// A teardown: frees all of them. The prober has stopped.
int probe_results_release(void **state);

#endif
