// SPDX-License-Identifier: Apache-2.0
// Which owners and answers depend on a mesh key (mesh_key_*), found without looking at all of them.
//
// Keys are folded to 32 bits. Two keys may become one, which costs work but loses nothing.
#ifndef GATETOP_MESH_CHAIN_DEPENDENTS_H
#define GATETOP_MESH_CHAIN_DEPENDENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dependents;

#define DEPENDENT_NONE UINT32_MAX // no number
// Keys below this are for what nearly every owner depends on. They take no memory; to find one looks at all numbers.
enum { DEPENDENTS_COMMON = 30 };

// No dependencies yet.
struct dependents *dependents_new(void);
// NULL is fine.
void dependents_free(struct dependents *d);

// A key as it is kept here.
uint32_t dependents_key(uint64_t key);
// Sets the n keys, in any order, that an owner depends on; they are sorted in place. before: the owner's number until
// now, DEPENDENT_NONE for a new owner. Returns its number from now on, which stays the same if the keys do.
uint32_t dependents_set(struct dependents *d, uint32_t before, uint32_t *keys, size_t n);
// What was set for a number of dependents_set(), borrowed: NULL at first, for an answer's number and for one that is
// gone.
const void *dependents_owner(const struct dependents *d, uint32_t who);
// Sets what dependents_owner() returns. The number is one of dependents_set() that is not freed.
void dependents_set_owner(struct dependents *d, uint32_t who, const void *owner);
// Sets what the answer (mesh_memo.h) of this key depends on: n keys, as above. What depends on the answer depends on
// its key.
void dependents_set_answer(struct dependents *d, uint64_t key, uint32_t *keys, size_t n);
// Whether the number is an answer's, and the answer's key.
bool dependents_is_answer(const struct dependents *d, uint32_t who, uint64_t *key);
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
