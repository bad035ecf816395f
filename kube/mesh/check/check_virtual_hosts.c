// SPDX-License-Identifier: Apache-2.0
// gatetop's checks of the merged virtual hosts: dead rules, prefixes that catch a neighbour, redirect loops, hosts
// that several VirtualServices share (GT0101, GT0102, GT0104, GT0109): docs/rules/istio.md#dead-rules,
// docs/rules/istio.md#prefix-neighbour, docs/rules/istio.md#redirect-loop,
// docs/rules/istio.md#virtual-host-merge.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/shadowed_route.h"
#include "kube/mesh/trace/trace.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_LOOP_CHECKS = 2000, // redirects that are followed
    LOOP_HOPS = 6,
    MAX_PREFIX_STEPS = 5000000, // heads of paths that are looked up
};

struct host_checks {
    struct check *c;
    struct route_table *table; // of the current workload
    struct string_map rules;   // "ns/name rule match" -> struct rule_life
    struct rule_life *all;     // every one
    uint32_t loops, steps;     // work that is left
};

struct rule_life {
    const struct route *route;
    const struct route *by; // that takes its requests, on `host`
    const char *host;
    bool alive;
    struct rule_life *next;
};

static const char *rule_name(struct check *c, const struct route *r)
{
    const char *match = r->match_index >= 0 && r->rule->nmatches > 1
                            ? check_text(c, " match %d", r->match_index)
                            : "";
    return str_empty(r->name) ? check_text(c, "rule #%u%s", r->index, match)
                              : check_text(c, "rule \"%s\"%s", r->name, match);
}

static const char *rule_path(struct check *c, const struct route *r)
{
    if (r->delegate != NULL || r->match_index < 0) {
        return check_text(c, "spec.http[%u]", r->delegate != NULL ? r->delegate_index : r->index);
    }
    return check_text(c, "spec.http[%u].match[%d]", r->index, r->match_index);
}

static const struct virtualservice *rule_owner(const struct route *r)
{
    return r->delegate != NULL ? r->delegate : r->vs;
}

// "VirtualService b/y rule #1", or only the rule where it is of the same object.
static const char *other_rule(struct check *c, const struct route *r, const struct route *self)
{
    return r->vs == self->vs ? rule_name(c, r)
                             : check_text(c, "%s of VirtualService %s/%s", rule_name(c, r),
                                          r->vs->o.ns, r->vs->o.name);
}

// --- dead rules

static struct rule_life *life_of(struct host_checks *h, const struct route *r)
{
    const struct virtualservice *d = r->delegate;
    const char *key = check_text(h->c, "%s/%s %u %d %s/%s %u", r->vs->o.ns, r->vs->o.name, r->index,
                                 r->match_index, d != NULL ? d->o.ns : "",
                                 d != NULL ? d->o.name : "", r->delegate_index);
    void **place = string_map_at(&h->rules, key);
    if (*place == NULL) {
        struct rule_life *l = arena_alloc(h->c->a, sizeof *l);
        *l = (struct rule_life){.route = r, .next = h->all};
        h->all = l;
        *place = l;
    }
    return *place;
}

static void mark_lives(struct host_checks *h, const struct virtual_host *v,
                       const struct route *const *routes, uint32_t n)
{
    const struct route **by = arena_calloc(h->c->a, n, sizeof *by);
    shadowed_routes_find(h->c->a, routes, n, by);
    for (uint32_t i = 0; i < n; i++) {
        struct rule_life *l = life_of(h, routes[i]);
        l->alive = l->alive || by[i] == NULL;
        if (by[i] != NULL && l->by == NULL) {
            l->by = by[i];
            l->host = v->domain;
        }
    }
}

