// SPDX-License-Identifier: Apache-2.0
// Which owners and answers depend on a mesh key (mesh_key_*), found without looking at all of them.
//
// Keys are folded to 32 bits: two may become one, which only costs work. An entry may stay behind when its owner has
// dropped it, which only costs work, too.
#ifndef GATETOP_MESH_CHAIN_DEPENDENTS_H
#define GATETOP_MESH_CHAIN_DEPENDENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dependents;

// No dependencies yet.
struct dependents *dependents_new(void);
// NULL is fine.
void dependents_free(struct dependents *d);

// A key as it is kept here.
uint32_t dependents_key(uint64_t key);
// A new number, which depends on nothing.
uint32_t dependents_add(struct dependents *d);
// The number of an answer (mesh_memo.h) by its key, a new one where it has none. What depends on the answer depends on
// its key.
uint32_t dependents_answer(struct dependents *d, uint64_t key);
// Whether the number is an answer's, and the answer's key.
bool dependents_is_answer(const struct dependents *d, uint32_t who, uint64_t *key);
// Replaces what a number depends on: n keys in any order, which are sorted in place.
void dependents_set(struct dependents *d, uint32_t who, uint32_t *keys, size_t n);
// Frees a number, which may be given again.
void dependents_remove(struct dependents *d, uint32_t who);

// Numbers on the heap, zero at first.
struct dependent_list {
    uint32_t *at;
    size_t n, cap;
};
// Adds every number that depends on the key, each once.
void dependents_find(struct dependents *d, uint32_t key, struct dependent_list *out);

#endif
