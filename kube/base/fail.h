// SPDX-License-Identifier: Apache-2.0
// The two ways in which the program gives up: a bug of its own, and no memory.
//
// Everything that can go wrong outside of the program (the network, files, the user's input) is an error
// value (err.h) and never ends here. Both ways restore the terminal, write one line to standard error and
// abort, so that a crash handler, a sanitizer or a fuzzer sees the end. Any thread.
#ifndef GATETOP_BASE_FAIL_H
#define GATETOP_BASE_FAIL_H

#include "kube/base/attr.h"

// Sets what restores the terminal before the last line is written; NULL for nothing. It must be async-signal-safe,
// because another thread may be inside any function. Call it before the terminal is changed: if another thread is
// already ending the program, this does not return.
void fail_restore(void (*restore)(void));

// A broken invariant: BUG("a frame of depth %d has no parent", depth). Say what is broken, with the values
// that show how. The line reads "gatetop: BUG at kube/base/yaml.c:120: ...".
#define BUG(...) fail_bug(__FILE__, __LINE__, __VA_ARGS__)

// What the code relies on and its caller or its data structure promises. Always on, in releases too: keep it
// to what costs a compare. Never for input, and never with a side effect.
#define ASSERT(condition)                                                                          \
    ((condition) ? (void)0 : fail_bug(__FILE__, __LINE__, "'%s' does not hold", #condition))

_Noreturn __attribute__((cold)) void fail_bug(const char *file, int line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

// Out of memory, or a size that no memory can have (an overflow).
_Noreturn __attribute__((cold)) void fail_memory(void);

#endif
