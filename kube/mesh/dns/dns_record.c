// SPDX-License-Identifier: Apache-2.0
// Works out the records of external-dns: what the sources want, merged, filtered, with their owners' names.
#include "kube/mesh/dns/dns_record.h"

#include "kube/base/text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/object_order.h"
#include "kube/mesh/dns/dns_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

// --- who owns a record

// Route 53 has addresses in place of a CNAME to one of Amazon's own names (docs/rules/dns.md#route53-alias).
static bool is_alias(const struct dns_settings *s, const struct endpoint *w)
{
    const char *target = w->targets.at[0];
    bool balancer = strstr(target, ".elb.") != NULL &&
                    (str_ends(target, ".amazonaws.com") || str_ends(target, ".amazonaws.com.cn"));
    return strcmp(s->provider, "aws") == 0 && !s->aws_prefer_cname &&
           strcmp(w->type, "CNAME") == 0 &&
           (balancer || str_ends(target, ".cloudfront.net") ||
            str_ends(target, ".awsglobalaccelerator.com"));
}

static void add_owner_name(const struct gather *g, struct texts *names, const struct endpoint *w,
                           const char *type)
{
    const char *name = dns_owner_name(g->m->arena, g->s, w->host, type);
    if (dns_labels_fit(name)) {
        texts_add(g->m->arena, names, name);
    }
}

// Before v0.18 the plain name too.
static const char *old_owner_name(const struct gather *g, const struct endpoint *w)
{
    struct arena *a = g->m->arena;
    bool replaced = str_starts(w->host, "*.") && !str_empty(g->s->txt_wildcard);
    const char *label =
        replaced ? arena_printf(a, "%s%s", g->s->txt_wildcard, w->host + 1) : w->host;
    size_t n = strcspn(label, ".");
    return str_lower(a, arena_printf(a, "%s%.*s%s%s", g->s->txt_prefix, (int)n, label,
                                     g->s->txt_suffix, label + n));
}

static struct str_list owner_names(const struct gather *g, const struct endpoint *w)
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
    c = c != 0 ? c : dns_compare_text(a->record->set_identifier, b->record->set_identifier);
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
            dns_compare_text(first->record->set_identifier, r->set_identifier) != 0) {
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
static const char *filtered(struct gather *g, const struct endpoint *w, const struct texts *left)
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
    struct endpoint **p = dns_merge_all(g, &n);
    if (g->s->invalid != NULL && g->stopped == NULL) {
        g->stopped = arena_printf(a, "external-dns does not start: %s", g->s->invalid);
        g->stopped_hint = arena_printf(a, "correct what it is told (%s)", g->s->from);
    }
    struct dns_record *rows = arena_alloc(a, ((size_t)n + 1) * sizeof *rows);
    for (uint32_t i = 0; i < n; i++) {
        const struct endpoint *w = p[i];
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
        dns_merge_source(&g, from, s->source[i]);
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
        dns_merge_source(&g, from, s->source[i]);
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
