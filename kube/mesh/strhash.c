// SPDX-License-Identifier: Apache-2.0
// A small hash table from strings to pointers in an arena.
#include "kube/mesh/strhash.h"

#include "kube/base/text.h"

#include <string.h>

void strhash_init(struct strhash *h, struct arena *a)
{
    *h = (struct strhash){.arena = a};
}

static struct strhash_slot *probe(const struct strhash *h, const char *key, uint64_t hash)
{
    for (uint64_t i = hash;; i++) {
        struct strhash_slot *s = &h->slots[i & (h->cap - 1)];
        if (s->key == NULL || (s->hash == hash && strcmp(s->key, key) == 0)) {
            return s;
        }
    }
}

void *strhash_get(const struct strhash *h, const char *key)
{
    if (h->n == 0) {
        return NULL;
    }
    const struct strhash_slot *s = probe(h, key, str_hash(key));
    return s->key != NULL ? s->value : NULL;
}

static void grow(struct strhash *h)
{
    struct strhash old = *h;
    h->cap = old.cap == 0 ? 16 : old.cap * 2;
    h->slots = arena_alloc(h->arena, h->cap * sizeof *h->slots);
    for (uint32_t i = 0; i < old.cap; i++) {
        if (old.slots[i].key != NULL) {
            *probe(h, old.slots[i].key, old.slots[i].hash) = old.slots[i];
        }
    }
}

void **strhash_at(struct strhash *h, const char *key)
{
    if (h->n * 4 >= h->cap * 3) {
        grow(h);
    }
    uint64_t hash = str_hash(key);
    struct strhash_slot *s = probe(h, key, hash);
    if (s->key == NULL) {
        *s = (struct strhash_slot){.key = key, .hash = hash};
        h->n++;
    }
    return &s->value;
}
