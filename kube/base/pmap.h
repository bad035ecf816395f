// SPDX-License-Identifier: Apache-2.0
// A persistent hash map (a hash array mapped trie): copying one is O(1), changing a copy copies only the
// nodes on the way. Snapshots are made of these: the I/O thread changes its own copy, every other thread
// holds an older one that never changes.
//
// A node that only one map holds is changed in place, so a burst of changes between two snapshots costs
// no copies. Values are reference-counted by the callbacks of the type. Keys are pairs of strings stored
// in the values themselves (for an object: namespace and name; NULL is "").
#ifndef GATETOP_BASE_PMAP_H
#define GATETOP_BASE_PMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pmap_type {
    void (*ref)(const void *value);
    void (*unref)(const void *value);
    void (*key)(const void *value, const char **a, const char **b);
};

struct pmap_node;
struct pmap {
    const struct pmap_type *type;
    struct pmap_node *root;
    size_t count;
};

void pmap_init(struct pmap *m, const struct pmap_type *type);
void pmap_release(struct pmap *m);
// A second handle on the same contents. Cheap; both may then be changed independently.
struct pmap pmap_copy(const struct pmap *m);
const void *pmap_get(const struct pmap *m, const char *a, const char *b); // borrowed, or NULL
// Stores value under its own key (takes a reference), replacing an older one.
void pmap_put(struct pmap *m, const void *value);
bool pmap_del(struct pmap *m, const char *a, const char *b); // true if it was there

// Like pmap_get, but first makes the way to the value this map's own: afterwards a reference count of 1 on
// the value means that no other map holds it, and it may be changed in place (but not its key).
const void *pmap_get_own(struct pmap *m, const char *a, const char *b);

// Iteration in hash order (the same for equal contents built in any order but for collisions).
// The map must not change meanwhile. for (pmap_begin(&it, m); (v = pmap_next(&it)) != NULL;)
struct pmap_iter {
    const struct pmap_node *node[16];
    unsigned at[16];
    int depth;
};
void pmap_begin(struct pmap_iter *it, const struct pmap *m);
const void *pmap_next(struct pmap_iter *it);

// Values that differ between two maps of one type: cb(self, before, after), one of them NULL for an
// addition or removal. Shared parts are skipped without a look, so it costs the size of the change.
void pmap_diff(const struct pmap *before, const struct pmap *after,
               void (*cb)(void *self, const void *before, const void *after), void *self);

#endif
