// SPDX-License-Identifier: Apache-2.0
// Pairs of a key and a number, sorted: a few levels of arrays, each some times as long as the one before (a log-structured
// merge tree), so that a pair is moved a few times only.
#include "kube/mesh/chain/dependents.h"

#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 3,
    SHORTEST = 2048, // pairs of the first level
    FEW = 64,        // keys that are sorted by insertion
    MANY = 1 << 16,  // pairs that do not wait to be sorted
};

struct pairs { // the key in the upper half, the number in the lower
    uint64_t *at;
    size_t n, cap;
};

struct noted_keys {
    uint32_t *at; // sorted
    uint32_t n;
    bool answer;         // it is one
    uint64_t answer_key; // of the answer
};

struct dependents {
    struct noted_keys *own; // of each number
    uint32_t n, cap;
    struct dependent_list free; // numbers
    // Answers by key, open addressing: number + 1, 0 free. At most half full.
    uint32_t *answers;
    size_t nanswers, answers_cap; // a power of two, or 0
    struct pairs fresh;           // not sorted yet
    struct pairs level[LEVELS];
    size_t live; // keys of everybody: other pairs are stale
};

struct dependents *dependents_new(void)
{
    return xcalloc(1, sizeof(struct dependents));
}

void dependents_free(struct dependents *d)
{
    if (d == NULL) {
        return;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        free(d->own[i].at);
    }
    for (int i = 0; i < LEVELS; i++) {
        free(d->level[i].at);
    }
    free(d->own);
    free(d->answers);
    free(d->free.at);
    free(d->fresh.at);
    free(d);
}

uint32_t dependents_key(uint64_t key)
{
    return (uint32_t)(key ^ (key >> 32));
}

// --- sorting

// Sorts one byte of the pairs from one array into the other; false if it is the same in all of them.
static bool sort_byte(const uint64_t *from, uint64_t *to, size_t n, int shift)
{
    size_t start[257] = {0};
    for (size_t i = 0; i < n; i++) {
        start[(from[i] >> shift & 255) + 1]++;
    }
    if (start[(from[0] >> shift & 255) + 1] == n) {
        return false;
    }
    for (int b = 0; b < 256; b++) {
        start[b + 1] += start[b];
    }
    for (size_t i = 0; i < n; i++) {
        to[start[from[i] >> shift & 255]++] = from[i];
    }
    return true;
}

// By their bytes, the least first.
static void sort_pairs(struct pairs *p)
{
    uint64_t *other = xcalloc(p->n, sizeof *other);
    for (int shift = 0; shift < 64; shift += 8) {
        if (sort_byte(p->at, other, p->n, shift)) {
            uint64_t *sorted = other;
            other = p->at;
            p->at = sorted;
            p->cap = p->n;
        }
    }
    free(other);
}

static int by_key(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static bool has_key(const struct noted_keys *k, uint32_t key)
{
    return k->n > 0 && bsearch(&key, k->at, k->n, sizeof *k->at, by_key) != NULL;
}

static bool is_live(const struct dependents *d, uint64_t pair)
{
    return has_key(&d->own[(uint32_t)pair], (uint32_t)(pair >> 32));
}

static void release(struct pairs *p)
{
    free(p->at);
    *p = (struct pairs){0};
}

// Takes out pairs that stand twice from this index on, and stale ones where `clean`.
static void tidy(const struct dependents *d, struct pairs *p, size_t from, bool clean)
{
    size_t n = from;
    for (size_t i = from; i < p->n; i++) {
        const uint64_t pair = p->at[i];
        const bool again = n > 0 && p->at[n - 1] == pair;
        if (!again && (!clean || is_live(d, pair))) {
            p->at[n++] = pair;
        }
    }
    p->n = n;
}

// Merges the shorter one into the longer, from their ends, so that no third array is needed, and leaves it without memory:
// that of a first list is large. Stale pairs go where `clean`.
static void merge(const struct dependents *d, struct pairs *to, struct pairs *from, bool clean)
{
    size_t i = to->n, k = from->n, n = i + k;
    if (n > to->cap) {
        to->at = xreallocarray(to->at, n, sizeof *to->at);
        to->cap = n;
    }
    for (size_t at = n; k > 0;) {
        const bool last = i > 0 && to->at[i - 1] > from->at[k - 1];
        to->at[--at] = last ? to->at[--i] : from->at[--k];
    }
    to->n = n;
    release(from);
    tidy(d, to, clean ? 0 : i, clean);
}

// Puts fresh pairs into the levels.
static void settle(struct dependents *d)
{
    if (d->fresh.n == 0) {
        return;
    }
    sort_pairs(&d->fresh);
    struct pairs *last = &d->level[LEVELS - 1];
    size_t all = d->fresh.n;
    for (int i = 0; i < LEVELS; i++) {
        all += d->level[i].n;
    }
    bool clean = all > d->live + d->live / 4 + SHORTEST;
    merge(d, &d->level[0], &d->fresh, false);
    for (int i = 0; i + 1 < LEVELS; i++) {
        size_t most = i == 0 ? SHORTEST : last->n / 4;
        if (clean || d->level[i].n > most) {
            merge(d, &d->level[i + 1], &d->level[i], clean && i + 2 == LEVELS);
        }
    }
}

// --- changes

uint32_t dependents_add(struct dependents *d)
{
    if (d->free.n > 0) {
        return d->free.at[--d->free.n];
    }
    *ARRAY_PUSH(d->own, d->n, d->cap) = (struct noted_keys){0};
    return d->n - 1;
}

// The place of the answer in the table, or the free one where it belongs.
static size_t place_of(const struct dependents *d, uint64_t key)
{
    size_t i = key & (d->answers_cap - 1);
    while (d->answers[i] != 0 && d->own[d->answers[i] - 1].answer_key != key) {
        i = (i + 1) & (d->answers_cap - 1);
    }
    return i;
}

static void grow_answers(struct dependents *d)
{
    uint32_t *old = d->answers;
    size_t n = d->answers_cap;
    d->answers_cap = n == 0 ? 64 : n * 2;
    d->answers = xcalloc(d->answers_cap, sizeof *d->answers);
    for (size_t i = 0; i < n; i++) {
        if (old[i] != 0) {
            d->answers[place_of(d, d->own[old[i] - 1].answer_key)] = old[i];
        }
    }
    free(old);
}

uint32_t dependents_answer(struct dependents *d, uint64_t key)
{
    if (d->nanswers * 2 >= d->answers_cap) {
        grow_answers(d);
    }
    size_t i = place_of(d, key);
    if (d->answers[i] == 0) {
        uint32_t who = dependents_add(d);
        d->own[who].answer = true;
        d->own[who].answer_key = key;
        d->answers[i] = who + 1;
        d->nanswers++;
    }
    return d->answers[i] - 1;
}

bool dependents_is_answer(const struct dependents *d, uint32_t who, uint64_t *key)
{
    *key = d->own[who].answer_key;
    return d->own[who].answer;
}

// Takes an answer out of the table; those behind it move up to where they are found.
static void forget_answer(struct dependents *d, uint64_t key)
{
    size_t mask = d->answers_cap - 1, hole = place_of(d, key);
    ASSERT(d->answers[hole] != 0); // every answer is in the table
    for (size_t i = (hole + 1) & mask; d->answers[i] != 0; i = (i + 1) & mask) {
        size_t home = d->own[d->answers[i] - 1].answer_key & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            d->answers[hole] = d->answers[i];
            hole = i;
        }
    }
    d->answers[hole] = 0;
    d->nanswers--;
}

