// SPDX-License-Identifier: Apache-2.0
// Merges endpoints: within a source, then over all of them.
#include "kube/mesh/dns/endpoint_merge.h"

#include "kube/base/arena.h"

#include "kube/mesh/dns/dns_record.h"
#include "kube/mesh/dns/target_filter.h"

#include <stdlib.h>
#include <string.h>

static int compare_records(const struct endpoint *a, const struct endpoint *b)
{
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(a->type, b->type);
    return c != 0 ? c : dns_compare_set_identifiers(a->set_identifier, b->set_identifier);
}

// Within a source endpoints of one name and TTL are one record with all their targets; CNAMEs only where the first
// target is the same.
static int by_merge(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    int c = compare_records(a, b);
    if (c != 0) {
        return c;
    }
    if (a->ttl != b->ttl) {
        return a->ttl < b->ttl ? -1 : 1;
    }
    if (strcmp(a->type, "CNAME") == 0 && (c = strcmp(a->targets.at[0], b->targets.at[0])) != 0) {
        return c;
    }
    return 0;
}

static int compare_targets(const struct str_array *a, const struct str_array *b)
{
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        int c = strcmp(a->at[i], b->at[i]);
        if (c != 0) {
            return c;
        }
    }
    return a->n == b->n ? 0 : a->n < b->n ? -1 : 1;
}

// Over all sources endpoints with the same targets are one record, whatever their TTL
// (docs/rules/dns.md#merge-across-sources).
static int by_identity(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    int c = compare_records(a, b);
    return c != 0 ? c : compare_targets(&a->targets, &b->targets);
}

// Among Services addresses of one name are one record, whatever their TTL: the first one's counts.
static int by_name(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    return strcmp(a->type, "CNAME") == 0 ? by_merge(x, y) : compare_records(a, b);
}

// c, and among equals the order in which they were made.
static int then_by_seq(int c, const struct endpoint *a, const struct endpoint *b)
{
    return c != 0 ? c : a->seq < b->seq ? -1 : a->seq > b->seq ? 1 : 0;
}

static int merge_order(const void *x, const void *y)
{
    return then_by_seq(by_merge(x, y), *(struct endpoint *const *)x, *(struct endpoint *const *)y);
}

static int name_order(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    int c = by_name(x, y); // the least label owns the record
    return then_by_seq(c != 0 ? c : strcmp(a->sources.at[0], b->sources.at[0]), a, b);
}

static int identity_order(const void *x, const void *y)
{
    return then_by_seq(by_identity(x, y), *(struct endpoint *const *)x,
                       *(struct endpoint *const *)y);
}

// The endpoints from `from` on that are not dropped, in the arena.
static struct endpoint **kept(struct arena *a, struct endpoint_list *l, uint32_t from, uint32_t *n)
{
    struct endpoint **p = arena_calloc(a, l->n - from, sizeof *p);
    uint32_t k = 0;
    for (uint32_t i = from; i < l->n; i++) {
        if (!l->at[i].dropped) {
            p[k++] = &l->at[i];
        }
    }
    *n = k;
    return p;
}

static void add_all(struct str_set *s, const struct str_array *more)
{
    for (uint32_t i = 0; i < more->n; i++) {
        str_set_add(s, more->at[i]);
    }
}

// Of each run of equals the first takes in the sources of the others, and with `targets` their targets.
static void merge_equals(struct arena *a, struct endpoint **p, uint32_t n,
                         int (*compare)(const void *, const void *), bool targets)
{
    struct endpoint *first = NULL;
    struct str_set sources;
    for (uint32_t i = 0; i < n; i++) {
        if (first == NULL || compare(&first, &p[i]) != 0) {
            first = p[i];
            str_set_init(&sources, a);
            continue;
        }
        if (sources.array.n == 0) {
            add_all(&sources, &first->sources);
        }
        for (uint32_t k = 0; targets && k < p[i]->targets.n; k++) {
            str_array_add(a, &first->targets, p[i]->targets.at[k]);
        }
        add_all(&sources, &p[i]->sources);
        first->sources = sources.array;
        p[i]->dropped = true;
    }
}

void endpoint_merge_source(struct arena *a, struct endpoint_list *l, uint32_t from,
                           enum dns_source source)
{
    uint32_t n;
    struct endpoint **p = kept(a, l, from, &n);
    bool services = source == DNS_SOURCE_SERVICE;
    qsort(p, n, sizeof *p, services ? name_order : merge_order);
    merge_equals(a, p, n, services ? by_name : by_merge, true);
    for (uint32_t i = 0; i < n; i++) {
        str_array_sort_unique(&p[i]->targets);
    }
}

// Adds an endpoint like `model`, which may lie in the list, with another type and other targets.
static void add_like(struct arena *a, struct endpoint_list *l, const struct endpoint *model,
                     const char *type, struct str_array targets)
{
    struct endpoint copy = *model, *e = endpoint_add(a, l);
    copy.seq = e->seq;
    copy.type = type;
    copy.targets = targets;
    *e = copy;
}

// --force-default-targets: every endpoint has the default targets instead of its own
// (docs/rules/dns.md#default-targets).
static void apply_default_targets(struct arena *a, const struct dns_settings *s,
                                  struct endpoint_list *l)
{
    const struct str_array *d = &s->default_targets;
    uint32_t n = d->n != 0 && s->force_default_targets ? l->n : 0;
    for (uint32_t i = 0; i < n; i++) {
        struct endpoint old = l->at[i];
        if (old.dropped) {
            continue;
        }
        l->at[i].dropped = true;
        for (size_t t = 0; t < DNS_TARGET_TYPES; t++) {
            struct str_array targets = {0};
            for (uint32_t k = 0; k < d->n; k++) {
                if (strcmp(dns_target_type(d->at[k]), dns_target_types[t]) == 0) {
                    str_array_add(a, &targets, d->at[k]);
                }
            }
            if (targets.n != 0) {
                str_array_sort_unique(&targets);
                add_like(a, l, &old, dns_target_types[t], targets);
            }
        }
    }
}

// --nat64-networks: an A record beside an AAAA record whose addresses stand for IPv4 ones (docs/rules/dns.md#nat64).
static void add_nat64(struct arena *a, const struct dns_settings *s, struct endpoint_list *l)
{
    uint32_t n = s->nat64.n != 0 ? l->n : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct endpoint e = l->at[i];
        struct str_array v4 = {0};
        if (e.dropped || strcmp(e.type, "AAAA") != 0) {
            continue;
        }
        for (uint32_t k = 0; k < e.targets.n; k++) {
            const char *address = nat64_address(a, s, e.targets.at[k]);
            if (address != NULL) {
                str_array_add(a, &v4, address);
            }
        }
        if (v4.n != 0) {
            add_like(a, l, &e, "A", v4);
        }
    }
}

struct endpoint **endpoint_merge_all(struct arena *a, const struct dns_settings *s,
                                     struct endpoint_list *l, uint32_t *n)
{
    apply_default_targets(a, s, l);
    struct endpoint **p = kept(a, l, 0, n);
    qsort(p, *n, sizeof *p, identity_order);
    merge_equals(a, p, *n, by_identity, false);
    add_nat64(a, s, l);
    p = kept(a, l, 0, n);
    qsort(p, *n, sizeof *p, identity_order);
    return p;
}
