// SPDX-License-Identifier: Apache-2.0
// Sets of mesh keys (mesh_key_*), folded to 32 bits: two keys may become one, which only costs work.
#ifndef GATETOP_MESH_CHAIN_KEY_SET_H
#define GATETOP_MESH_CHAIN_KEY_SET_H

#include <stddef.h>
#include <stdint.h>

// On the heap, zero at first. Keys are added in any order; sort before looking at them.
struct key_set {
    uint32_t *at;
    size_t n, cap;
};

// The key as it stands in a set.
static inline uint32_t key_fold(uint64_t key)
{
    return (uint32_t)(key ^ (key >> 32));
}

// Adds a key; the set is no longer sorted.
void key_set_add(struct key_set *s, uint64_t key);
// Sorts the keys and keeps one of each.
void key_set_sort(struct key_set *s);
// Forgets the keys and keeps the memory.
void key_set_clear(struct key_set *s);
// Frees the keys; the set is empty after it.
void key_set_release(struct key_set *s);

// The first key that two sorted arrays have in common, NULL where there is none. Costs the smaller count times the
// logarithm of the other.
const uint32_t *keys_common(const uint32_t *a, size_t na, const uint32_t *b, size_t nb);

#endif
