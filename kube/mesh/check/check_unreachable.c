// SPDX-License-Identifier: Apache-2.0
// Rules and matches that cannot win as the analyzer sees it (IST0130, IST0131): docs/rules/istio.md#ist0130,
// docs/rules/istio.md#ist0131.
//
// What Envoy really does with a merged host is judged in check_dead_rules.c; here the same pairs come out as from
// `istioctl analyze`, with its false alarms.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/shadowed_route.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_COMPARISONS = 2000000 }; // of prefix pairs in one VirtualService

// --- a match as text, without its name: equal texts are equal conditions

static void add_text(struct buf *b, const char *key, const char *value)
{
    if (!str_empty(value)) {
        buf_addf(b, "%s=%zu:%s;", key, strlen(value), value);
    }
}

static void add_string_match(struct buf *b, const char *key, const struct string_match *s)
{
    static const char *const words[] = {
        [MATCH_ABSENT] = "",       [MATCH_EMPTY] = "empty", [MATCH_EXACT] = "exact",
        [MATCH_PREFIX] = "prefix", [MATCH_REGEX] = "regex",
    };
    if (s->type != MATCH_ABSENT) {
        buf_addf(b, "%s %s=%zu:%s;", key, words[s->type], s->text != NULL ? strlen(s->text) : 0,
                 str_or_empty(s->text));
    }
}

static int by_match_name(const void *x, const void *y)
{
    return strcmp(((const struct named_match *)x)->name, ((const struct named_match *)y)->name);
}

static void add_named(struct check *c, struct buf *b, const char *key, const struct named_match *at,
                      uint32_t n)
{
    if (n == 0) {
        return;
    }
    struct named_match *sorted = arena_calloc(c->a, n, sizeof *sorted);
    memcpy(sorted, at, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_match_name);
    buf_addf(b, "%s{", key);
    for (uint32_t i = 0; i < n; i++) {
        add_string_match(b, sorted[i].name, &sorted[i].match);
    }
    buf_addc(b, '}');
}

static void add_map(struct check *c, struct buf *b, const char *key, const struct str_map *m)
{
    if (m->n == 0) {
        return;
    }
    const struct str_map sorted = str_map_sorted(c->a, m);
    buf_addf(b, "%s{", key);
    for (uint32_t i = 0; i < sorted.n; i++) {
        const struct str_pair *p = &sorted.at[i];
        buf_addf(b, "%zu:%s=%zu:%s;", strlen(p->key), p->key, strlen(p->value), p->value);
    }
    buf_addc(b, '}');
}

static void add_list(struct buf *b, const char *key, const struct str_list *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        buf_addf(b, "%s[%zu:%s]", key, strlen(l->at[i]), l->at[i]);
    }
}

static const char *http_match_text(struct check *c, const struct http_match *m)
{
    struct buf b;
    buf_init(&b, 0);
    add_string_match(&b, "uri", &m->uri);
    const struct http_match_more *x = m->more;
    if (x != NULL) {
        add_string_match(&b, "scheme", &x->scheme);
        add_string_match(&b, "method", &x->method);
        add_string_match(&b, "authority", &x->authority);
        add_named(c, &b, "headers", x->headers, x->nheaders);
        add_named(c, &b, "without", x->without_headers, x->nwithout_headers);
        add_named(c, &b, "query", x->query_params, x->nquery_params);
        add_map(c, &b, "labels", &x->source_labels);
        add_list(&b, "gateways", &x->gateways);
        add_text(&b, "ns", x->source_namespace);
        add_text(&b, "stat", x->stat_prefix);
        buf_addf(&b, "%u %d", x->port, x->ignore_uri_case);
    } else {
        buf_adds(&b, "0 0");
    }
    return buf_take_arena(&b, c->a);
}

static const char *l4_match_text(struct check *c, const struct l4_match *m)
{
    struct buf b;
    buf_init(&b, 0);
    add_list(&b, "sni", &m->sni_hosts);
    add_list(&b, "subnets", &m->destination_subnets);
    add_list(&b, "gateways", &m->gateways);
    add_map(c, &b, "labels", &m->source_labels);
    add_text(&b, "ns", m->source_namespace);
    buf_addf(&b, "%u", m->port);
    return buf_take_arena(&b, c->a);
}

// --- unreachable rules

struct rule_list { // one list of a VirtualService
    struct check *c;
    const struct virtualservice *vs;
    const char *list;       // "http"
    struct string_map seen; // match text -> number of its rule
    bool *matchless;        // found one already
};

