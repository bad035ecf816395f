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
    struct arena_block *head; // current block; older ones behind it
    char *at, *end;           // what is free of it
    size_t total;             // bytes handed out since the last clear, padding included
    bool secret;              // blocks are secret memory (secret.h)
};
// An empty arena, which has no memory yet.
void arena_init(struct arena *a);
// For texts with tokens and keys in them: the blocks are secret memory, and wiped when they go.
void arena_init_secret(struct arena *a);
// Over one block of the caller's: an allocation past its end is a bug.
void arena_over(struct arena *a, void *block, size_t size);
// Frees everything; the arena is then as arena_init leaves it.
void arena_release(struct arena *a);
// Forgets everything but keeps the largest block, so that a frame after a frame costs no malloc.
void arena_clear(struct arena *a);

// n zeroed bytes, aligned for every type that needs no more than 8 bytes. No bytes have a place, too.
void *arena_alloc(struct arena *a, size_t n);
// The same for count elements of size bytes; an overflow of the product ends as no memory does.
void *arena_calloc(struct arena *a, size_t count, size_t size);
// Texts.
char *arena_strdup(struct arena *a, const char *s);            // NULL gives NULL
char *arena_strndup(struct arena *a, const char *s, size_t n); // exactly n bytes, and a NUL
// Several texts after each other, the last argument being NULL: cheaper than arena_printf.
char *arena_concat(struct arena *a, ...) __attribute__((sentinel));
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

#endif
