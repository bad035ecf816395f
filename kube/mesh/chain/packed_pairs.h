// SPDX-License-Identifier: Apache-2.0
// A long sorted list of pairs of a key and a number, in some half of the eight bytes that each of them has.
//
// The pairs lie in blocks of a kilobyte, each by what it has more than the one before: a key that many numbers have
// takes two bytes for each of them.
#ifndef GATETOP_MESH_CHAIN_PACKED_PAIRS_H
#define GATETOP_MESH_CHAIN_PACKED_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zero at first.
struct packed_pairs {
    struct pair_block **at;
    size_t nblocks, cap;
    size_t n; // pairs
};

// Frees all; the list is then empty.
void packed_pairs_release(struct packed_pairs *p);
// Adds n pairs (the key in the upper half, the number in the lower), sorted and none of them in the list yet, and keeps
// only those, old and new, whose number `keep` accepts; NULL accepts all. Takes hardly more memory meanwhile.
void packed_pairs_merge(struct packed_pairs *p, const uint64_t *more, size_t n,
                        bool (*keep)(const void *self, uint32_t number), const void *self);

// Reads pairs in their order.
struct pair_reader {
    const struct packed_pairs *pairs;
    size_t block;
    uint32_t at; // in the block
    uint64_t last;
};
// Begins at the first pair of the key, or where it would be.
struct pair_reader packed_pairs_find(const struct packed_pairs *p, uint32_t key);
// The next pair; false at the end.
bool pair_reader_next(struct pair_reader *r, uint64_t *pair);

#endif
