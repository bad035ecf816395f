// SPDX-License-Identifier: Apache-2.0
// A text buffer that grows. Its text is never NULL, and always ends with a NUL.
#ifndef GATETOP_BASE_BUF_H
#define GATETOP_BASE_BUF_H

#include "kube/base/attr.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

// From buf_init on `data` can be read as a C string at any time: "" if nothing was added. A buffer of zeroes has not
// been through buf_init: to add to it is a bug. Only buf_* write to the fields and to the bytes of an empty buffer;
// bytes below len may be changed in place. What was added may hold NULs: then len counts.
//
// max is the cap in bytes that buf_init was given (0: none, for text of our own making). Text that would exceed it is
// dropped whole, and so is everything after it: `over` is set and every buf_add* gives false until buf_reset. A buffer
// that a server, a file or a program fills has a cap. Several buf_add* may be checked at their end by `over`.
struct buf {
    char *data;
    size_t len, cap, max; // cap: bytes at data, 0 while there is none of its own
    bool over;
    bool secret; // its memory is secret (secret.h)
};
// An empty buffer, which has no memory yet.
void buf_init(struct buf *b, size_t max);
// For tokens and keys: the memory is secret, wiped when the buffer grows, is truncated, reset or released.
void buf_init_secret(struct buf *b, size_t max);
void buf_release(struct buf *b);              // frees; ready for use again, with the same max
void buf_reset(struct buf *b);                // len 0, not over; keeps the memory
void buf_truncate(struct buf *b, size_t len); // to at most what there is

// These append; false if that exceeds the cap. Never add the buffer's own text: it may move.
//
// n bytes; NULL is fine where n is 0.
bool buf_add(struct buf *b, const void *bytes, size_t n);
// A C string.
bool buf_adds(struct buf *b, const char *s);
// One byte.
bool buf_addc(struct buf *b, char c);
// What printf() would print. Not for tokens and keys, even where the buffer is secret: printf leaves pieces on its
// stack.
bool buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
// The same with the arguments of a caller's "...".
bool buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

// Returns the text and leaves the buffer empty. The caller frees it: free(), secret_free() where the buffer is
// secret.
char *buf_take(struct buf *b) MUST_USE;
// The same, in the arena.
char *buf_take_arena(struct buf *b, struct arena *a) MUST_USE;

#endif
