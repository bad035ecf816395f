// SPDX-License-Identifier: Apache-2.0
// Texts and arrays that many objects have, kept once.
#include "kube/object/shared_text.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

enum {
    SEEN = 4096,       // hashes that are remembered of texts that are not kept yet
    OFTEN = 3,         // times that a text comes before it is kept
    FIRST_SLOTS = 512, // a power of two; at most half of the slots are taken
};

// Text and hash are written before the slot is published by its text.
struct shared_slot {
    _Atomic(const char *) text; // NULL if the slot is free
    uint32_t hash, n;
};

// Lookups need no lock: a table is published once it is filled, and none is ever freed.
struct shared_table {
    uint32_t cap;
    struct shared_slot slots[];
};

static struct {
    _Atomic(struct shared_table *) table; // NULL until there is one
    pthread_mutex_t lock;                 // guards additions, and everything below
    struct arena memory;
    uint32_t count;
    struct {
        uint32_t hash, times;
    } seen[SEEN];
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

// The slot of the text, or the free one where it belongs.
static struct shared_slot *find(struct shared_table *t, const void *s, uint32_t n, uint32_t hash)
{
    uint32_t mask = t->cap - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct shared_slot *slot = &t->slots[i];
        const char *text = atomic_load_explicit(&slot->text, memory_order_acquire);
        if (text == NULL || (slot->hash == hash && slot->n == n && memcmp(text, s, n) == 0)) {
            return slot;
        }
    }
}

static void add(struct shared_table *t, const char *text, uint32_t n, uint32_t hash)
{
    struct shared_slot *slot = find(t, text, n, hash);
    slot->hash = hash;
    slot->n = n;
    atomic_store_explicit(&slot->text, text, memory_order_release);
}

// A table with room for one more, with all texts of the previous one.
static struct shared_table *roomy_table(void)
{
    struct shared_table *old = atomic_load_explicit(&shared.table, memory_order_relaxed);
    if (old != NULL && shared.count < old->cap / 2) {
        return old;
    }
    uint32_t cap = old != NULL ? old->cap * 2 : FIRST_SLOTS;
    struct shared_table *t =
        arena_alloc(&shared.memory, sizeof *t + cap * sizeof(struct shared_slot));
    t->cap = cap;
    for (uint32_t i = 0; old != NULL && i < old->cap; i++) {
        const struct shared_slot *slot = &old->slots[i];
        const char *text = atomic_load_explicit(&slot->text, memory_order_relaxed);
        if (text != NULL) {
            add(t, text, slot->n, slot->hash);
        }
    }
    atomic_store_explicit(&shared.table, t, memory_order_release);
    return t;
}

// Whether the hash has come often enough, this time included.
static bool seen_often(uint32_t hash)
{
    uint32_t i = hash % SEEN;
    shared.seen[i].times = shared.seen[i].hash == hash ? shared.seen[i].times + 1 : 1;
    shared.seen[i].hash = hash;
    return shared.seen[i].times >= OFTEN;
}

// Copies n bytes and adds a NUL. The copy is aligned for pointers (arena_alloc).
static const char *copy(const void *s, uint32_t n)
{
    char *text = arena_alloc(&shared.memory, n + 1);
    memcpy(text, s, n);
    return text;
}

// Adds what was not found, unless another thread has added it meanwhile.
static const char *keep(const void *s, uint32_t n, uint32_t hash)
{
    pthread_mutex_lock(&shared.lock);
    struct shared_table *t = roomy_table();
    const char *text = atomic_load_explicit(&find(t, s, n, hash)->text, memory_order_relaxed);
    if (text == NULL && shared.count < SHARED_TEXT_MOST && seen_often(hash)) {
        text = copy(s, n);
        add(t, text, n, hash);
        shared.count++;
    }
    pthread_mutex_unlock(&shared.lock);
    return text;
}

const void *shared_bytes(const void *s, size_t n)
{
    if (n > SHARED_TEXT_LONGEST) {
        return NULL;
    }
    uint32_t hash = (uint32_t)hash_bytes(s, n), length = (uint32_t)n;
    struct shared_table *t = atomic_load_explicit(&shared.table, memory_order_acquire);
    const char *text =
        t != NULL ? atomic_load_explicit(&find(t, s, length, hash)->text, memory_order_relaxed)
                  : NULL;
    return text != NULL ? text : keep(s, length, hash);
}

const char *shared_text(const char *s, size_t n)
{
    return shared_bytes(s, n);
}
