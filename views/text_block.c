// SPDX-License-Identifier: Apache-2.0
// Blocks of lines that grow in an arena.
#include "views/text_block.h"

#include <string.h>

void block_init(struct text_block *b, struct arena *a)
{
    memset(b, 0, sizeof *b);
    b->arena = a;
}

// Room for one more in a list that lives in an arena.
static void *grow(struct arena *a, void *at, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap) {
        return at;
    }
    *cap = *cap == 0 ? 4 : *cap * 2;
    void *more = arena_alloc(a, *cap * size);
    if (n != 0) {
        memcpy(more, at, n * size);
    }
    return more;
}

void block_line(struct text_block *b)
{
    b->at = grow(b->arena, b->at, b->n, &b->cap, sizeof *b->at);
    memset(&b->at[b->n++], 0, sizeof *b->at);
}

void block_put(struct text_block *b, enum role role, const char *fmt, ...)
{
    if (b->n == 0) {
        block_line(b);
    }
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    struct text_line *l = &b->at[b->n - 1];
    l->at = grow(b->arena, l->at, l->n, &l->cap, sizeof *l->at);
    l->at[l->n++] = (struct text_span){text, role};
}
