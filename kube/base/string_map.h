// SPDX-License-Identifier: Apache-2.0
// A hash table from texts to pointers, in an arena: it grows, never shrinks, and nothing is removed.
#ifndef GATETOP_BASE_STRING_MAP_H
#define GATETOP_BASE_STRING_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

struct string_map_slot {
    const char *key; // NULL: free
    uint64_t hash;
    void *value;
};
struct string_map {
    struct arena *arena;
    struct string_map_slot *slots;
    uint32_t n, cap; // cap is a power of two, or 0
};

// An empty map whose memory comes from the arena. Nothing to release.
void string_map_init(struct string_map *map, struct arena *a);
// The value of the key, NULL if it is absent. Values are borrowed: the map only keeps pointers.
void *string_map_get(const struct string_map *map, const char *key);
// The place of the key's value, made (NULL) where it is absent; valid until the next change of the map. The
// key's text is borrowed and must live as long as the map.
void **string_map_at(struct string_map *map, const char *key);
// string_map_get for a caller that has str_hash() of the key.
void *string_map_get_hashed(const struct string_map *map, const char *key, uint64_t hash);
// string_map_at for such a caller.
void **string_map_at_hashed(struct string_map *map, const char *key, uint64_t hash);
// Sets the key's value, for maps whose readers take it back as const.
void string_map_put(struct string_map *map, const char *key, const void *value);
// The map as a set: adds the key, false if it is there already. Its value has no meaning, and is not NULL.
bool string_map_add(struct string_map *map, const char *key);
// Walks all entries, in no meaningful order: start with *at 0; NULL after the last. The map must not change.
const struct string_map_slot *string_map_next(const struct string_map *map, uint32_t *at);

#endif
