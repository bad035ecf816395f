// SPDX-License-Identifier: Apache-2.0
// How much the program has done, counted without a clock: the same on every machine, at every load.
#ifndef GATETOP_TESTS_SUPPORT_WORK_COUNT_H
#define GATETOP_TESTS_SUPPORT_WORK_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether this build counts (VARIANT=count, `make growth`).
bool work_is_counted(void);
// The basic blocks of this project's own code that were passed since the start; 0 if the build does not count. The work
// of libraries is in proportion to it, except for the lengths of texts.
uint64_t work_count(void);
// What malloc has handed out, in bytes.
size_t work_bytes_held(void);

#endif
