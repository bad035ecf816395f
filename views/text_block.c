// SPDX-License-Identifier: Apache-2.0
// Blocks of lines that grow in an arena.
#include "views/text_block.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"

void block_init(struct text_block *b, struct arena *a)
{
    *b = (struct text_block){.arena = a};
}

void block_line(struct text_block *b)
{
    (void)ARENA_PUSH(b->arena, b->at, b->n, b->cap);
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
    *ARENA_PUSH(b->arena, l->at, l->n, l->cap) = (struct text_span){text, role};
}
