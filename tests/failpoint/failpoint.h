// SPDX-License-Identifier: Apache-2.0
// What the library failpoint.so and whoever loads it into a program share: calls that can fail, counted.
//
// Loaded by LD_PRELOAD, it lets one call of the program and of its libraries fail as the system may let it fail: the
// call of a kind (FAILPOINT=read) with a number (FAILPOINT_AT=7, from 1; 0 only counts). FAILPOINT_SHARED names a file
// of the size of struct failpoint_shared that is mapped; FAILPOINT_TRACE a file that gets the stack of the call that
// failed.
#ifndef GATETOP_TESTS_FAILPOINT_H
#define GATETOP_TESTS_FAILPOINT_H

#include <stdatomic.h>

enum failpoint_kind {
    FAIL_MEMORY, // malloc, calloc, realloc, posix_memalign, mmap
    FAIL_READ,   // read, recv, and from a FILE
    FAIL_WRITE,  // write, send
    FAIL_POLL,
    FAIL_OPEN, // open, fopen, opendir, mkstemp
    FAIL_PIPE, // and socketpair
    FAIL_SOCKET,
    FAIL_CONNECT,
    FAIL_THREAD, // pthread_create
    FAIL_FCNTL,
    FAILPOINT_KINDS
};

#define FAILPOINT_NAMES                                                                            \
    {                                                                                              \
        "memory", "read", "write", "poll", "open", "pipe", "socket", "connect", "thread", "fcntl"  \
    }

enum { FAILPOINT_STACKS = 16384 };

struct failpoint_shared {
    atomic_int failed; // whether the call came
    atomic_long calls[FAILPOINT_KINDS];
    // With FAILPOINT_AT=0: the numbers of the calls that came first by their stack. A call that comes a hundred times
    // in the same way fails in the same way.
    atomic_long stacks[FAILPOINT_KINDS];
    long first[FAILPOINT_KINDS][FAILPOINT_STACKS];
};

#endif