static const char *rule_label(struct check *c, const struct virtualservice *vs, const char *list,
                              uint32_t i)
{
    const char *name = strcmp(list, "http") == 0 ? vs->http[i].name : NULL;
    return str_empty(name) ? check_text(c, "#%u", i) : check_text(c, "\"%s\"", name);
}

static const char *match_label(struct check *c, const struct http_match *m, uint32_t i)
{
    const char *name = m != NULL && m->more != NULL ? m->more->name : NULL;
    return str_empty(name) ? check_text(c, "#%u", i) : check_text(c, "\"%s\"", name);
}

static void unreachable(struct rule_list *r, uint32_t i, const char *why)
{
    struct check *c = r->c;
    struct finding *f =
        check_add(c, "IST0130", &r->vs->o, check_text(c, "spec.%s[%u]", r->list, i),
                  "rule %s is never used: %s", rule_label(c, r->vs, r->list, i), why);
    check_hint(c, f, "move it before what takes its requests, or remove it");
}

struct rule_view { // what both kinds of rule have
    uint32_t nmatches;
    const char *(*text)(struct rule_list *r, uint32_t rule, uint32_t match);
    const struct http_match *(*http)(struct rule_list *r, uint32_t rule, uint32_t match);
};

static void one_rule(struct rule_list *r, uint32_t i, const struct rule_view *v)
{
    if (v->nmatches == 0) {
        if (*r->matchless) {
            unreachable(r, i, "only the last rule can have no match");
        }
        *r->matchless = true;
        return;
    }
    if (*r->matchless) { // the analyzer looks at it no further
        unreachable(r, i, "a rule without a match stands before it");
        return;
    }
    uint32_t used = 0;
    for (uint32_t k = 0; k < v->nmatches; k++) {
        void **place = string_map_at(&r->seen, v->text(r, i, k));
        if (*place == NULL) {
            uint32_t *number = arena_alloc(r->c->a, sizeof *number);
            *number = i;
            *place = number;
            continue;
        }
        uint32_t other = *(const uint32_t *)*place;
        used++;
        struct finding *f = check_add(
            r->c, "IST0131", &r->vs->o, check_text(r->c, "spec.%s[%u].match[%u]", r->list, i, k),
            "rule %s match %s is never used: rule %s has the same match",
            rule_label(r->c, r->vs, r->list, i), match_label(r->c, v->http(r, i, k), k),
            rule_label(r->c, r->vs, r->list, other));
        check_hint(r->c, f, "remove it, or give it another condition");
    }
    if (used == v->nmatches) {
        unreachable(r, i, "earlier rules have all its matches");
    }
}

static const char *http_text(struct rule_list *r, uint32_t rule, uint32_t match)
{
    return http_match_text(r->c, &r->vs->http[rule].matches[match]);
}
static const char *tls_text(struct rule_list *r, uint32_t rule, uint32_t match)
{
    return l4_match_text(r->c, &r->vs->tls[rule].matches[match]);
}
static const char *tcp_text(struct rule_list *r, uint32_t rule, uint32_t match)
{
    return l4_match_text(r->c, &r->vs->tcp[rule].matches[match]);
}
static const struct http_match *http_match_of(struct rule_list *r, uint32_t rule, uint32_t match)
{
    return &r->vs->http[rule].matches[match];
}
static const struct http_match *no_match_of(struct rule_list *r, uint32_t rule, uint32_t match)
{
    (void)r, (void)rule, (void)match;
    return NULL;
}

// --- prefixes that an earlier prefix covers

struct prefix_entry {
    const struct http_match *match;
    uint32_t rule, index;
    struct prefix_entry *next; // of the same prefix
};

static const char *compared(struct check *c, const struct string_match *s, const char *absent)
{
    if ((s->type == MATCH_EXACT || s->type == MATCH_PREFIX) && !str_empty(s->text)) {
        return check_text(c, "%s:%s", s->type == MATCH_EXACT ? "exact" : "prefix", s->text);
    }
    return absent; // also for a regex
}

// Equal, or the earlier one's text starts with the later one's.
static bool compatible(struct check *c, const struct string_match *a, const struct string_match *b,
                       const char *absent)
{
    return str_starts(compared(c, a, absent), compared(c, b, absent));
}

