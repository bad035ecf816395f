// SPDX-License-Identifier: Apache-2.0
// A small hash table from strings to pointers in an arena.
#include "kube/base/string_map.h"

#include "kube/base/text.h"

#include <string.h>

void string_map_init(struct string_map *h, struct arena *a)
{
    *h = (struct string_map){.arena = a};
}

static struct string_map_slot *probe(const struct string_map *h, const char *key, uint64_t hash)
{
    for (uint64_t i = hash;; i++) {
        struct string_map_slot *s = &h->slots[i & (h->cap - 1)];
        if (s->key == NULL || (s->hash == hash && strcmp(s->key, key) == 0)) {
            return s;
        }
    }
}

void *string_map_get(const struct string_map *h, const char *key)
{
    if (h->n == 0) {
        return NULL;
    }
    const struct string_map_slot *s = probe(h, key, str_hash(key));
    return s->key != NULL ? s->value : NULL;
}

static void grow(struct string_map *h)
{
    struct string_map old = *h;
    h->cap = old.cap == 0 ? 16 : old.cap * 2;
    h->slots = arena_alloc(h->arena, h->cap * sizeof *h->slots);
    for (uint32_t i = 0; i < old.cap; i++) {
        if (old.slots[i].key != NULL) {
            *probe(h, old.slots[i].key, old.slots[i].hash) = old.slots[i];
        }
    }
}

void **string_map_at(struct string_map *h, const char *key)
{
    if (h->n * 4 >= h->cap * 3) {
        grow(h);
    }
    uint64_t hash = str_hash(key);
    struct string_map_slot *s = probe(h, key, hash);
    if (s->key == NULL) {
        *s = (struct string_map_slot){.key = key, .hash = hash};
        h->n++;
    }
    return &s->value;
}
