// SPDX-License-Identifier: Apache-2.0
// The rows of one host on one Gateway.
#include "kube/mesh/route/route_row.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/route/other_route_tables.h"
#include "kube/mesh/route/rejected_route_table.h"
#include "kube/mesh/route/route_facts.h"

#include <stdlib.h>

struct route_row *route_row_new(struct route_rows *out)
{
    struct route_row *row = ARRAY_PUSH(out->at, out->n, out->cap);
    row->order = -1;
    return row;
}

void route_row_set_targets(const struct mesh *m, const struct workload *w, struct route_row *row,
                           const struct route_destination *routes, uint32_t n, const char *ns,
                           uint32_t port)
{
    struct route_target *at = arena_calloc(m->arena, n, sizeof *at);
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += routes[i].weight > 0 ? routes[i].weight : 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        at[i].to = destination_resolve(m, w, &routes[i].destination, ns, port);
        bool single = n == 1;
        at[i].weight = single ? 100 : routes[i].weight;
        at[i].percent = single ? 100
                        : sum > 0 && routes[i].weight > 0
                            ? 100.0 * (double)at[i].weight / (double)sum
                            : 0;
    }
    row->targets = at;
    row->ntargets = n;
}

static const char *rule_text(struct arena *a, const char *list, const struct virtualservice *vs,
                             uint32_t rule, int32_t match)
{
    const char *which = list != NULL ? arena_concat(a, list, " ", NULL) : "";
    return match >= 0 ? arena_printf(a, "%srule %u match %d of VirtualService %s/%s", which, rule,
                                     match, vs->o.ns, vs->o.name)
                      : arena_printf(a, "%srule %u of VirtualService %s/%s", which, rule, vs->o.ns,
                                     vs->o.name);
}

// Entries are left out on purpose where they are for others; what labels an assumed pod has is not known.
static enum verdict verdict_of_skip(const struct route_row *row, const struct workload *w)
{
    bool by_source = row->skip == SKIP_SOURCE_LABELS || row->skip == SKIP_SOURCE_NAMESPACE;
    if (row->skip == SKIP_PORT || row->skip == SKIP_GATEWAY ||
        (by_source && str_list_has(&row->vs->gateways, "mesh"))) {
        return VERDICT_OK;
    }
    return by_source && w->assumed ? VERDICT_UNKNOWN : VERDICT_WARNING;
}

void route_row_judge(const struct mesh *m, const struct workload *w, struct route_row *row,
                     const char *unusable)
{
    struct arena *a = m->arena;
    uint32_t weighted = 0;
    uint32_t missing = 0;
    const struct route_target *first = NULL; // that is missing, else that is not known
    for (uint32_t i = 0; i < row->ntargets; i++) {
        const struct route_target *t = &row->targets[i];
        if (t->percent > 0) {
            weighted++;
            bool gone = destination_missing(&t->to);
            first = gone && missing == 0 ? t : t->to.fault != DEST_OK && first == NULL ? t : first;
            missing += gone;
        }
    }
    row->state = VERDICT_OK;
    if (unusable != NULL) {
        row->state = VERDICT_BROKEN;
        row->reason = arena_printf(a, "the rule %s", unusable);
    } else if (row->action == ACTION_ROUTE && first != NULL) {
        row->state = missing == 0          ? VERDICT_UNKNOWN
                     : missing == weighted ? VERDICT_BROKEN
                                           : VERDICT_WARNING;
        row->reason = destination_fault_text(m, &first->to);
    }
    if (row->shadowed_vs != NULL && (row->state <= VERDICT_PENDING || row->skip != SKIP_NONE)) {
        row->state = VERDICT_WARNING;
        row->reason = arena_printf(
            a, "no %s reaches it: %s takes them all", row->list != NULL ? "connection" : "request",
            rule_text(a, row->list, row->shadowed_vs, row->shadowed_rule, row->shadowed_match));
    }
    if (row->skip != SKIP_NONE && row->shadowed_vs == NULL) {
        row->reason = row->skip_text;
        row->state = verdict_of_skip(row, w);
    }
}

