// SPDX-License-Identifier: Apache-2.0
// A bump allocator.
#include "kube/base/arena.h"

#include "kube/base/fail.h"
#include "kube/base/format.h"
#include "kube/base/mem.h"
#include "kube/base/secret.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 16 * 1024, LARGEST_BLOCK = 1024 * 1024 }; // except for a larger allocation

struct arena_block {
    struct arena_block *next;
    size_t size; // of data
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *a)
{
    memset(a, 0, sizeof *a);
}

void arena_init_small(struct arena *a, size_t first)
{
    arena_init(a);
    a->first = first;
}

void arena_init_secret(struct arena *a)
{
    arena_init(a);
    a->secret = true;
}

void arena_over(struct arena *a, void *block, size_t size)
{
    arena_init(a);
    a->at = block;
    a->end = (char *)block + size;
}

static void free_block(const struct arena *a, struct arena_block *b)
{
    if (a->secret) {
        secret_free(b);
    } else {
        free(b);
    }
}

static void restart(struct arena *a, struct arena_block *b)
{
    const bool secret = a->secret;
    const size_t first = a->first;
    arena_init(a);
    a->secret = secret;
    a->first = first;
    if (b != NULL) {
        b->next = NULL;
        a->head = b;
        a->at = b->data;
        a->end = b->data + b->size;
    }
}

void arena_release(struct arena *a)
{
    while (a->head != NULL) {
        struct arena_block *next = a->head->next;
        free_block(a, a->head);
        a->head = next;
    }
    restart(a, NULL);
}

void arena_clear(struct arena *a)
{
    ASSERT(a->head != NULL || a->end == NULL); // one over a block of the caller's
    struct arena_block *keep = NULL;
    while (a->head != NULL) {
        struct arena_block *b = a->head;
        a->head = b->next;
        if (keep == NULL || b->size > keep->size) {
            if (keep != NULL) {
                free_block(a, keep);
            }
            keep = b;
        } else {
            free_block(a, b);
        }
    }
    if (keep != NULL && a->secret) {
        secret_wipe(keep->data, keep->size);
    }
    restart(a, keep);
}

static void grow(struct arena *a, size_t need)
{
    if (a->head == NULL && a->end != NULL) {
        BUG("an arena over a block of the caller's is full: %zu bytes more", need);
    }
    size_t first = a->first != 0 ? a->first : FIRST_BLOCK;
    size_t size = a->head == NULL ? first : a->head->size * 2;
    if (size > LARGEST_BLOCK) {
        size = LARGEST_BLOCK;
    }
    if (size < need) {
        size = need;
    }
    size_t whole = size_add(sizeof(struct arena_block), size);
    struct arena_block *b = a->secret ? secret_alloc(whole) : xmalloc(whole);
    b->size = size;
    b->next = a->head;
    a->head = b;
    a->at = b->data;
    a->end = b->data + size;
}

// align: a power of two.
static size_t padding(const struct arena *a, size_t align)
{
    return -(uintptr_t)a->at & (align - 1);
}

static void *take(struct arena *a, size_t n, size_t align)
{
    ASSERT(a->at <= a->end);
    size_t pad = padding(a, align);
    if (a->at == NULL || (size_t)(a->end - a->at) < size_add(n, pad)) {
        grow(a, size_add(n, align));
        pad = padding(a, align);
    }
    char *p = a->at + pad;
    a->at = p + n;
    a->total += n + pad;
    return p;
}

bool arena_has(const struct arena *a, const void *p)
{
    const uintptr_t at = (uintptr_t)p;
    for (const struct arena_block *b = a->head; b != NULL; b = b->next) {
        if (at >= (uintptr_t)b->data && at < (uintptr_t)b->data + b->size) {
            return true;
        }
    }
    return false;
}

void *arena_alloc(struct arena *a, size_t n)
{
    void *p = take(a, n, n >= 8 ? 8 : (n >= 4 ? 4 : (n >= 2 ? 2 : 1)));
    memset(p, 0, n);
    return p;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
    return arena_alloc(a, size_mul(count, size));
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = take(a, size_add(n, 1), 1);
    if (n > 0) {
        memcpy(p, s, n);
    }
    p[n] = '\0';
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s == NULL ? NULL : arena_strndup(a, s, strlen(s));
}

char *arena_concat(struct arena *a, const char *first, ...)
{
    va_list ap;
    size_t n = 0;
    va_start(ap, first);
    for (const char *s = first; s != NULL; s = va_arg(ap, const char *)) {
        n = size_add(n, strlen(s));
    }
    va_end(ap);
    char *text = take(a, size_add(n, 1), 1), *end = text;
    va_start(ap, first);
    for (const char *s = first; s != NULL; s = va_arg(ap, const char *)) {
        size_t part = strlen(s);
        memcpy(end, s, part);
        end += part;
    }
    va_end(ap);
    *end = '\0';
    return text;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    const size_t room = a->end != NULL ? (size_t)(a->end - a->at) : 0;
    int n = format_text(a->at, room, fmt, ap);
    if (n < 0) {
        fail_memory(); // more than INT_MAX bytes
    }
    char *p = take(a, (size_t)n + 1, 1);
    if ((size_t)n >= room) { // it did not fit, and the arena has grown
        (void)format_text(p, (size_t)n + 1, fmt, again);
    }
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