static bool compatible_maps(struct check *c, const struct named_match *a, uint32_t na,
                            const struct named_match *b, uint32_t nb)
{
    if (na != nb) {
        return false;
    }
    for (uint32_t i = 0; i < na; i++) {
        bool found = false;
        for (uint32_t k = 0; k < nb && !found; k++) {
            found = str_eq(a[i].name, b[k].name) && compatible(c, &a[i].match, &b[k].match, "");
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool covers(struct check *c, const struct http_match *a, const struct http_match *b)
{
    static const struct http_match_more none;
    const struct http_match_more *x = a->more != NULL ? a->more : &none;
    const struct http_match_more *y = b->more != NULL ? b->more : &none;
    return x->port == y->port && compatible(c, &x->method, &y->method, "exact:GET") &&
           compatible(c, &x->authority, &y->authority, "") &&
           compatible_maps(c, x->headers, x->nheaders, y->headers, y->nheaders) &&
           compatible_maps(c, x->query_params, x->nquery_params, y->query_params,
                           y->nquery_params) &&
           compatible_maps(c, x->without_headers, x->nwithout_headers, y->without_headers,
                           y->nwithout_headers);
}

// The analyzer compares texts; where the conditions do not really contain each other, the message mentions it.
static void report_covered(struct rule_list *r, const struct prefix_entry *a,
                           const struct prefix_entry *b)
{
    struct check *c = r->c;
    const char *path = check_text(c, "spec.http[%u].match[%u].uri.prefix", b->rule, b->index);
    const char *later =
        check_text(c, "rule %s match %s of prefix %s", rule_label(c, r->vs, "http", b->rule),
                   match_label(c, b->match, b->index), b->match->uri.text);
    const char *earlier =
        check_text(c, "match %s of prefix %s in rule %s", match_label(c, a->match, a->index),
                   a->match->uri.text, rule_label(c, r->vs, "http", a->rule));
    if (match_covers(c->a, a->match, b->match)) {
        struct finding *f = check_add(c, "IST0131", &r->vs->o, path,
                                      "%s is never used: %s takes its requests", later, earlier);
        check_hint(c, f, "put the longer prefix first");
    } else {
        struct finding *f = check_add(c, "IST0131", &r->vs->o, path,
                                      "%s overlaps with %s before it", later, earlier);
        check_hint(c, f,
                   "istioctl calls it unused, but requests that fail the other conditions of the "
                   "earlier match "
                   "reach it");
    }
}

// Compares each prefix with the earlier entries of its shorter heads; no pair comes twice. Ends at the
// first rule without a match.
static void check_prefixes(struct rule_list *r)
{
    struct check *c = r->c;
    struct string_map by_prefix;
    string_map_init(&by_prefix, c->a);
    uint32_t budget = MAX_COMPARISONS;
    for (uint32_t i = 0;
         i < r->vs->nhttp && (r->vs->http[i].nmatches > 0 || r->vs->http[i].null_entry); i++) {
        for (uint32_t k = 0; k < r->vs->http[i].nmatches; k++) {
            const struct http_match *m = &r->vs->http[i].matches[k];
            if (m->uri.type != MATCH_PREFIX || m->uri.text[0] == '\0') {
                continue;
            }
            struct prefix_entry *e = arena_alloc(c->a, sizeof *e);
            *e = (struct prefix_entry){m, i, k, NULL};
            size_t n = strlen(m->uri.text);
            char *head = arena_strndup(c->a, m->uri.text, n);
            for (size_t len = n; len-- > 1 && budget > 0;) {
                head[len] = '\0';
                budget--;
                for (const struct prefix_entry *a = string_map_get(&by_prefix, head);
                     a != NULL && budget > 0; a = a->next, budget--) {
                    if (covers(c, a->match, m)) {
                        report_covered(r, a, e);
                    }
                }
            }
            void **place = string_map_at(&by_prefix, m->uri.text);
            e->next = *place;
            *place = e;
        }
    }
}

static void check_list_of(struct check *c, const struct virtualservice *vs, const char *list)
{
    bool matchless = false;
    struct rule_list r = {.c = c, .vs = vs, .list = list, .matchless = &matchless};
    string_map_init(&r.seen, c->a);
    if (strcmp(list, "http") == 0) {
        for (uint32_t i = 0; i < vs->nhttp; i++) {
            if (!vs->http[i].null_entry) {
                one_rule(&r, i,
                         &(struct rule_view){vs->http[i].nmatches, http_text, http_match_of});
            }
        }
        check_prefixes(&r);
    } else if (strcmp(list, "tls") == 0) {
        for (uint32_t i = 0; i < vs->ntls; i++) {
            one_rule(&r, i, &(struct rule_view){vs->tls[i].nmatches, tls_text, no_match_of});
        }
    } else {
        for (uint32_t i = 0; i < vs->ntcp; i++) {
            one_rule(&r, i, &(struct rule_view){vs->tcp[i].nmatches, tcp_text, no_match_of});
        }
    }
}

void check_unreachable(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        check_list_of(c, vs, "http");
        check_list_of(c, vs, "tcp");
        check_list_of(c, vs, "tls");
    }
}
