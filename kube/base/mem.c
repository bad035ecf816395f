// SPDX-License-Identifier: Apache-2.0
// Memory: allocators, arenas, buffers.
#include "kube/base/mem.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t size_mul(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        fail_memory();
    }
    return count * size;
}

size_t size_add(size_t a, size_t b)
{
    if (a > SIZE_MAX - b) {
        fail_memory();
    }
    return a + b;
}

void *xmalloc(size_t n)
{
    void *p = malloc(n != 0 ? n : 1);
    if (p == NULL) {
        fail_memory();
    }
    return p;
}

void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n != 0 ? n : 1, size != 0 ? size : 1);
    if (p == NULL) {
        fail_memory();
    }
    return p;
}

void *xreallocarray(void *old, size_t count, size_t size)
{
    return xrealloc(old, size_mul(count, size));
}

void *xrealloc(void *old, size_t n)
{
    void *p = realloc(old, n != 0 ? n : 1);
    if (p == NULL) {
        fail_memory();
    }
    return p;
}

char *xstrndup(const char *s, size_t n)
{
    char *p = xmalloc(n + 1);
    memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

char *xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

char *xasprintf(const char *fmt, ...)
{
    struct buf b;
    buf_init(&b, 0);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    return buf_take(&b);
}

// --- arena

enum { ARENA_BLOCK = 16 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size; // of data
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *a)
{
    memset(a, 0, sizeof *a);
}

void arena_release(struct arena *a)
{
    while (a->head != NULL) {
        struct arena_block *next = a->head->next;
        free(a->head);
        a->head = next;
    }
    arena_init(a);
}

void arena_clear(struct arena *a)
{
    struct arena_block *keep = NULL;
    while (a->head != NULL) {
        struct arena_block *b = a->head;
        a->head = b->next;
        if (keep == NULL || b->size > keep->size) {
            free(keep);
            keep = b;
        } else {
            free(b);
        }
    }
    arena_init(a);
    if (keep != NULL) {
        keep->next = NULL;
        a->head = keep;
        a->at = keep->data;
        a->end = keep->data + keep->size;
    }
}

static void grow(struct arena *a, size_t need)
{
    if (a->head == NULL && a->end != NULL) {
        BUG("an arena over a block of the caller's is full: %zu bytes more", need);
    }
    size_t size = a->head == NULL ? ARENA_BLOCK : a->head->size * 2;
    if (size > 1024 * 1024) {
        size = 1024 * 1024;
    }
    if (size < need) {
        size = need;
    }
    struct arena_block *b = xmalloc(sizeof *b + size);
    b->size = size;
    b->next = a->head;
    a->head = b;
    a->at = b->data;
    a->end = b->data + size;
}

static void *take(struct arena *a, size_t n, size_t align)
{
    size_t pad = (align - (uintptr_t)a->at % align) % align;
    if ((size_t)(a->end - a->at) < n + pad) {
        grow(a, n + align);
        pad = (align - (uintptr_t)a->at % align) % align;
    }
    char *p = a->at + pad;
    a->at = p + n;
    a->total += n + pad;
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    void *p = take(a, n, n >= 8 ? 8 : (n >= 4 ? 4 : 1));
    memset(p, 0, n);
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = take(a, n + 1, 1);
    memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s == NULL ? NULL : arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    size_t len = n > 0 ? (size_t)n : 0;
    char *p = take(a, len + 1, 1);
    p[0] = '\0';
    vsnprintf(p, len + 1, fmt, again);
    va_end(again);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}

void arena_over(struct arena *a, void *block, size_t size)
{
    memset(a, 0, sizeof *a);
    a->at = block;
    a->end = (char *)block + size;
}

// --- buf

void buf_init(struct buf *b, size_t max)
{
    memset(b, 0, sizeof *b);
    b->max = max;
}

void buf_release(struct buf *b)
{
    free(b->data);
    buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->over = false;
    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}

static bool reserve(struct buf *b, size_t more)
{
    if (b->over || (b->max != 0 && more > b->max - b->len)) {
        b->over = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need > b->cap) {
        size_t cap = b->cap < 64 ? 64 : b->cap;
        while (cap < need) {
            cap *= 2;
        }
        b->data = xrealloc(b->data, cap);
        b->cap = cap;
    }
    return true;
}

bool buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (!reserve(b, n)) {
        return false;
    }
    if (n != 0) {
        memcpy(b->data + b->len, bytes, n);
    }
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
    va_list ap2;
    va_copy(ap2, ap);
    int n = vsnprintf(NULL, 0, fmt, ap2);
    va_end(ap2);
    if (n < 0 || !reserve(b, (size_t)n)) {
        return false;
    }
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
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
    char *p = b->data != NULL ? b->data : xstrdup("");
    b->data = NULL;
    b->len = b->cap = 0;
    b->over = false;
    return p;
}
