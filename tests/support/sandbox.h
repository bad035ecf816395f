// SPDX-License-Identifier: Apache-2.0
// A sandbox in which the system refuses single calls, or holds them up. Linux (seccomp); these functions return false
// or -1 if the system cannot do it.
#ifndef GATETOP_TESTS_SANDBOX_H
#define GATETOP_TESTS_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

// Which calls: those with this number (__NR_...) whose argument of this index (from 0) is `value`, or, with `other`, is
// not. The lower 32 bits count.
struct sandbox_call {
    long number;
    unsigned index;
    uint32_t value;
    bool other;
};

// From here on this thread, and threads and processes that it starts, get EPERM from these calls.
bool sandbox_refuse(const struct sandbox_call *call);

// From here on these calls of threads that this one starts wait to be let go. Returns the descriptor for the two below.
int sandbox_hold(const struct sandbox_call *call);
// Waits until a call is held, and returns its number for sandbox_let_go; 0 if there is none.
uint64_t sandbox_held(int fd);
bool sandbox_let_go(int fd, uint64_t held);

#endif
