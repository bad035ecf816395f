// SPDX-License-Identifier: Apache-2.0
// A small hash table from strings to pointers in an arena: grows, never shrinks, no removal.
#ifndef GATETOP_MESH_STRHASH_H
#define GATETOP_MESH_STRHASH_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

struct strhash_slot {
    const char *key; // NULL: free
    uint64_t hash;
    void *value;
};
struct strhash {
    struct arena *arena;
    struct strhash_slot *slots;
    uint32_t n, cap; // cap is a power of two
};

void strhash_init(struct strhash *h, struct arena *a);
void *strhash_get(const struct strhash *h, const char *key); // NULL where absent
// The place of the value of `key`, made (NULL) where absent; valid until the next strhash_at. The key's text
// must live as long as the table.
void **strhash_at(struct strhash *h, const char *key);

#endif
