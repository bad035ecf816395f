// SPDX-License-Identifier: Apache-2.0
// Blocks of pairs, as differences of variable length.
#include "kube/mesh/chain/packed_pairs.h"

#include "kube/base/array.h"
#include "kube/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 1000, // bytes; with the head and the allocator's own some 1,024
    LONGEST = 10, // bytes of a pair
    MORE = 0x80,  // another byte follows
};

struct pair_block {
    uint64_t first; // not among the bytes
    uint32_t used;
    uint8_t bytes[BLOCK];
};

void packed_pairs_release(struct packed_pairs *p)
{
    for (size_t i = 0; i < p->nblocks; i++) {
        free(p->at[i]);
    }
    free(p->at);
    *p = (struct packed_pairs){0};
}

// --- writing

static void put_number(struct pair_block *b, uint64_t n)
{
    for (; n >= MORE; n >>= 7) {
        b->bytes[b->used++] = (uint8_t)(n | MORE);
    }
    b->bytes[b->used++] = (uint8_t)n;
}

static void append(struct packed_pairs *p, uint64_t last, uint64_t pair)
{
    struct pair_block *b = p->nblocks > 0 ? p->at[p->nblocks - 1] : NULL;
    p->n++;
    if (b == NULL || b->used > BLOCK - LONGEST) {
        b = xmalloc(sizeof *b);
        b->first = pair;
        b->used = 0;
        *ARRAY_PUSH(p->at, p->nblocks, p->cap) = b;
        return;
    }
    const uint64_t key = (pair >> 32) - (last >> 32);
    if (key == 0) {
        put_number(b, (pair - last) << 1 | 1);
    } else {
        put_number(b, key << 1);
        put_number(b, (uint32_t)pair);
    }
}

// --- reading

static uint64_t take_number(const struct pair_block *b, uint32_t *at)
{
    uint64_t n = 0;
    for (unsigned shift = 0;; shift += 7) {
        const uint8_t byte = b->bytes[(*at)++];
        n |= (uint64_t)(byte & ~MORE) << shift;
        if ((byte & MORE) == 0) {
            return n;
        }
    }
}

// The pair at a place of a block, which the place then is behind.
static uint64_t take_pair(const struct pair_block *b, uint32_t *at, uint64_t last)
{
    const uint64_t n = take_number(b, at);
    if ((n & 1) != 0) {
        return last + (n >> 1);
    }
    const uint64_t key = (last >> 32) + (n >> 1);
    return key << 32 | take_number(b, at);
}

#define AT_FIRST UINT32_MAX // before the first pair of a block

bool pair_reader_next(struct pair_reader *r, uint64_t *pair)
{
    if (r->block < r->pairs->nblocks && r->at != AT_FIRST &&
        r->at == r->pairs->at[r->block]->used) {
        r->block++;
        r->at = AT_FIRST;
    }
    if (r->block >= r->pairs->nblocks) {
        return false;
    }
    const struct pair_block *b = r->pairs->at[r->block];
    if (r->at == AT_FIRST) {
        r->last = b->first;
        r->at = 0;
    } else {
        r->last = take_pair(b, &r->at, r->last);
    }
    *pair = r->last;
    return true;
}

struct pair_reader packed_pairs_find(const struct packed_pairs *p, uint32_t key)
{
    const uint64_t wanted = (uint64_t)key << 32;
    size_t low = 0, high = p->nblocks; // the first block that begins at or behind it
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (p->at[mid]->first < wanted) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    struct pair_reader r = {.pairs = p, .block = low > 0 ? low - 1 : 0, .at = AT_FIRST};
    for (struct pair_reader next = r;
         pair_reader_next(&next, &(uint64_t){0}) && next.last < wanted;) {
        r = next;
    }
    return r;
}

// --- merging

void packed_pairs_merge(struct packed_pairs *p, const uint64_t *more, size_t n,
                        bool (*keep)(const void *self, uint32_t number), const void *self)
{
    struct packed_pairs to = {0};
    struct pair_reader old = {.pairs = p, .at = AT_FIRST};
    uint64_t pair, last = 0;
    size_t freed = 0, i = 0;
    bool left = pair_reader_next(&old, &pair);
    while (left || i < n) {
        const bool first = left && (i >= n || pair < more[i]);
        const uint64_t next = first ? pair : more[i];
        if (keep == NULL || keep(self, (uint32_t)next)) {
            append(&to, last, next);
            last = next;
        }
        if (!first) {
            i++;
            continue;
        }
        left = pair_reader_next(&old, &pair);
        for (; freed < old.block; freed++) { // what was read is written elsewhere
            free(p->at[freed]);
            p->at[freed] = NULL;
        }
    }
    packed_pairs_release(p);
    *p = to;
}
