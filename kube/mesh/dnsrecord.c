// SPDX-License-Identifier: Apache-2.0
// Works out the records of external-dns: what the sources want, merged, filtered, with their owners' names.
#include "kube/mesh/dnsrecord.h"

#include "kube/base/text.h"

#include "kube/mesh/dns_parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static int compare(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int same_record(const struct wish *a, const struct wish *b)
{
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(a->type, b->type);
    return c != 0 ? c : compare(a->set_identifier, b->set_identifier);
}

// Within a source equal names of equal TTL are one record with all their targets; CNAMEs only where the
// first target is the same.
static int by_merge(const void *x, const void *y)
{
    const struct wish *a = *(struct wish *const *)x, *b = *(struct wish *const *)y;
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
    const struct wish *a = *(struct wish *const *)x, *b = *(struct wish *const *)y;
    int c = same_record(a, b);
    return c != 0 ? c : compare_targets(&a->targets, &b->targets);
}

// Among Services addresses of one name are one record, whatever their TTL: the first one's holds.
static int by_name(const void *x, const void *y)
{
    const struct wish *a = *(struct wish *const *)x, *b = *(struct wish *const *)y;
    return strcmp(a->type, "CNAME") == 0 ? by_merge(x, y) : same_record(a, b);
}

static int seq_last(int c, const struct wish *a, const struct wish *b)
{
    return c != 0 ? c : a->seq < b->seq ? -1 : a->seq > b->seq ? 1 : 0;
}

static int merge_order(const void *x, const void *y)
{
    return seq_last(by_merge(x, y), *(struct wish *const *)x, *(struct wish *const *)y);
}

static int name_order(const void *x, const void *y)
{
    const struct wish *a = *(struct wish *const *)x, *b = *(struct wish *const *)y;
    int c = by_name(x, y); // the least label owns the record
    return seq_last(c != 0 ? c : strcmp(a->sources.at[0], b->sources.at[0]), a, b);
}

static int identity_order(const void *x, const void *y)
{
    return seq_last(by_identity(x, y), *(struct wish *const *)x, *(struct wish *const *)y);
}

static struct wish **pointers(struct gather *g, uint32_t from, uint32_t *n)
{
    struct wish **p = arena_alloc(g->m->arena, ((size_t)g->n - from + 1) * sizeof *p);
    uint32_t k = 0;
    for (uint32_t i = from; i < g->n; i++) {
        if (!g->at[i].gone) {
            p[k++] = &g->at[i];
        }
    }
    *n = k;
    return p;
}