static void report_dead(struct host_checks *h)
{
    for (const struct rule_life *l = h->all; l != NULL; l = l->next) {
        if (l->by == NULL) {
            continue;
        }
        const char *where = l->alive ? check_text(h->c, " on host %s", l->host) : "";
        struct finding *f =
            check_add(h->c, "GT0101", &rule_owner(l->route)->o, rule_path(h->c, l->route),
                      "%s is never reached%s: %s takes all its requests", rule_name(h->c, l->route),
                      where, other_rule(h->c, l->by, l->route));
        check_hint(
            h->c, f,
            l->by->vs == l->route->vs
                ? "move it before that rule, or remove it"
                : "the older VirtualService comes first: write both rules into one, in order");
    }
}

static bool decided_by_gateway(const struct http_match *m)
{
    const struct http_match_more *x = m != NULL ? m->more : NULL;
    return x != NULL && (x->port != 0 || x->gateways.n > 0 || x->source_labels.n > 0 ||
                         x->source_namespace != NULL);
}

// Rules behind the first entry of their VirtualService that takes everything are in no table at all.
static void dropped_rules(struct host_checks *h, const struct virtualservice *vs)
{
    struct check *c = h->c;
    if (vs->gateways.n == 0 || vs->hosts.n == 0) {
        return;
    }
    int64_t catcher = -1;
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule *r = &vs->http[i];
        if (r->null_entry || (r->more != NULL && r->more->delegate)) {
            continue; // a delegate decides for itself what it takes
        }
        for (uint32_t k = 0; k < r->nmatches || (k == 0 && r->nmatches == 0); k++) {
            const struct http_match *m = r->nmatches > 0 ? &r->matches[k] : NULL;
            if (catcher >= 0 && !decided_by_gateway(m)) {
                const char *path = m != NULL ? check_text(c, "spec.http[%u].match[%u]", i, k)
                                             : check_text(c, "spec.http[%u]", i);
                const char *match = r->nmatches > 1 ? check_text(c, " match %u", k) : "";
                struct finding *f =
                    check_add(c, "GT0101", &vs->o, path,
                              "rule #%u%s is never used: rule #%lld before it takes every request",
                              i, match, (long long)catcher);
                check_hint(c, f, "move it before that rule, or remove it");
            } else if (catcher < 0 && match_catch_all(m) && !decided_by_gateway(m)) {
                catcher = i;
            }
        }
    }
}

// --- neighbours of a prefix

static const char *path_text(const struct route *r)
{
    const struct string_match *u = r->match != NULL ? &r->match->uri : NULL;
    return u != NULL && (u->type == MATCH_EXACT || u->type == MATCH_PREFIX) ? u->text : NULL;
}

static bool same_target(const struct route *a, const struct route *b)
{
    if (a->rule->nroutes == 0 || b->rule->nroutes == 0) {
        return a->rule == b->rule;
    }
    const struct destination *x = &a->rule->routes[0].destination,
                             *y = &b->rule->routes[0].destination;
    bool same_port = !x->port_set || !y->port_set || x->port == y->port;
    return same_port && str_eq(x->host, y->host) && str_eq(x->subset, y->subset) &&
           str_eq(a->ns, b->ns);
}

static void neighbours(struct host_checks *h, const struct virtual_host *v,
                       const struct route *const *routes, uint32_t n)
{
    struct string_map prefixes; // text -> the first route with that prefix and no other condition
    string_map_init(&prefixes, h->c->a);
    for (uint32_t i = 0; i < n; i++) {
        const char *text = path_text(routes[i]);
        if (text == NULL) {
            continue;
        }
        size_t len = strlen(text);
        char *head = arena_strndup(h->c->a, text, len);
        for (size_t k = len; k-- > 1 && h->steps > 0; h->steps--) {
            char next = text[k];
            head[k] = '\0';
            if (next == '/' || next == '?' || head[k - 1] == '/') {
                continue; // a whole segment more: meant to be caught
            }
            const struct route *by = string_map_get(&prefixes, head);
            if (by != NULL && !same_target(by, routes[i])) {
                struct finding *f =
                    check_add(h->c, "GT0102", &rule_owner(by)->o, rule_path(h->c, by),
                              "the prefix %s of %s also takes %s on host %s, which %s is for",
                              by->match->uri.text, rule_name(h->c, by), text, v->domain,
                              other_rule(h->c, routes[i], by));
                check_hint(h->c, f, "write two matches: exact %s and prefix %s/",
                           by->match->uri.text, by->match->uri.text);
            }
        }
        bool simple =
            routes[i]->match->uri.type == MATCH_PREFIX && match_path_only(routes[i]->match);
        void **place = simple ? string_map_at(&prefixes, text) : NULL;
        if (place != NULL && *place == NULL) {
            *place = unconst(routes[i]);
        }
    }
}

