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

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

// What the values of a map are. key sets *a and *b to texts in the value; any thread that has the map may call them.
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

// An empty map. The type is borrowed and must live longer.
void pmap_init(struct pmap *m, const struct pmap_type *type);
// Gives its references back; the map is then empty.
void pmap_release(struct pmap *m);
// A second handle on the same contents. Cheap; both may then be changed independently, by different threads.
struct pmap pmap_copy(const struct pmap *m) MUST_USE;
// The value under the key, borrowed from the map; NULL if there is none. A NULL key is "".
const void *pmap_get(const struct pmap *m, const char *a, const char *b);
// Stores the value under its own key, with a reference of the map's own; an older value under it goes.
void pmap_put(struct pmap *m, const void *value);
// Removes what is under the key; true if there was something.
bool pmap_del(struct pmap *m, const char *a, const char *b);

// Like pmap_get, but first makes the way to the value this map's own: afterwards a reference count of 1 on
// the value means that no other map holds it, and it may be changed in place (but not its key).
const void *pmap_get_own(struct pmap *m, const char *a, const char *b);

// Iteration in hash order, which depends on the contents alone (except for keys of the same hash). The map must not
// change meanwhile. for (pmap_begin(&it, m); (v = pmap_next(&it)) != NULL;)
struct pmap_iter {
    const struct pmap_node *node[16]; // from the root down
    unsigned at[16];                  // the next slot of each
    int depth;                        // index of the deepest; -1 at the end
};
// Before the first value. The iterator borrows the map and needs no release.
void pmap_begin(struct pmap_iter *it, const struct pmap *m);
// The next value, borrowed; NULL after the last.
const void *pmap_next(struct pmap_iter *it);

#endif
