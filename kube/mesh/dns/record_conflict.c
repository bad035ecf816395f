// SPDX-License-Identifier: Apache-2.0
// Finds the candidates of each name and the one that wins.
#include "kube/mesh/dns/record_conflict.h"

#include "kube/base/arena.h"
#include "kube/base/ip_network.h"

#include <stdlib.h>
#include <string.h>

// The fewer targets first, then the lesser ones; addresses are compared as numbers.
static int compare_targets(const struct dns_record *a, const struct dns_record *b)
{
    if (a->targets.n != b->targets.n) {
        return a->targets.n < b->targets.n ? -1 : 1;
    }
    for (uint32_t i = 0; i < a->targets.n; i++) {
        const char *s = a->targets.at[i], *t = b->targets.at[i];
        struct ip_network x = ip_network_of_address(s), y = ip_network_of_address(t);
        int n = strcmp(a->type, "AAAA") == 0 ? 16 : 4;
        int c = x.n == n && y.n == n ? ip_network_compare(&x, &y) : strcmp(s, t);
        if (c != 0) {
            return c;
        }
    }
    return 0;
}

struct candidate {
    struct dns_record *record;
    const char *name; // normalized
    uint32_t seq;
};

static int by_candidate(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    int c = strcmp(a->name, b->name);
    c = c != 0 ? c
               : dns_compare_set_identifiers(a->record->set_identifier, b->record->set_identifier);
    c = c != 0 ? c : strcmp(a->record->type, b->record->type); // addresses first
    c = c != 0 ? c : compare_targets(a->record, b->record);
    return c != 0 ? c : a->seq < b->seq ? -1 : 1;
}

static void lose(struct arena *a, struct dns_record *r, const struct dns_record *winner)
{
    r->state = DNS_FILTERED;
    r->rival = winner->source;
    r->reason =
        strcmp(r->type, winner->type) != 0
            ? arena_printf(a, "not made: %s wants addresses for the name, which go first",
                           winner->source)
            : arena_printf(a,
                           "not made: the %s record that %s wants for the name goes first, unless "
                           "this one is already there",
                           r->type, winner->source);
}

void record_conflict_resolve(struct arena *a, struct dns_record *records, uint32_t n)
{
    struct candidate *c = arena_calloc(a, n, sizeof *c);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (records[i].state != DNS_FILTERED) {
            c[k++] = (struct candidate){&records[i], dns_normalized_name(a, records[i].host), i};
        }
    }
    qsort(c, k, sizeof *c, by_candidate);
    const struct candidate *first = c; // of the name
    const struct candidate *best = c;  // of the name and type
    for (uint32_t i = 1; i < k; i++) {
        struct dns_record *r = c[i].record;
        if (strcmp(first->name, c[i].name) != 0 ||
            dns_compare_set_identifiers(first->record->set_identifier, r->set_identifier) != 0) {
            first = best = &c[i];
        } else if (strcmp(r->type, "CNAME") == 0 && strcmp(first->record->type, "CNAME") != 0) {
            lose(a, r, first->record);
        } else if (strcmp(best->record->type, r->type) == 0) {
            lose(a, r, best->record);
        } else {
            best = &c[i];
        }
    }
}