// --- one host, several VirtualServices

static void shared_host(struct host_checks *h, const struct virtual_host *v,
                        const struct route *const *routes, uint32_t n)
{
    const struct route *first = n > 0 ? routes[0] : NULL;
    for (uint32_t i = 1; i < n; i++) {
        if (routes[i]->catch_all) { // those are moved to the end: their order says nothing
            break;
        }
        if (routes[i]->vs != first->vs) {
            struct finding *f = check_add(
                h->c, "GT0109", &routes[i]->vs->o, "spec.hosts",
                "VirtualService %s/%s has the host %s on Gateway %s/%s too, and its rules "
                "come first",
                first->vs->o.ns, first->vs->o.name, v->domain, first->gateway->o.ns,
                first->gateway->o.name);
            check_hint(h->c, f,
                       "the older one wins (by name where both are of one second); one "
                       "VirtualService with "
                       "delegates keeps the order in one place");
        }
    }
}

// --- redirect loops

static const char *simple_text(const struct string_match *s, const char *absent)
{
    switch (s->type) {
    case MATCH_ABSENT:
    case MATCH_EMPTY:
        return absent;
    case MATCH_EXACT:
    case MATCH_PREFIX:
        return s->text;
    default:
        return NULL; // no text can be made up for a regex
    }
}

// A request that the route takes; false where none can be made up.
static bool redirected_request(struct check *c, const struct virtual_host *v, const struct route *r,
                               struct trace_request *q)
{
    static const struct http_match none;
    static const struct http_match_more none_more;
    const struct http_match *m = r->match != NULL ? r->match : &none;
    const struct http_match_more *x = m->more != NULL ? m->more : &none_more;
    const char *host =
        v->domain[0] == '*'
            ? check_text(c, "gatetop%s", v->domain[1] != '\0' ? v->domain + 1 : ".test")
            : v->domain;
    q->scheme = r->tls ? "https" : "http";
    q->method = simple_text(&x->method, "GET");
    q->host = simple_text(&x->authority, host);
    q->path = simple_text(&m->uri, "/");
    const char *scheme = simple_text(&x->scheme, q->scheme);
    if (q->method == NULL || q->host == NULL || q->path == NULL || scheme == NULL ||
        !str_starts(q->scheme, scheme)) {
        return false;
    }
    if (q->path[0] != '/') {
        q->path = "/";
    }
    struct str_pair *headers = arena_calloc(c->a, x->nheaders, sizeof *headers);
    for (uint32_t i = 0; i < x->nheaders; i++) {
        headers[i] = (struct str_pair){x->headers[i].name, simple_text(&x->headers[i].match, "1")};
        if (headers[i].value == NULL || headers[i].key[0] == ':' || headers[i].key[0] == '@') {
            return false;
        }
    }
    q->headers = (struct str_map){headers, x->nheaders};
    for (uint32_t i = 0; i < x->nquery_params; i++) {
        const char *value = simple_text(&x->query_params[i].match, "1");
        if (value == NULL) {
            return false;
        }
        q->path =
            check_text(c, "%s%c%s=%s", q->path, i == 0 ? '?' : '&', x->query_params[i].name, value);
    }
    return true;
}

