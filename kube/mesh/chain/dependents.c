// SPDX-License-Identifier: Apache-2.0
// Pairs of a key and a number, sorted: a few levels of arrays, each some times as long as the one before (a
// log-structured merge tree), so that a pair is moved a few times only.
//
// A number has one set of keys for its whole life: an owner that now depends on other keys gets a new number. So the
// pairs of a number are never changed, and all of them become garbage at once. A freed number is used again once its
// pairs have been removed.
#include "kube/mesh/chain/dependents.h"

#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 3,
    SHORTEST = 2048, // pairs of the first level
    FEW = 64,        // keys that are sorted by insertion
    MANY = 1 << 14,  // so many fresh pairs are sorted without waiting for a search
};

struct pairs { // the key in the upper half, the number in the lower
    uint64_t *at;
    size_t n, cap;
};

enum number_use { NUMBER_GONE, NUMBER_OWNER, NUMBER_ANSWER };

struct number {
    uint64_t keys; // hash_bytes() of its keys, sorted
    union {
        uint64_t answer_key; // of an answer
        const void *owner;   // of any other number
    };
    uint32_t n;           // its pairs; the next number in the list if it is freed
    unsigned int use : 2; // enum number_use
    unsigned int common
        : DEPENDENTS_COMMON; // its keys below DEPENDENTS_COMMON, as bits; they have no pairs
};

struct dependents {
    struct number *numbers;
    uint32_t n, cap;
    uint32_t free; // the first number that may be used again, DEPENDENT_NONE if none
    uint32_t gone; // the first freed number that still has pairs
    // Answers by key, open addressing: number + 1, 0 free. At most half full.
    uint32_t *answers;
    size_t nanswers, answers_cap; // a power of two, or 0
    struct pairs fresh;           // not sorted yet
    struct pairs level[LEVELS];
    size_t live; // pairs of numbers that are not freed
};

struct dependents *dependents_new(void)
{
    struct dependents *d = xcalloc(1, sizeof *d);
    d->free = d->gone = DEPENDENT_NONE;
    return d;
}

void dependents_free(struct dependents *d)
{
    if (d == NULL) {
        return;
    }
    for (int i = 0; i < LEVELS; i++) {
        free(d->level[i].at);
    }
    free(d->numbers);
    free(d->answers);
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

// Sorts by the bytes, the least significant first.
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

static void release(struct pairs *p)
{
    free(p->at);
    *p = (struct pairs){0};
}

// Removes the pairs of freed numbers.
static void drop_gone(const struct dependents *d, struct pairs *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (d->numbers[(uint32_t)p->at[i]].use != NUMBER_GONE) {
            p->at[n++] = p->at[i];
        }
    }
    p->n = n;
}

// Merges the shorter array into the longer one, from their ends, so that no third array is needed. Frees the shorter
// one: after a first list it is large.
static void merge(struct pairs *to, struct pairs *from)
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
}

// Puts all pairs into the last level and removes those of freed numbers.
static void clean(struct dependents *d)
{
    struct pairs *last = &d->level[LEVELS - 1];
    for (int i = LEVELS - 1; i-- > 0;) {
        merge(last, &d->level[i]);
    }
    drop_gone(d, last);
    last->at = xreallocarray(last->at, last->n, sizeof *last->at);
    last->cap = last->n;
    while (d->gone != DEPENDENT_NONE) {
        struct number *x = &d->numbers[d->gone];
        const uint32_t who = d->gone;
        d->gone = x->n;
        x->n = d->free;
        d->free = who;
    }
}

// Puts fresh pairs into the levels.
static void settle(struct dependents *d)
{
    if (d->fresh.n == 0) {
        return;
    }
    sort_pairs(&d->fresh);
    merge(&d->level[0], &d->fresh);
    const struct pairs *last = &d->level[LEVELS - 1];
    size_t all = 0;
    for (int i = 0; i < LEVELS; i++) {
        all += d->level[i].n;
    }
    for (int i = 0; i + 1 < LEVELS; i++) {
        size_t most = i == 0 ? SHORTEST : last->n / 4;
        if (d->level[i].n > most) {
            merge(&d->level[i + 1], &d->level[i]);
        }
    }
    if (all > d->live + d->live / 8 + SHORTEST) {
        clean(d);
    }
}

// --- changes

static uint32_t new_number(struct dependents *d)
{
    const uint32_t who = d->free;
    if (who != DEPENDENT_NONE) {
        d->free = d->numbers[who].n;
        return who;
    }
    (void)ARRAY_PUSH(d->numbers, d->n, d->cap);
    return d->n - 1;
}

static void retire(struct dependents *d, uint32_t who)
{
    struct number *x = &d->numbers[who];
    ASSERT(x->use != NUMBER_GONE);
    d->live -= x->n;
    uint32_t *list = x->n == 0 ? &d->free : &d->gone;
    *x = (struct number){.n = *list};
    *list = who;
}

// The place of the answer in the table, or the free one where it belongs.
static size_t place_of(const struct dependents *d, uint64_t key)
{
    size_t i = key & (d->answers_cap - 1);
    while (d->answers[i] != 0 && d->numbers[d->answers[i] - 1].answer_key != key) {
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
            d->answers[place_of(d, d->numbers[old[i] - 1].answer_key)] = old[i];
        }
    }
    free(old);
}

