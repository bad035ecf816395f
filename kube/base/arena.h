// SPDX-License-Identifier: Apache-2.0
// A bump allocator: everything goes at once.
#ifndef GATETOP_BASE_ARENA_H
#define GATETOP_BASE_ARENA_H

#include "kube/base/attr.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

// An arena belongs to one thread at a time. What it gives lives until arena_clear or arena_release. Growing lists live
// well in one: ARENA_PUSH of array.h. Out of memory ends the program (fail.h).
struct arena_block;
struct arena {
    struct arena_block *head; // current block; older ones follow it
    char *at, *end;           // the free part of it
    size_t total;             // bytes handed out since the last clear, padding included
    size_t first;             // bytes of the first block, 0 the usual
    bool secret;              // blocks are secret memory (secret.h)
};
// An empty arena, which has no memory yet.
void arena_init(struct arena *a);
// The same for one of thousands that live at a time: its first block has so many bytes, and each further one twice as
// many as the last.
void arena_init_small(struct arena *a, size_t first);
// For texts with tokens and keys in them: the blocks are secret memory, and wiped when they go.
void arena_init_secret(struct arena *a);
// An arena in one block of the caller's; an allocation past its end is a bug.
void arena_over(struct arena *a, void *block, size_t size);
// Frees everything; the arena is then as arena_init leaves it.
void arena_release(struct arena *a);
// Forgets everything but keeps the largest block, so that one frame after another costs no malloc.
void arena_clear(struct arena *a);

// Whether p points into memory that the arena took from the heap.
bool arena_has(const struct arena *a, const void *p);

// n zeroed bytes, aligned for any type of that size whose alignment is at most 8. If n is 0, the pointer is valid too.
void *arena_alloc(struct arena *a, size_t n) MUST_USE;
// The same for count elements of size bytes; an overflow of the product ends the program, as lack of memory does.
void *arena_calloc(struct arena *a, size_t count, size_t size) MUST_USE;
// A copy of a text; NULL gives NULL.
char *arena_strdup(struct arena *a, const char *s) MUST_USE;
// A copy of exactly n bytes, and a NUL. s may be NULL if n is 0.
char *arena_strndup(struct arena *a, const char *s, size_t n) MUST_USE;
// The texts one after the other; the list ends with NULL: arena_concat(a, ns, "/", name, NULL).
char *arena_concat(struct arena *a, const char *first, ...) __attribute__((sentinel)) MUST_USE;
// What printf() would print. Not for tokens and keys, whatever the arena is: printf leaves pieces on its stack
// (secret.h).
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_USE;
// The same with the arguments of a caller's "...".
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0) MUST_USE;

#endif