static size_t sort_unique(uint32_t *keys, size_t n)
{
    if (n < 2) {
        return n;
    }
    if (n > FEW) {
        qsort(keys, n, sizeof *keys, by_key);
    }
    for (size_t i = 1; n <= FEW && i < n; i++) { // most have a few
        uint32_t key = keys[i];
        size_t k = i;
        for (; k > 0 && keys[k - 1] > key; k--) {
            keys[k] = keys[k - 1];
        }
        keys[k] = key;
    }
    size_t k = 1;
    for (size_t i = 1; i < n; i++) {
        if (keys[i] != keys[k - 1]) {
            keys[k++] = keys[i];
        }
    }
    return k;
}

void dependents_set(struct dependents *d, uint32_t who, uint32_t *keys, size_t n)
{
    ASSERT(who < d->n);
    struct noted_keys *own = &d->own[who];
    n = sort_unique(keys, n);
    if (n == own->n && (n == 0 || memcmp(keys, own->at, n * sizeof *keys) == 0)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (!has_key(own, keys[i])) {
            *ARRAY_PUSH(d->fresh.at, d->fresh.n, d->fresh.cap) = (uint64_t)keys[i] << 32 | who;
        }
    }
    d->live += n - own->n;
    free(own->at);
    own->at = NULL;
    own->n = (uint32_t)n;
    if (n != 0) {
        own->at = xcalloc(n, sizeof *keys);
        memcpy(own->at, keys, n * sizeof *keys);
    }
    if (d->fresh.n >= MANY) {
        settle(d); // of a first list: sorting all of it at once would take as much memory again
    }
}

void dependents_remove(struct dependents *d, uint32_t who)
{
    ASSERT(who < d->n);
    struct noted_keys *own = &d->own[who];
    if (own->answer) {
        forget_answer(d, own->answer_key);
    }
    d->live -= own->n;
    free(own->at);
    *own = (struct noted_keys){0};
    *ARRAY_PUSH(d->free.at, d->free.n, d->free.cap) = who;
}

// --- looking

static size_t first_of(const struct pairs *p, uint32_t key)
{
    size_t low = 0, high = p->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if ((uint32_t)(p->at[mid] >> 32) < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

void dependents_find(struct dependents *d, uint32_t key, struct dependent_list *out)
{
    settle(d);
    size_t from = out->n;
    for (int i = 0; i < LEVELS; i++) {
        const struct pairs *p = &d->level[i];
        for (size_t k = first_of(p, key); k < p->n && (uint32_t)(p->at[k] >> 32) == key; k++) {
            uint32_t who = (uint32_t)p->at[k];
            if (has_key(&d->own[who], key)) {
                *ARRAY_PUSH(out->at, out->n, out->cap) = who;
            }
        }
    }
    // A pair that was stale and came again may be in two levels.
    out->n = from + sort_unique(out->at + from, out->n - from);
}
