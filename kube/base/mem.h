// SPDX-License-Identifier: Apache-2.0
// Heap memory: allocators that do not return NULL. Built on it: arenas (arena.h), growing arrays (array.h), text
// buffers (buf.h) and memory for tokens and keys (secret.h).
#ifndef GATETOP_BASE_MEM_H
#define GATETOP_BASE_MEM_H

#include "kube/base/attr.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// From now on a large block goes back to the system as soon as it is freed: later work needs much less memory than
// the first sync. Call it at the start of the program, before there are threads.
void mem_return_large_blocks(void);

// On the heap, to be freed by free(). As C's own functions, except that they never return NULL: lack of memory ends the
// program (fail_memory), and a request for 0 bytes gets a pointer, too. Sizes that come from the network are bounded
// before they get here.
void *xmalloc(size_t n) FREED_BY(free);
void *xcalloc(size_t count, size_t size) FREED_BY(free); // zeroed
// p with room for n bytes; it may have moved, and what is new is not zeroed. NULL is xmalloc. Not for secrets
// (secret.h).
void *xrealloc(void *p, size_t n) FREED_BY(free);
// xrealloc for count elements of size bytes; an overflow of the product ends the program, as lack of memory does.
void *xreallocarray(void *p, size_t count, size_t size) FREED_BY(free);
// A copy of a C string, which is not NULL.
char *xstrdup(const char *s) FREED_BY(free);
// Exactly n bytes, and a NUL. s may be NULL if n is 0.
char *xstrndup(const char *s, size_t n) FREED_BY(free);
// The text that printf would print.
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2) FREED_BY(free);

// count * size; an overflow ends the program, as lack of memory does.
size_t size_mul(size_t count, size_t size);
// a + b; an overflow ends the program, as lack of memory does.
size_t size_add(size_t a, size_t b);

// Takes const off: for memory of the caller's own, reached by a pointer that keeps others from changing it, as in
// free(unconst(spec.ns)), and for libraries that want a plain pointer and change nothing.
static inline void *unconst(const void *p)
{
    union {
        const void *with;
        void *without;
    } u = {.with = p};
    return u.without;
}

#endif
