// SPDX-License-Identifier: Apache-2.0
// A hash table from texts to pointers: open addressing, at most three quarters full.
#include "kube/base/string_map.h"

#include "kube/base/arena.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <string.h>

void string_map_init(struct string_map *map, struct arena *a)
{
    *map = (struct string_map){.arena = a};
}

// The slot of the key, or the free one where it belongs.
static struct string_map_slot *slot_of(const struct string_map *map, const char *key, uint64_t hash)
{
    for (uint64_t i = hash;; i++) {
        struct string_map_slot *s = &map->slots[i & (map->cap - 1)];
        if (s->key == NULL || (s->hash == hash && strcmp(s->key, key) == 0)) {
            return s;
        }
    }
}

void *string_map_get_hashed(const struct string_map *map, const char *key, uint64_t hash)
{
    if (map->n == 0) {
        return NULL;
    }
    const struct string_map_slot *s = slot_of(map, key, hash);
    return s->key != NULL ? s->value : NULL;
}

void *string_map_get(const struct string_map *map, const char *key)
{
    return map->n == 0 ? NULL : string_map_get_hashed(map, key, str_hash(key));
}

static void grow(struct string_map *map)
{
    struct string_map old = *map;
    map->cap = old.cap == 0 ? 16 : old.cap * 2;
    map->slots = arena_calloc(map->arena, map->cap, sizeof *map->slots);
    for (uint32_t i = 0; i < old.cap; i++) {
        if (old.slots[i].key != NULL) {
            *slot_of(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
        }
    }
}

void **string_map_at(struct string_map *map, const char *key)
{
    return string_map_at_hashed(map, key, str_hash(key));
}

void **string_map_at_hashed(struct string_map *map, const char *key, uint64_t hash)
{
    if (map->n * 4 >= map->cap * 3) {
        grow(map);
    }
    ASSERT(key != NULL); // a slot without a key is free
    struct string_map_slot *s = slot_of(map, key, hash);
    if (s->key == NULL) {
        *s = (struct string_map_slot){.key = key, .hash = hash};
        map->n++;
    }
    return &s->value;
}

void string_map_put(struct string_map *map, const char *key, const void *value)
{
    *string_map_at(map, key) = unconst(value);
}

bool string_map_add(struct string_map *map, const char *key)
{
    void **value = string_map_at(map, key);
    if (*value != NULL) {
        return false;
    }
    *value = map;
    return true;
}

const struct string_map_slot *string_map_next(const struct string_map *map, uint32_t *at)
{
    while (*at < map->cap) {
        const struct string_map_slot *s = &map->slots[(*at)++];
        if (s->key != NULL) {
            return s;
        }
    }
    return NULL;
}
