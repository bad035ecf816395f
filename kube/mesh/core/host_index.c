// SPDX-License-Identifier: Apache-2.0
// Hosts by their text, for what covers a host, and sorted from their ends on, for what lies within it.
#include "kube/mesh/core/host_index.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/mesh/core/host.h"

#include <stdlib.h>
#include <string.h>

enum {
    FEW = 8,       // hosts that are compared one by one: most indices never have more
    LONGEST = 319, // the last bit of wild_lengths
};

void host_index_init(struct host_index *x, struct arena *a)
{
    *x = (struct host_index){.arena = a};
    string_map_init(&x->by_host, a);
}

static size_t length_bit(size_t n)
{
    return n < LONGEST ? n : LONGEST;
}

static void add_to_table(struct host_index *x, struct host_entry *e)
{
    struct host_entry **place = (struct host_entry **)string_map_at(&x->by_host, e->host);
    if (*place == NULL) {
        *place = e;
        e->last = e;
    } else {
        (*place)->last->next = e;
        (*place)->last = e;
    }
    if (host_wild(e->host)) {
        size_t bit = length_bit(strlen(e->host));
        x->wild_lengths[bit / 64] |= 1ULL << (bit % 64);
    }
}

void host_index_add(struct host_index *x, const char *host, uint32_t value)
{
    struct host_entry *e = arena_alloc(x->arena, sizeof *e);
    *e = (struct host_entry){.host = host, .value = value};
    *ARENA_PUSH(x->arena, x->at, x->n, x->cap) = e;
    x->sorted = false;
    if (x->n == FEW + 1) {
        for (uint32_t i = 0; i < x->n; i++) {
            add_to_table(x, x->at[i]);
        }
    } else if (x->n > FEW) {
        add_to_table(x, e);
    }
}

// Adds the entry and those of the same host after it. out NULL: they are not collected.
static void hit(struct arena *a, struct host_hits *out, const struct host_entry *first)
{
    for (const struct host_entry *e = first; out != NULL && e != NULL; e = e->next) {
        *ARENA_PUSH(a, out->at, out->n, out->cap) = e->value;
    }
}

// --- few hosts

// Is the pair (of an entry and a host) what is looked for?
typedef bool meets_fn(const char *entry, const char *host);

static bool covers(const char *entry, const char *host)
{
    return host_within(host, entry);
}

static bool equals(const char *entry, const char *host)
{
    return strcmp(entry, host) == 0;
}

static bool scan(const struct host_index *x, const char *host, meets_fn *meets, struct arena *a,
                 struct host_hits *out)
{
    bool found = false;
    for (uint32_t i = 0; i < x->n && !(found && out == NULL); i++) {
        if (meets(x->at[i]->host, host)) {
            found = true;
            hit(a, out, x->at[i]); // not in the table: no other entry is chained to it
        }
    }
    return found;
}

// --- what covers a host: itself, and a star before each of its ends

static bool find_covering(const struct host_index *x, const char *host, struct arena *a,
                          struct host_hits *out)
{
    if (x->n <= FEW) {
        return scan(x, host, covers, a, out);
    }
    bool wild = host_wild(host); // then it is the longest of its ends
    const struct host_entry *e = wild ? NULL : string_map_get(&x->by_host, host);
    bool found = e != NULL;
    hit(a, out, e);
    size_t n = strlen(host);
    char *key = xmalloc(n + 2); // a byte for the star, and the host
    memcpy(key + 1, host, n + 1);
    for (size_t at = wild ? 1 : 0; at <= n && !(found && out == NULL); at++) {
        size_t bit = length_bit(n - at + 1);
        if ((x->wild_lengths[bit / 64] >> (bit % 64) & 1) != 0) {
            key[at] = '*';
            e = string_map_get(&x->by_host, key + at);
            found = found || e != NULL;
            hit(a, out, e);
        }
    }
    free(key);
    return found;
}

void host_index_covering(struct host_index *x, const char *host, struct arena *a,
                         struct host_hits *out)
{
    (void)find_covering(x, host, a, out);
}

bool host_index_covers(struct host_index *x, const char *host)
{
    return find_covering(x, host, NULL, NULL);
}

void host_index_equal(struct host_index *x, const char *host, struct arena *a,
                      struct host_hits *out)
{
    if (x->n <= FEW) {
        (void)scan(x, host, equals, a, out);
    } else {
        hit(a, out, string_map_get(&x->by_host, host));
    }
}

// --- what lies within a host

// What follows the star of a wild host, else the host.
static const char *end_of(const char *host)
{
    return host + host_wild(host);
}

// Compares texts from their last bytes on, at most n of them.
static int compare_ends(const char *a, size_t na, const char *b, size_t nb, size_t n)
{
    for (size_t i = 1; i <= n && i <= na && i <= nb; i++) {
        unsigned char x = (unsigned char)a[na - i], y = (unsigned char)b[nb - i];
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    na = na < n ? na : n;
    nb = nb < n ? nb : n;
    return (na > nb) - (na < nb);
}

static int by_end(const void *x, const void *y)
{
    const char *a = end_of((*(struct host_entry *const *)x)->host);
    const char *b = end_of((*(struct host_entry *const *)y)->host);
    return compare_ends(a, strlen(a), b, strlen(b), SIZE_MAX);
}

// The first entry, sorted by their ends, that does not come before all that end with n bytes of `end`.
static uint32_t first_with_end(const struct host_index *x, const char *end, size_t n)
{
    uint32_t low = 0, high = x->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const char *at = end_of(x->at[mid]->host);
        if (compare_ends(at, strlen(at), end, n, n) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static bool find_within(struct host_index *x, const char *host, struct arena *a,
                        struct host_hits *out)
{
    if (x->n <= FEW) {
        return scan(x, host, host_within, a, out);
    }
    if (!host_wild(host)) {
        const struct host_entry *e = string_map_get(&x->by_host, host);
        hit(a, out, e);
        return e != NULL;
    }
    if (!x->sorted) {
        qsort(x->at, x->n, sizeof(struct host_entry *), by_end);
        x->sorted = true;
    }
    bool found = false;
    uint32_t i = first_with_end(x, host + 1, strlen(host + 1));
    for (; i < x->n && str_ends(end_of(x->at[i]->host), host + 1) && !(found && out == NULL); i++) {
        found = true;
        if (out != NULL) {
            *ARENA_PUSH(a, out->at, out->n, out->cap) = x->at[i]->value;
        }
    }
    return found;
}

void host_index_within(struct host_index *x, const char *host, struct arena *a,
                       struct host_hits *out)
{
    (void)find_within(x, host, a, out);
}

bool host_index_meets(struct host_index *x, const char *host)
{
    return find_covering(x, host, NULL, NULL) || find_within(x, host, NULL, NULL);
}

void host_index_meeting(struct host_index *x, const char *host, struct arena *a,
                        struct host_hits *out)
{
    host_index_covering(x, host, a, out);
    host_index_within(x, host, a, out);
    host_hits_sort(out);
}

void host_hits_sort(struct host_hits *h)
{
    if (h->n < 2) {
        return;
    }
    qsort(h->at, h->n, sizeof *h->at, number_compare_u32);
    uint32_t n = 1;
    for (uint32_t i = 1; i < h->n; i++) {
        if (h->at[i] != h->at[n - 1]) {
            h->at[n++] = h->at[i];
        }
    }
    h->n = n;
}
