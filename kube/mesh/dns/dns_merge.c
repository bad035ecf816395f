// SPDX-License-Identifier: Apache-2.0
// Makes one record of what several objects want: within a source, then over all of them.
#include "kube/base/text.h"

#include "kube/mesh/dns/dns_internal.h"

#include <stdlib.h>
#include <string.h>

int dns_compare_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int same_record(const struct endpoint *a, const struct endpoint *b)
{
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(a->type, b->type);
    return c != 0 ? c : dns_compare_text(a->set_identifier, b->set_identifier);
}

// Within a source equal names of equal TTL are one record with all their targets; CNAMEs only where the
// first target is the same.
static int by_merge(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    int c = same_record(a, b);
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

static int compare_targets(const struct texts *a, const struct texts *b)
{
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        int c = strcmp(a->at[i], b->at[i]);
        if (c != 0) {
            return c;
        }
    }
    return a->n == b->n ? 0 : a->n < b->n ? -1 : 1;
}

// Over the sources a record with the same targets is the same record, whatever its TTL.
static int by_identity(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    int c = same_record(a, b);
    return c != 0 ? c : compare_targets(&a->targets, &b->targets);
}

// Among Services addresses of one name are one record, whatever their TTL: the first one's holds.
static int by_name(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    return strcmp(a->type, "CNAME") == 0 ? by_merge(x, y) : same_record(a, b);
}

static int seq_last(int c, const struct endpoint *a, const struct endpoint *b)
{
    return c != 0 ? c : a->seq < b->seq ? -1 : a->seq > b->seq ? 1 : 0;
}

static int merge_order(const void *x, const void *y)
{
    return seq_last(by_merge(x, y), *(struct endpoint *const *)x, *(struct endpoint *const *)y);
}

static int name_order(const void *x, const void *y)
{
    const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
    int c = by_name(x, y); // the least label owns the record
    return seq_last(c != 0 ? c : strcmp(a->sources.at[0], b->sources.at[0]), a, b);
}

static int identity_order(const void *x, const void *y)
{
    return seq_last(by_identity(x, y), *(struct endpoint *const *)x, *(struct endpoint *const *)y);
}

static struct endpoint **pointers(struct gather *g, uint32_t from, uint32_t *n)
{
    struct endpoint **p = arena_alloc(g->m->arena, ((size_t)g->n - from + 1) * sizeof *p);
    uint32_t k = 0;
    for (uint32_t i = from; i < g->n; i++) {
        if (!g->at[i].gone) {
            p[k++] = &g->at[i];
        }
    }
    *n = k;
    return p;
}

static void join_wishes(struct gather *g, struct endpoint **p, uint32_t n,
                        int (*equal)(const void *, const void *), bool targets)
{
    struct endpoint *first = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (first == NULL || equal(&first, &p[i]) != 0) {
            first = p[i];
            continue;
        }
        for (uint32_t k = 0; targets && k < p[i]->targets.n; k++) {
            texts_add(g->m->arena, &first->targets, p[i]->targets.at[k]);
        }
        for (uint32_t k = 0; k < p[i]->sources.n; k++) {
            if (!texts_has(&first->sources, p[i]->sources.at[k])) {
                texts_add(g->m->arena, &first->sources, p[i]->sources.at[k]);
            }
        }
        p[i]->gone = true;
    }
}

void dns_merge_source(struct gather *g, uint32_t from, enum dns_source source)
{
    uint32_t n;
    struct endpoint **p = pointers(g, from, &n);
    bool services = source == DNS_SOURCE_SERVICE;
    qsort(p, n, sizeof *p, services ? name_order : merge_order);
    join_wishes(g, p, n, services ? by_name : by_merge, true);
    for (uint32_t i = 0; i < n; i++) {
        texts_sort(&p[i]->targets);
    }
}

// Another record like `from`, which may lie in g.
static void add_like(struct gather *g, const struct endpoint *from, const char *type,
                     struct texts targets)
{
    struct endpoint copy = *from, *w = dns_new_endpoint(g);
    copy.seq = w->seq;
    copy.type = type;
    copy.targets = targets;
    *w = copy;
}

static void apply_default_targets(struct gather *g)
{
    const struct str_list *d = &g->s->default_targets;
    if (d->n == 0 || !g->s->force_default_targets) {
        return;
    }
    uint32_t n = g->n;
    for (uint32_t i = 0; i < n; i++) {
        struct endpoint old = g->at[i];
        if (old.gone) {
            continue;
        }
        g->at[i].gone = true;
        static const char *const types[] = {"A", "AAAA", "CNAME"};
        for (size_t t = 0; t < 3; t++) {
            struct texts targets = {0};
            for (uint32_t k = 0; k < d->n; k++) {
                if (strcmp(dns_target_type(d->at[k]), types[t]) == 0) {
                    texts_add(g->m->arena, &targets, d->at[k]);
                }
            }
            if (targets.n != 0) {
                texts_sort(&targets);
                add_like(g, &old, types[t], targets);
            }
        }
    }
}

// --nat64-networks: an A record beside an AAAA whose addresses stand for IPv4 ones.
static void add_nat64(struct gather *g)
{
    uint32_t n = g->s->nat64.n != 0 ? g->n : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct endpoint x = g->at[i];
        struct texts v4 = {0};
        for (uint32_t k = 0; k < x.targets.n && !x.gone && strcmp(x.type, "AAAA") == 0; k++) {
            const char *address = dns_nat64_address(g->m->arena, g->s, x.targets.at[k]);
            if (address != NULL) {
                texts_add(g->m->arena, &v4, address);
            }
        }
        if (v4.n != 0) {
            add_like(g, &x, "A", v4);
        }
    }
}

struct endpoint **dns_merge_all(struct gather *g, uint32_t *n)
{
    apply_default_targets(g);
    struct endpoint **p = pointers(g, 0, n);
    qsort(p, *n, sizeof *p, identity_order);
    join_wishes(g, p, *n, by_identity, false);
    add_nat64(g);
    p = pointers(g, 0, n);
    qsort(p, *n, sizeof *p, identity_order);
    return p;
}