static void join_wishes(struct gather *g, struct wish **p, uint32_t n,
                        int (*equal)(const void *, const void *), bool targets)
{
    struct wish *first = NULL;
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

static void merge_source(struct gather *g, uint32_t from, enum dns_source source)
{
    uint32_t n;
    struct wish **p = pointers(g, from, &n);
    bool services = source == DNS_SOURCE_SERVICE;
    qsort(p, n, sizeof *p, services ? name_order : merge_order);
    join_wishes(g, p, n, services ? by_name : by_merge, true);
    for (uint32_t i = 0; i < n; i++) {
        texts_sort(&p[i]->targets);
    }
}

static void apply_default_targets(struct gather *g)
{
    const struct str_list *d = &g->s->default_targets;
    if (d->n == 0 || !g->s->force_default_targets) {
        return;
    }
    uint32_t n = g->n;
    for (uint32_t i = 0; i < n; i++) {
        struct wish old = g->at[i];
        if (old.gone) {
            continue;
        }
        g->at[i].gone = true;
        static const char *const types[] = {"A", "AAAA", "CNAME"};
        for (size_t t = 0; t < 3; t++) {
            struct wish *w = NULL;
            for (uint32_t k = 0; k < d->n; k++) {
                if (strcmp(dns_target_type(d->at[k]), types[t]) == 0) {
                    if (w == NULL) {
                        w = dns_new_wish(g);
                        uint32_t seq = w->seq;
                        *w = old;
                        w->seq = seq;
                        w->type = types[t];
                        w->targets = (struct texts){0};
                    }
                    texts_add(g->m->arena, &w->targets, d->at[k]);
                }
            }
            if (w != NULL) {
                texts_sort(&w->targets);
            }
        }
    }
}

// --- the rows

// Route 53 has addresses in place of a CNAME to one of Amazon's own names (§4.6).
static bool is_alias(const struct dns_settings *s, const struct wish *w)
{
    const char *target = w->targets.at[0];
    bool balancer = strstr(target, ".elb.") != NULL &&
                    (str_ends(target, ".amazonaws.com") || str_ends(target, ".amazonaws.com.cn"));
    return strcmp(s->provider, "aws") == 0 && !s->aws_prefer_cname &&
           strcmp(w->type, "CNAME") == 0 &&
           (balancer || str_ends(target, ".cloudfront.net") ||
            str_ends(target, ".awsglobalaccelerator.com"));
}

static void add_owner_name(const struct gather *g, struct texts *names, const struct wish *w,
                           const char *type)
{
    const char *name = dns_owner_name(g->m->arena, g->s, w->host, type);
    if (dns_labels_fit(name)) {
        texts_add(g->m->arena, names, name);
    }
}

// Before v0.18 the plain name too.
static const char *old_owner_name(const struct gather *g, const struct wish *w)
{
    struct arena *a = g->m->arena;
    bool replaced = str_starts(w->host, "*.") && !str_empty(g->s->txt_wildcard);
    const char *label =
        replaced ? arena_printf(a, "%s%s", g->s->txt_wildcard, w->host + 1) : w->host;
    size_t n = strcspn(label, ".");
    return str_lower(a, arena_printf(a, "%s%.*s%s%s", g->s->txt_prefix, (int)n, label,
                                     g->s->txt_suffix, label + n));
}

static struct str_list owner_names(const struct gather *g, const struct wish *w)
{
    struct texts names = {0};
    if (strcmp(g->s->registry, "txt") != 0) {
        return texts_list(&names);
    }
    if (is_alias(g->s, w)) { // up to v0.21 a CNAME's name owned it, which stays behind
        add_owner_name(g, &names, w, "A");
        add_owner_name(g, &names, w, "AAAA");
    }
    add_owner_name(g, &names, w, w->type);
    if (g->s->old_names) {
        texts_add(g->m->arena, &names, old_owner_name(g, w));
    }
    return texts_list(&names);
}

// --- rivals: of one name external-dns makes one record of a type, and no CNAME beside addresses

// The order of its conflict resolution: the fewer targets, then the lesser; addresses by number and before
// names.
static int compare_candidates(const struct dns_record *a, const struct dns_record *b)
{
    if (a->targets.n != b->targets.n) {
        return a->targets.n < b->targets.n ? -1 : 1;
    }
    for (uint32_t i = 0; i < a->targets.n; i++) {
        unsigned char x[16], y[16];
        const char *s = a->targets.at[i], *t = b->targets.at[i];
        int family = strcmp(a->type, "AAAA") == 0 ? AF_INET6 : AF_INET;
        bool numbers = inet_pton(family, s, x) == 1 && inet_pton(family, t, y) == 1;
        int c = numbers ? memcmp(x, y, family == AF_INET ? 4 : 16) : strcmp(s, t);
        if (c != 0) {
            return c;
        }
    }
    return 0;
}

struct candidate {
    struct dns_record *record;
    const char *name; // as the names are compared: A-labels in lower case
    uint32_t seq;
};

static int by_candidate(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    int c = strcmp(a->name, b->name);
    c = c != 0 ? c : compare(a->record->set_identifier, b->record->set_identifier);
    c = c != 0 ? c : strcmp(a->record->type, b->record->type); // addresses first
    c = c != 0 ? c : compare_candidates(a->record, b->record);
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

static void settle_rivals(struct arena *a, struct dns_record *rows, uint32_t n)
{
    struct candidate *c = arena_alloc(a, ((size_t)n + 1) * sizeof *c);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (rows[i].state != DNS_FILTERED) {
            c[k++] = (struct candidate){&rows[i], dns_plain_name(a, rows[i].host), i};
        }
    }
    qsort(c, k, sizeof *c, by_candidate);
    const struct candidate *first = c; // of the name
    const struct candidate *best = c;  // of the name and type
    for (uint32_t i = 1; i < k; i++) {
        struct dns_record *r = c[i].record;
        if (strcmp(first->name, c[i].name) != 0 ||
            compare(first->record->set_identifier, r->set_identifier) != 0) {
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

// --nat64-networks: an A record beside an AAAA whose addresses stand for IPv4 ones.
static void add_nat64(struct gather *g)
{
    uint32_t n = g->s->nat64.n != 0 ? g->n : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct wish x = g->at[i];
        struct texts v4 = {0};
        for (uint32_t k = 0; k < x.targets.n && !x.gone && strcmp(x.type, "AAAA") == 0; k++) {
            const char *address = dns_nat64_address(g->m->arena, g->s, x.targets.at[k]);
            if (address != NULL) {
                texts_add(g->m->arena, &v4, address);
            }
        }
        if (v4.n != 0) {
            struct wish *w = dns_new_wish(g);
            uint32_t seq = w->seq;
            *w = x;
            w->seq = seq;
            w->type = "A";
            w->targets = v4;
        }
    }
}

// The targets that pass the filters of networks.
static struct texts passing(struct gather *g, const struct texts *targets)
{
    struct texts out = {0};
    for (uint32_t i = 0; i < targets->n; i++) {
        if (dns_target_passes(g->s, targets->at[i])) {
            texts_add(g->m->arena, &out, targets->at[i]);
        }
    }
    return out;
}

// Why no filter lets the record through, NULL where they do.
static const char *filtered(struct gather *g, const struct wish *w, const struct texts *left)
{
    if (left->n == 0) {
        return "a filter of target networks of external-dns takes it away";
    }
    if (!dns_domain_passes(g->s, w->host)) {
        return "a domain filter of external-dns takes it away";
    }
    return dns_type_managed(g->s, w->type)
               ? NULL
               : arena_printf(g->m->arena, "external-dns does not manage %s records here", w->type);
}

static void finish(struct gather *g, struct dns_records *out)
{
    struct arena *a = g->m->arena;
    uint32_t n;
    apply_default_targets(g);
    struct wish **p = pointers(g, 0, &n);
    qsort(p, n, sizeof *p, identity_order);
    join_wishes(g, p, n, by_identity, false);
    add_nat64(g);
    p = pointers(g, 0, &n);
    qsort(p, n, sizeof *p, identity_order);
    if (g->s->invalid != NULL && g->stopped == NULL) {
        g->stopped = arena_printf(a, "external-dns does not start: %s", g->s->invalid);
        g->stopped_hint = arena_printf(a, "correct what it is told (%s)", g->s->from);
    }
    struct dns_record *rows = arena_alloc(a, ((size_t)n + 1) * sizeof *rows);
    for (uint32_t i = 0; i < n; i++) {
        const struct wish *w = p[i];
        struct texts left = passing(g, &w->targets);
        const char *why = filtered(g, w, &left);
        struct dns_record *r = &rows[i];
        r->host = w->host;
        r->type = w->type;
        r->targets = texts_list(left.n != 0 ? &left : &w->targets);
        r->ttl = w->ttl != 0 ? w->ttl : g->s->min_ttl;
        r->source = w->sources.at[0];
        r->sources = texts_list(&w->sources);
        r->owner_names = owner_names(g, w);
        r->set_identifier = w->set_identifier;
        r->rival = NULL;
        r->state = why != NULL ? DNS_FILTERED : DNS_UNKNOWN;
        r->reason = why != NULL ? why : g->stopped != NULL ? g->stopped : "not asked yet";
    }
    settle_rivals(a, rows, n);
    out->at = rows;
    out->n = n;
    out->stopped = g->stopped;
    out->stopped_hint = g->stopped_hint;
    out->left_out = texts_list(&g->left_out);
}

const char *dns_state_name(enum dns_state s)
{
    static const char *const names[] = {
        "ok", "missing", "empty", "elsewhere", "foreign", "stale", "unknown", "filtered",
    };
    return names[s];
}

enum verdict dns_state_verdict(enum dns_state s)
{
    switch (s) {
    case DNS_OK:
        return VERDICT_OK;
    case DNS_MISSING:
    case DNS_EMPTY:
    case DNS_ELSEWHERE:
        return VERDICT_BROKEN;
    case DNS_FOREIGN:
    case DNS_STALE:
    case DNS_FILTERED:
        return VERDICT_WARNING;
    case DNS_UNKNOWN:
        break;
    }
    return VERDICT_UNKNOWN;
}

static const enum kind source_kind[DNS_SOURCE_COUNT] = {
    KIND_GATEWAY,
    KIND_VIRTUALSERVICE,
    KIND_SERVICE,
    KIND_INGRESS,
};

void dns_records(const struct mesh *m, const struct dns_settings *s, struct dns_records *out)
{
    struct gather g = {.m = m, .s = s};
    memset(out, 0, sizeof *out);
    out->complete = true;
    for (uint32_t i = 0; i < s->nsources; i++) {
        uint32_t n, from = g.n;
        const struct object *const *all = mesh_all(m, source_kind[s->source[i]], &n);
        out->complete = out->complete && mesh_complete(m, source_kind[s->source[i]]) &&
                        mesh_complete(m, KIND_SERVICE) && mesh_complete(m, KIND_GATEWAY);
        for (uint32_t k = 0; k < n; k++) {
            switch (s->source[i]) {
            case DNS_SOURCE_GATEWAY:
                dns_of_gateway(&g, OBJECT_AS(gateway, all[k]), NULL);
                break;
            case DNS_SOURCE_VIRTUALSERVICE:
                dns_of_virtualservice(&g, OBJECT_AS(virtualservice, all[k]), NULL);
                break;
            case DNS_SOURCE_SERVICE:
                dns_of_service(&g, OBJECT_AS(service, all[k]));
                break;
            default:
                dns_of_ingress(&g, OBJECT_AS(ingress, all[k]));
                break;
            }
        }
        merge_source(&g, from, s->source[i]);
    }
    finish(&g, out);
}

// The objects of an index entry, and `more` where it is not among them, by namespace and name.
static const struct object **sorted_with(const struct mesh *m, enum index_kind index,
                                         const char *host, const struct object *more, uint32_t *n)
{
    const struct object *const *all = mesh_index(m, index, host, "", n);
    const struct object **out = arena_alloc(m->arena, ((size_t)*n + 1) * sizeof *out);
    bool there = more == NULL;
    for (uint32_t i = 0; i < *n; i++) {
        out[i] = all[i];
        there = there || all[i] == more;
    }
    if (!there) {
        out[(*n)++] = more;
    }
    qsort(out, *n, sizeof *out, object_id_order);
    return out;
}

void dns_records_of_host(const struct mesh *m, const struct dns_settings *s, const char *host,
                         const struct object *gateway, const struct object *vs,
                         struct dns_records *out)
{
    struct gather g = {.m = m, .s = s};
    const char *low = str_lower(m->arena, host);
    memset(out, 0, sizeof *out);
    out->complete = mesh_complete(m, KIND_GATEWAY) && mesh_complete(m, KIND_SERVICE);
    for (uint32_t i = 0; i < s->nsources; i++) {
        uint32_t n, from = g.n;
        if (s->source[i] == DNS_SOURCE_GATEWAY) {
            const struct object **all = sorted_with(m, INDEX_GATEWAY_BY_HOST, low, gateway, &n);
            for (uint32_t k = 0; k < n; k++) {
                dns_of_gateway(&g, OBJECT_AS(gateway, all[k]), host);
            }
        } else if (s->source[i] == DNS_SOURCE_VIRTUALSERVICE) {
            const struct object **all = sorted_with(m, INDEX_VS_BY_HOST, low, vs, &n);
            out->complete = out->complete && mesh_complete(m, KIND_VIRTUALSERVICE);
            for (uint32_t k = 0; k < n; k++) {
                dns_of_virtualservice(&g, OBJECT_AS(virtualservice, all[k]), host);
            }
        }
        merge_source(&g, from, s->source[i]);
    }
    finish(&g, out);
}

const char *dns_records_answering(const struct mesh *m, const struct dns_settings *s,
                                  const char *host, const struct object *gateway,
                                  const struct object *vs, struct dns_records *out)
{
    const char *name = host;
    dns_records_of_host(m, s, host, gateway, vs, out);
    const char *dot = host[0] == '*' ? NULL : strchr(host, '.');
    while (out->n == 0 && dot != NULL && strchr(dot + 1, '.') != NULL) {
        name = arena_printf(m->arena, "*%s", dot);
        dns_records_of_host(m, s, name, gateway, vs, out);
        dot = strchr(dot + 1, '.');
    }
    return name;
}
