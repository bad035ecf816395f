// SPDX-License-Identifier: Apache-2.0
// A text buffer that grows.
#include "kube/base/buf.h"

#include "kube/base/arena.h"
#include "kube/base/fail.h"
#include "kube/base/format.h"
#include "kube/base/mem.h"
#include "kube/base/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 64 };

// The text of every empty buffer. It is const, so that a write to it is noticed.
static const char empty[1];

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.data = unconst(empty), .max = max};
}

void buf_init_secret(struct buf *b, size_t max)
{
    buf_init(b, max);
    b->secret = true;
}

static void free_memory(const struct buf *b, char *p)
{
    if (b->secret) {
        secret_free(p);
    } else {
        free(p);
    }
}

static void forget(struct buf *b)
{
    b->data = unconst(empty);
    b->len = b->cap = 0;
    b->over = false;
}

void buf_release(struct buf *b)
{
    if (b->cap > 0) {
        free_memory(b, b->data);
    }
    forget(b);
}

void buf_truncate(struct buf *b, size_t len)
{
    ASSERT(len <= b->len);
    if (b->cap > 0) {
        if (b->secret) {
            secret_wipe(b->data + len, b->len - len);
        }
        b->data[len] = '\0';
    }
    b->len = len;
}

void buf_reset(struct buf *b)
{
    buf_truncate(b, 0);
    b->over = false;
}

static void grow(struct buf *b, size_t need)
{
    ASSERT(b->data != NULL); // buf_init
    size_t cap = b->cap < FIRST ? FIRST : b->cap;
    while (cap < need) {
        cap = size_mul(cap, 2);
    }
    if (b->secret) { // realloc would leave a copy behind
        char *more = secret_alloc(cap);
        memcpy(more, b->data, b->len);
        if (b->cap > 0) {
            secret_free(b->data);
        }
        b->data = more;
    } else {
        b->data = xrealloc(b->cap > 0 ? b->data : NULL, cap);
    }
    b->cap = cap;
}

static bool reserve(struct buf *b, size_t more)
{
    ASSERT(b->max == 0 || b->len <= b->max);
    if (b->over || (b->max != 0 && more > b->max - b->len)) {
        b->over = true;
        return false;
    }
    size_t need = size_add(size_add(b->len, more), 1);
    if (need > b->cap) {
        grow(b, need);
    }
    return true;
}

bool buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0) {
        return !b->over;
    }
    ASSERT((uintptr_t)bytes - (uintptr_t)b->data >= b->cap); // not its own text
    if (!reserve(b, n)) {
        return false;
    }
    memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
    return true;
}

bool buf_adds(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_addc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = format_text(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0) {
        fail_memory(); // more than INT_MAX bytes
    }
    if (!reserve(b, (size_t)n)) {
        return false;
    }
    (void)format_text(b->data + b->len, (size_t)n + 1, fmt, ap);
    b->len += (size_t)n;
    return true;
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    bool ok = buf_vaddf(b, fmt, ap);
    va_end(ap);
    return ok;
}

char *buf_take(struct buf *b)
{
    if (b->cap == 0) {
        grow(b, 1);
        b->data[0] = '\0';
    }
    char *p = b->data;
    forget(b);
    return p;
}

char *buf_take_arena(struct buf *b, struct arena *a)
{
    char *p = arena_strndup(a, b->data, b->len);
    buf_release(b);
    return p;
}
