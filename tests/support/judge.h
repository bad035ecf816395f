// SPDX-License-Identifier: Apache-2.0
// The reduced public reports (tests/fixtures/corpus/reports), judged by judge_cases.py: the program's answers by facts.
#ifndef GATETOP_TESTS_SUPPORT_JUDGE_H
#define GATETOP_TESTS_SUPPORT_JUDGE_H

#include <stddef.h>

// Runs all cases of a table ("certs.json") over the inputs of a folder ("certs"). Fails the test where a case fails that
// is not among `open`, or where one of `open` passes or is no case: that list only ever shrinks.
void judge_cases(const char *table, const char *folder, const char *const *open, size_t nopen);

#endif