static void fill(const struct mesh *m, const struct workload *w, struct route_row *row,
                 const struct http_rule *rule, const struct http_match *match, const char *ns,
                 uint32_t port)
{
    row->conditions = match_conditions(m->arena, match);
    row->action_text = rule_action_text(m->arena, rule, &row->action);
    row->details = rule_details(m->arena, rule);
    if (row->action == ACTION_ROUTE) {
        route_row_set_targets(m, w, row, rule->routes, rule->nroutes, ns, port);
    }
    route_row_judge(m, w, row, rule_unusable(rule));
}

// The names of merged rules live as long as the merge; others are the object's.
static const char *kept_name(const struct mesh *m, const struct virtualservice *delegate,
                             const char *name)
{
    return delegate != NULL ? arena_strdup(m->arena, name) : name;
}

// --- entries that are in no table

struct skipped_entries { // of one VirtualService, on one server
    const struct mesh *m;
    const struct mesh *work; // the same with an arena for what is not kept
    const struct workload *w;
    const struct gateway_server *server;
    const char *host, *gateway;
    struct route_rows *out;
    const struct virtualservice *vs;
    const struct route *catch_all; // that ends the VirtualService, or NULL
    bool ended;                    // it was passed
};

static struct route_row *skipped_row(struct skipped_entries *s, uint32_t index, int32_t match,
                                     enum skip_reason why)
{
    struct route_row *row = route_row_new(s->out);
    row->host = s->host;
    row->gateway = s->gateway;
    row->vs = s->vs;
    row->index = index;
    row->match_index = match;
    row->skip = why;
    row->skip_text = skip_reason_text(why);
    if (why == SKIP_AFTER_CATCH_ALL && s->catch_all != NULL) {
        row->shadowed_vs = s->catch_all->vs;
        row->shadowed_rule = s->catch_all->index;
        row->shadowed_match = s->catch_all->match_index;
    }
    return row;
}

static const char *delegate_text(struct arena *a, enum delegate_state state,
                                 const struct http_rule *rule, const struct virtualservice *root)
{
    const char *ns = !str_empty(rule->more->delegate_ns) ? rule->more->delegate_ns : root->o.ns;
    const char *name = str_or_empty(rule->more->delegate_name);
    switch (state) {
    case DELEGATE_MISSING:
        return arena_printf(
            a, "there is no VirtualService %s/%s to delegate to: the rule is left out", ns, name);
    case DELEGATE_HAS_HOSTS:
        return arena_printf(
            a,
            "VirtualService %s/%s has hosts and is no delegate: the rule is left out; take "
            "its hosts away",
            ns, name);
    case DELEGATE_HIDDEN:
        return arena_printf(
            a, "VirtualService %s/%s is not exported to namespace %s: the rule is left out", ns,
            name, root->o.ns);
    case DELEGATE_OK:
        break;
    }
    return arena_printf(
        a, "no condition of VirtualService %s/%s fits this rule's: the rule is left out", ns, name);
}

// A delegating rule that is left out as a whole.
static void delegate_row(struct skipped_entries *s, uint32_t index)
{
    const struct http_rule *rule = &s->vs->http[index];
    const struct virtualservice *d;
    enum delegate_state state = delegate_find(s->m, s->vs, rule, &d);
    struct route_row *row = skipped_row(s, index, -1, SKIP_DELEGATE);
    row->delegate = d;
    row->name = rule->name;
    row->skip_text = delegate_text(s->m->arena, state, rule, s->vs);
    row->conditions = match_conditions(s->m->arena, rule->nmatches > 0 ? &rule->matches[0] : NULL);
    row->action = ACTION_NONE;
    row->action_text = "delegate";
    row->state = VERDICT_WARNING;
    row->reason = row->skip_text;
}