static void follow(struct host_checks *h, const struct virtual_host *v, const struct route *r,
                   uint32_t client_port)
{
    struct check *c = h->c;
    struct trace_request q = {.method = "GET"};
    if (!redirected_request(c, v, r, &q)) {
        return;
    }
    q.port = client_port;
    q.gateway_selector = h->table->workload->labels;
    q.selector_set = true;
    bool usual = client_port == (r->tls ? 443U : 80U);
    if (!usual && strchr(q.host, ':') == NULL) {
        q.host = check_text(c, "%s:%u", q.host, client_port);
    }
    const char *visited[LOOP_HOPS + 1] = {check_text(c, "%s://%s%s", q.scheme, q.host, q.path)};
    for (uint32_t hop = 1; hop <= LOOP_HOPS; hop++) {
        struct trace_result t = trace_run(h->table, c->m, &q);
        if (t.outcome != TRACE_REDIRECT || t.location == NULL || (hop == 1 && t.route != r)) {
            return;
        }
        for (uint32_t i = 0; i < hop; i++) {
            if (str_eq(visited[i], t.location)) {
                struct finding *f =
                    check_add(c, "GT0104", &rule_owner(r)->o, rule_path(c, r),
                              "%s redirects %s in a circle", rule_name(c, r), visited[0]);
                check_hint(c, f,
                           "let the redirect's target be a request that another rule answers");
                return;
            }
        }
        visited[hop] = t.location;
        struct trace_request next;
        struct err e;
        if (!trace_request_from_url(c->a, t.location, &next, &e)) {
            return;
        }
        next.method = t.status == 303 ? "GET" : q.method;
        next.headers = q.headers;
        next.gateway_selector = q.gateway_selector;
        next.selector_set = true;
        q = next;
    }
}

static void loops(struct host_checks *h, const struct virtual_host *v,
                  const struct route *const *routes, uint32_t n)
{
    const struct merged_gateways *g = h->table->gateways;
    for (uint32_t i = 0; i < n && h->loops > 0; i++) {
        const struct http_rule_more *m = routes[i]->rule->more;
        if (m == NULL || m->redirect == NULL) {
            continue;
        }
        h->loops--;
        uint32_t listen = workload_listen_port(g->services, routes[i]->port);
        uint32_t port = workload_first_client_port(g->services, listen);
        if (port != 0) {
            follow(h, v, routes[i], port);
        }
    }
}

// --- all tables

static void each_virtual_host(struct host_checks *h, const struct http_table *table)
{
    uint32_t at = 0;
    for (const struct string_map_slot *s;
         (s = string_map_next(&table->hosts.by_domain, &at)) != NULL;) {
        const struct virtual_host *v = s->value;
        uint32_t n;
        const struct route *const *routes = virtual_host_routes(h->c->a, v, &n);
        mark_lives(h, v, routes, n);
        neighbours(h, v, routes, n);
        shared_host(h, v, routes, n);
        loops(h, v, routes, n);
    }
}

static void each_table(struct host_checks *h)
{
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&h->table->tables, &at)) != NULL;) {
        each_virtual_host(h, s->value);
    }
}

void check_virtual_hosts(struct check *c)
{
    struct host_checks h = {.c = c, .loops = MAX_LOOP_CHECKS, .steps = MAX_PREFIX_STEPS};
    string_map_init(&h.rules, c->a);
    struct string_map done; // workloads, by key
    string_map_init(&done, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t nw;
        const struct workload *w = workloads_of_gateway(c->m, OBJECT_AS(gateway, all[i]), &nw);
        for (uint32_t k = 0; k < nw; k++) {
            if (string_map_add(&done, workload_key(c->a, &w[k]))) {
                h.table = route_table_build(c->m, &w[k]);
                each_table(&h);
            }
        }
    }
    report_dead(&h);
    all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        dropped_rules(&h, OBJECT_AS(virtualservice, all[i]));
    }
}
