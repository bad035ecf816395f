// SPDX-License-Identifier: Apache-2.0
// Memory: allocators that do not return NULL, arenas, and growing buffers with a cap.
#ifndef GATETOP_BASE_MEM_H
#define GATETOP_BASE_MEM_H

#include "kube/base/err.h"
#include "kube/base/fail.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

// Out of memory ends the program (fail_memory). Sizes that come from the network are bounded before they get
// here.
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
void *xreallocarray(void *p, size_t count,
                    size_t size); // count elements of size bytes; checks the product
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
// count * size and a + b; an overflow ends as no memory does.
size_t size_mul(size_t count, size_t size);
size_t size_add(size_t a, size_t b);

// A bump allocator: everything goes at once. Memory is aligned for any type and zeroed.
struct arena_block;
struct arena {
    struct arena_block *head; // current block; older ones behind it
    char *at, *end;
    size_t total; // bytes handed out since the last clear, padding included
};
void arena_init(struct arena *a);
void arena_release(struct arena *a);
// Forgets everything but keeps the largest block, so that a frame after a frame costs no malloc.
void arena_clear(struct arena *a);
void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s); // NULL gives NULL
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
// An arena over one caller-owned block: allocation past its end is a bug.
void arena_over(struct arena *a, void *block, size_t size);

// A growing byte buffer, always NUL-terminated when data is not NULL. max is the cap in bytes given at
// init (0: none, for text of our own making); past it `over` is set and further bytes are dropped.
struct buf {
    char *data;
    size_t len, cap, max;
    bool over;
};
void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
void buf_reset(struct buf *b);                            // len 0, keeps the memory
bool buf_add(struct buf *b, const void *bytes, size_t n); // false when over the cap
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
// Returns the text (heap, never NULL) and leaves the buffer empty.
char *buf_take(struct buf *b);

#endif