// One entry of an expanded rule, -1: the rule itself, which has none.
static void skipped_entry(struct skipped_entries *s, const struct vs_rule *r, int32_t entry,
                          const char *gateway_id)
{
    const struct http_match *match = entry >= 0 ? &r->rule->matches[entry] : NULL;
    const char *ns = r->origins != NULL ? r->ns : s->vs->o.ns;
    enum skip_reason why = match_skip(s->work, match, ns, gateway_id, s->server->port, s->w);
    // What ends the rules here may not be there for the port or gateway that the entry is for.
    bool apart = (why == SKIP_PORT || why == SKIP_GATEWAY) && s->catch_all != NULL &&
                 match_by_gateway(s->catch_all->match);
    why = s->ended && !apart ? SKIP_AFTER_CATCH_ALL : why;
    s->ended = s->ended || (why == SKIP_NONE && match_catch_all(match));
    if (why == SKIP_NONE) {
        return;
    }
    int32_t root = entry >= 0 && r->origins != NULL ? r->origins[entry].root : entry;
    struct route_row *row = skipped_row(s, r->index, root, why);
    row->delegate = r->delegate;
    row->delegate_index = r->delegate_index;
    row->name = r->name;
    row->match_name = match != NULL && match->more != NULL ? match->more->name : NULL;
    fill(s->m, s->w, row, r->rule, match, r->ns, s->server->port);
}

// Rows for everything of the VirtualService that gave no route: walks its rules as vs_routes_build does.
static void skipped_rows(struct skipped_entries *s)
{
    const struct vs_rules *rules = delegate_expand(s->m, s->vs);
    const char *gateway_id = object_id(s->m->arena, &s->server->gateway->o);
    uint32_t next = 0; // of the expanded rules
    for (uint32_t i = 0; i < s->vs->nhttp; i++) {
        uint32_t from = next;
        for (; next < rules->n && rules->at[next].index == i; next++) {
            const struct vs_rule *r = &rules->at[next];
            if (r->rule->nmatches == 0) {
                skipped_entry(s, r, -1, gateway_id);
            }
            for (int32_t j = 0; j < r->rule->nmatches; j++) {
                skipped_entry(s, r, j, gateway_id);
            }
        }
        const struct http_rule_more *more = s->vs->http[i].more;
        if (next == from && more != NULL && more->delegate && !rules->limited) {
            delegate_row(s, i);
        }
    }
}

// --- all rows

static int by_address(const void *x, const void *y)
{
    uintptr_t a = (uintptr_t) * (const struct vs_routes *const *)x;
    uintptr_t b = (uintptr_t) * (const struct vs_routes *const *)y;
    return (a > b) - (a < b);
}

// The parts of a virtual host, each once: a VirtualService may feed it through several servers. Their rows are sorted
// anyway.
static uint32_t each_once(const struct virtual_host *v, const struct vs_routes **out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->n; i++) {
        out[i] = v->parts[i];
    }
    if (v->n > 1) {
        qsort(out, v->n, sizeof(struct vs_routes *), by_address);
    }
    for (uint32_t i = 0; i < v->n; i++) {
        if (n == 0 || out[i] != out[n - 1]) {
            out[n++] = out[i];
        }
    }
    return n;
}

// No route is served of a table that Envoy refuses.
static void judge_table(const struct mesh *m, struct route_row *row, const struct route *r,
                        const struct host_routes *h)
{
    if (h->refused != NULL && (row->state != VERDICT_BROKEN || rule_unusable(r->rule) == NULL)) {
        row->state = VERDICT_BROKEN;
        row->reason =
            arena_printf(m->arena, "no route of the port is served: %s", h->refused->reason);
    } else if (h->also_refused != NULL && row->state == VERDICT_OK) {
        row->state = VERDICT_WARNING;
        row->reason = arena_printf(m->arena, "no route of port %u is served: %s", h->also->port,
                                   h->also_refused->reason);
    }
}

