// SPDX-License-Identifier: Apache-2.0
// A small hash table from strings to pointers in an arena: grows, never shrinks, no removal.
#ifndef GATETOP_BASE_STRING_MAP_H
#define GATETOP_BASE_STRING_MAP_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

struct string_map_slot {
    const char *key; // NULL: free
    uint64_t hash;
    void *value;
};
struct string_map {
    struct arena *arena;
    struct string_map_slot *slots;
    uint32_t n, cap; // cap is a power of two
};

void string_map_init(struct string_map *h, struct arena *a);
void *string_map_get(const struct string_map *h, const char *key); // NULL where absent
// The place of the value of `key`, made (NULL) where absent; valid until the next string_map_at. The key's text
// must live as long as the table.
void **string_map_at(struct string_map *h, const char *key);

#endif