bool dependents_is_answer(const struct dependents *d, uint32_t who, uint64_t *key)
{
    *key = d->numbers[who].answer_key;
    return d->numbers[who].use == NUMBER_ANSWER;
}

// Takes an answer out of the table; those after it move up to where they are found.
static void forget_answer(struct dependents *d, uint64_t key)
{
    size_t mask = d->answers_cap - 1, hole = place_of(d, key);
    ASSERT(d->answers[hole] != 0); // every answer is in the table
    for (size_t i = (hole + 1) & mask; d->answers[i] != 0; i = (i + 1) & mask) {
        size_t home = d->numbers[d->answers[i] - 1].answer_key & mask;
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
        qsort(keys, n, sizeof *keys, number_compare_u32);
    }
    for (size_t i = 1; n <= FEW && i < n; i++) { // most sets are small
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

// The common ones among sorted keys, as bits; *at is the first of the others.
static uint32_t common_keys(const uint32_t *keys, size_t n, size_t *at)
{
    uint32_t common = 0;
    size_t i = 0;
    for (; i < n && keys[i] < DEPENDENTS_COMMON; i++) {
        common |= 1U << keys[i];
    }
    *at = i;
    return common;
}

// The number for these keys: `before` if it has the same keys, else a new one in its place.
static uint32_t number_of(struct dependents *d, uint32_t before, uint32_t *keys, size_t n)
{
    n = sort_unique(keys, n);
    const uint64_t hash = hash_bytes(keys, n * sizeof *keys);
    size_t first;
    const uint32_t common = common_keys(keys, n, &first);
    if (before != DEPENDENT_NONE) {
        ASSERT(before < d->n);
        const struct number *x = &d->numbers[before];
        if (x->n == n - first && x->common == common && x->keys == hash) {
            return before;
        }
        retire(d, before);
    }
    const uint32_t who = new_number(d);
    struct number *x = &d->numbers[who];
    *x = (struct number){.keys = hash, .n = (uint32_t)(n - first), .use = NUMBER_OWNER};
    x->common = common & ((1U << DEPENDENTS_COMMON) - 1U);
    d->live += x->n;
    for (size_t i = first; i < n; i++) {
        *ARRAY_PUSH(d->fresh.at, d->fresh.n, d->fresh.cap) = (uint64_t)keys[i] << 32 | who;
    }
    return who;
}

// A first list brings many: to sort all of them at once would take as much memory again.
static void settle_many(struct dependents *d)
{
    if (d->fresh.n >= MANY) {
        settle(d);
    }
}

uint32_t dependents_set(struct dependents *d, uint32_t before, uint32_t *keys, size_t n)
{
    const uint32_t who = number_of(d, before, keys, n);
    settle_many(d);
    return who;
}

const void *dependents_owner(const struct dependents *d, uint32_t who)
{
    return who < d->n && d->numbers[who].use == NUMBER_OWNER ? d->numbers[who].owner : NULL;
}

void dependents_set_owner(struct dependents *d, uint32_t who, const void *owner)
{
    ASSERT(who < d->n && d->numbers[who].use == NUMBER_OWNER);
    d->numbers[who].owner = owner;
}

void dependents_set_answer(struct dependents *d, uint64_t key, uint32_t *keys, size_t n)
{
    if (d->nanswers * 2 >= d->answers_cap) {
        grow_answers(d);
    }
    const size_t i = place_of(d, key);
    d->nanswers += d->answers[i] == 0;
    const uint32_t who =
        number_of(d, d->answers[i] != 0 ? d->answers[i] - 1 : DEPENDENT_NONE, keys, n);
    d->answers[i] = who + 1;
    d->numbers[who].use = NUMBER_ANSWER;
    d->numbers[who].answer_key = key;
    settle_many(d);
}

void dependents_remove(struct dependents *d, uint32_t who)
{
    ASSERT(who < d->n);
    if (d->numbers[who].use == NUMBER_ANSWER) {
        forget_answer(d, d->numbers[who].answer_key);
    }
    retire(d, who);
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

static void find_common(const struct dependents *d, uint32_t key, struct dependent_list *out)
{
    for (uint32_t who = 0; who < d->n; who++) {
        const uint32_t common = d->numbers[who].common;
        if ((common >> key & 1U) != 0) {
            *ARRAY_PUSH(out->at, out->n, out->cap) = who;
        }
    }
}

void dependents_find(struct dependents *d, uint32_t key, struct dependent_list *out)
{
    if (key < DEPENDENTS_COMMON) {
        find_common(d, key, out);
        return;
    }
    settle(d);
    for (int i = 0; i < LEVELS; i++) {
        const struct pairs *p = &d->level[i];
        for (size_t k = first_of(p, key); k < p->n && (uint32_t)(p->at[k] >> 32) == key; k++) {
            const uint32_t who = (uint32_t)p->at[k];
            if (d->numbers[who].use != NUMBER_GONE) {
                *ARRAY_PUSH(out->at, out->n, out->cap) = who;
            }
        }
    }
}
