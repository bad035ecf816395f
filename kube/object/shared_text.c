// SPDX-License-Identifier: Apache-2.0
// Texts that many objects have, kept once.
#include "kube/object/shared_text.h"

#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEN = 4096,       // hashes that are remembered of texts that came once
    FIRST_SLOTS = 512, // a power of two; at most half of the slots are taken
};

struct shared_slot {
    const char *text; // NULL: free
    uint32_t hash, n;
};

static struct {
    pthread_mutex_t lock; // of all that follows
    struct arena texts;
    struct shared_slot *slots;
    uint32_t count, cap;
    uint32_t seen[SEEN];
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

// The slot of the text, or the free one where it belongs.
static struct shared_slot *find(const char *s, uint32_t n, uint32_t hash)
{
    uint32_t mask = shared.cap - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct shared_slot *slot = &shared.slots[i];
        if (slot->text == NULL ||
            (slot->hash == hash && slot->n == n && memcmp(slot->text, s, n) == 0)) {
            return slot;
        }
    }
}

static void grow(void)
{
    struct shared_slot *old = shared.slots;
    uint32_t cap = shared.cap;
    shared.cap = cap == 0 ? FIRST_SLOTS : cap * 2;
    shared.slots = xcalloc(shared.cap, sizeof *shared.slots);
    for (uint32_t i = 0; i < cap; i++) {
        if (old[i].text != NULL) {
            *find(old[i].text, old[i].n, old[i].hash) = old[i];
        }
    }
    free(old);
}

// Whether the hash came before; it has come now.
static bool seen_before(uint32_t hash)
{
    uint32_t *seen = &shared.seen[hash % SEEN];
    bool before = *seen == hash;
    *seen = hash;
    return before;
}

const char *shared_text(const char *s, size_t n)
{
    if (n > SHARED_TEXT_LONGEST) {
        return NULL;
    }
    uint32_t hash = (uint32_t)hash_bytes(s, n);
    pthread_mutex_lock(&shared.lock);
    if (shared.count >= shared.cap / 2) {
        grow();
    }
    struct shared_slot *slot = find(s, (uint32_t)n, hash);
    const char *text = slot->text;
    if (text == NULL && shared.count < SHARED_TEXT_MOST && seen_before(hash)) {
        text = arena_strndup(&shared.texts, s, n);
        *slot = (struct shared_slot){text, hash, (uint32_t)n};
        shared.count++;
    }
    pthread_mutex_unlock(&shared.lock);
    return text;
}