// An entry that is dead or left out in this table may live in that of another port.
static void look_elsewhere(const struct mesh *m, const struct mesh *work, const struct workload *w,
                           const struct other_route_tables *others, struct route_row *row)
{
    if (row->shadowed_vs == NULL && row->skip == SKIP_NONE) {
        return;
    }
    const char *key = other_route_tables_key(work->arena, row->vs, row->index, row->match_index,
                                             row->delegate, row->delegate_index);
    const struct route *r = string_map_get(&others->alive, key);
    const struct other_route *dead = r == NULL ? other_route_tables_entry(others, key) : NULL;
    if (dead != NULL && dead->by != NULL) {
        row->shadowed_vs = dead->by->vs;
        row->shadowed_rule = dead->by->index;
        row->shadowed_match = dead->by->match_index;
        fill(m, w, row, dead->route->rule, dead->route->match, dead->route->ns, dead->route->port);
    }
    if (r == NULL) {
        return;
    }
    row->shadowed_vs = NULL;
    row->skip = SKIP_NONE;
    row->skip_text = NULL;
    row->reason = NULL;
    fill(m, w, row, r->rule, r->match, r->ns, r->port);
    if (row->order < 0) { // of the other table
        row->skip = SKIP_PORT;
        row->skip_text = arena_printf(m->arena, "it is for port %u", r->port);
    }
}

// Sets where the route comes from, and the route that shadows it, which may be NULL.
static void set_origin(const struct mesh *m, struct route_row *row, const struct route *r,
                       const struct route *by)
{
    row->vs = r->vs;
    row->delegate = r->delegate;
    row->index = r->index;
    row->match_index = r->match_index;
    row->delegate_index = r->delegate_index;
    row->name = kept_name(m, r->delegate, r->name);
    row->match_name = kept_name(m, r->delegate, r->match_name);
    if (by != NULL) {
        row->shadowed_vs = by->vs;
        row->shadowed_rule = by->index;
        row->shadowed_match = by->match_index;
    }
}

void route_rows_make(const struct mesh *m, const struct mesh *work, const struct workload *w,
                     const struct gateway *g, const char *host, struct route_rows *out)
{
    const struct host_routes *h = host_routes_find(work, w, g, host);
    if (h == NULL || h->dropped) {
        return;
    }
    const struct virtual_host *v = &h->vhost;
    const struct route_facts *facts = route_facts_find(work, h);
    const uint32_t before = out->n;
    const char *domain = arena_strdup(m->arena, v->domain);
    const char *id = object_id(m->arena, &g->o);
    for (uint32_t i = 0; i < facts->n; i++) {
        const struct route *r = facts->routes[i];
        struct route_row *row = route_row_new(out);
        row->host = domain;
        row->gateway = id;
        row->order = (int32_t)i;
        row->https_redirect = v->https_redirect;
        set_origin(m, row, r, facts->by[i]);
        fill(m, w, row, r->rule, r->match, r->ns, r->port);
        judge_table(m, row, r, h);
    }
    struct skipped_entries s = {.m = m,
                                .work = work,
                                .w = w,
                                .server = h->server,
                                .host = domain,
                                .gateway = id,
                                .out = out};
    const struct vs_routes **parts = arena_calloc(work->arena, v->n, sizeof *parts);
    uint32_t n = each_once(v, parts);
    for (uint32_t i = 0; i < n; i++) {
        s.vs = parts[i]->vs;
        s.catch_all = parts[i]->catch_all;
        s.ended = false;
        skipped_rows(&s);
    }
    for (uint32_t i = 0; i < h->nempty; i++) {
        s.vs = h->empty[i];
        s.catch_all = NULL;
        s.ended = false;
        skipped_rows(&s);
    }
    const struct other_route_tables *others = other_route_tables_find(work, w, g, h);
    for (uint32_t i = before; others->n > 0 && i < out->n; i++) {
        look_elsewhere(m, work, w, others, &out->at[i]);
    }
}
