// SPDX-License-Identifier: Apache-2.0
// Rows of the route table.
#include "kube/mesh/route/route_list.h"

#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/route_match.h"
#include "kube/mesh/route/shadowed_route.h"

#include <stdlib.h>
#include <string.h>

const char *route_action_name(enum route_action a)
{
    static const char *const names[] = {"route", "redirect", "direct", "none"};
    return names[a];
}

// --- texts

static const char *seconds_text(struct arena *a, int64_t ms)
{
    return ms % 1000 == 0 ? arena_printf(a, "%llds", (long long)(ms / 1000))
                          : arena_printf(a, "%lldms", (long long)ms);
}

const char *rule_action_text(struct arena *a, const struct http_rule *rule,
                             enum route_action *action)
{
    const struct http_rule_more *x = rule->more;
    if (x != NULL && x->redirect != NULL) {
        const struct http_redirect *d = x->redirect;
        const char *path = !str_empty(d->uri)              ? d->uri
                           : !str_empty(d->prefix_rewrite) ? d->prefix_rewrite
                                                           : "";
        const char *port = d->port_set ? arena_printf(a, ":%lld", (long long)d->port) : "";
        const char *scheme = !str_empty(d->scheme) ? arena_printf(a, "%s://", d->scheme) : "";
        *action = ACTION_REDIRECT;
        return arena_printf(a, "redirect %lld to %s%s%s%s",
                            (long long)(d->code == 0 ? 301 : d->code), scheme,
                            d->authority != NULL ? d->authority : "", port, path);
    }
    if (x != NULL && x->direct_response != NULL) {
        *action = ACTION_DIRECT;
        return arena_printf(a, "direct %lld", (long long)x->direct_response->status);
    }
    *action = rule->nroutes > 0 ? ACTION_ROUTE : ACTION_NONE;
    return rule->nroutes > 0 ? "route" : "none";
}

static void fault_details(struct arena *a, const struct http_fault *f, const char **at, uint32_t *n)
{
    double delay = f->delay_percentage.set ? f->delay_percentage.value : (double)f->delay_percent;
    if (f->has_delay && delay > 0 && f->fixed_delay != DURATION_NONE) {
        at[(*n)++] =
            arena_printf(a, "fault: delay %s for %g %%", seconds_text(a, f->fixed_delay), delay);
    }
    if (f->has_abort && f->abort_percentage.set && f->abort_percentage.value > 0) {
        const char *what = f->http_status > 0 ? arena_printf(a, "%lld", (long long)f->http_status)
                           : f->grpc_status != NULL ? f->grpc_status
                                                    : "nothing";
        at[(*n)++] = arena_printf(a, "fault: abort %s for %g %%", what, f->abort_percentage.value);
    }
}

static const char *mirror_detail(struct arena *a, const struct destination *d, double percent)
{
    const char *port = d->port_set ? arena_printf(a, ":%lld", (long long)d->port) : "";
    return arena_printf(a, "mirror %g %% to %s%s%s%s", percent, d->host != NULL ? d->host : "",
                        port, str_empty(d->subset) ? "" : " subset ",
                        str_empty(d->subset) ? "" : d->subset);
}

struct str_list rule_details(struct arena *a, const struct http_rule *rule)
{
    const struct http_rule_more *x = rule->more;
    if (x == NULL || (x->rewrite == NULL && x->fault == NULL && x->mirror == NULL &&
                      x->nmirrors == 0 && x->timeout == DURATION_NONE && x->retries == NULL &&
                      x->cors == NULL && x->headers == NULL)) {
        return (struct str_list){0};
    }
    const char **at = arena_alloc(a, (x->nmirrors + 10) * sizeof *at);
    uint32_t n = 0;
    if (x->rewrite != NULL) {
        if (!str_empty(x->rewrite->regex_match)) {
            at[n++] =
                arena_printf(a, "rewrite path %s to %s", x->rewrite->regex_match,
                             x->rewrite->regex_rewrite != NULL ? x->rewrite->regex_rewrite : "");
        } else if (!str_empty(x->rewrite->uri)) {
            at[n++] = arena_printf(a, "rewrite path %s", x->rewrite->uri);
        }
        if (!str_empty(x->rewrite->authority)) {
            at[n++] = arena_printf(a, "rewrite host %s", x->rewrite->authority);
        }
    }
    if (x->fault != NULL) {
        fault_details(a, x->fault, at, &n);
    }
    if (x->mirror != NULL) {
        double percent = x->mirror_percentage.set ? x->mirror_percentage.value
                         : x->mirror_percent >= 0 ? (double)x->mirror_percent
                                                  : 100;
        at[n++] = mirror_detail(a, &x->mirror->destination, percent);
    }
    for (uint32_t i = 0; i < x->nmirrors; i++) {
        at[n++] =
            mirror_detail(a, &x->mirrors[i].destination,
                          x->mirrors[i].percentage.set ? x->mirrors[i].percentage.value : 100);
    }
    if (x->timeout != DURATION_NONE) {
        at[n++] = arena_printf(a, "timeout %s", seconds_text(a, x->timeout));
    }
    if (x->retries != NULL) {
        at[n++] = !x->retries->attempts_set || x->retries->attempts > 0
                      ? arena_printf(a, "retries %lld", (long long)x->retries->attempts)
                      : "no retries";
    }
    if (x->cors != NULL) {
        at[n++] = "cors";
    }
    if (x->headers != NULL) {
        at[n++] = "headers";
    }
    return (struct str_list){.at = at, .n = n};
}

// --- one row

// While a list grows it lives on the heap: in an arena each growth would leave the old copy behind.
static struct route_row *new_row(struct route_rows *out)
{
    if (out->n == out->cap) {
        out->cap = out->cap + out->cap / 2 + 16;
        out->at = xrealloc(out->at, out->cap * sizeof *out->at);
    }
    out->at[out->n] = (struct route_row){.order = -1};
    return &out->at[out->n++];
}

// Appends the grown list to the caller's, in the arena.
static void keep_rows(const struct mesh *m, struct route_rows *grown, struct route_rows *out)
{
    struct route_row *at = arena_alloc(m->arena, ((size_t)out->n + grown->n + 1) * sizeof *at);
    if (out->n > 0) {
        memcpy(at, out->at, out->n * sizeof *at);
    }
    if (grown->n > 0) {
        memcpy(at + out->n, grown->at, grown->n * sizeof *at);
    }
    free(grown->at);
    out->at = at;
    out->n += grown->n;
    out->cap = out->n;
}

static void set_targets(const struct mesh *m, const struct workload *w, struct route_row *row,
                        const struct http_rule *rule, const char *ns, uint32_t port)
{
    struct route_target *at = arena_alloc(m->arena, (size_t)(rule->nroutes + 1) * sizeof *at);
    int64_t sum = 0;
    for (uint32_t i = 0; i < rule->nroutes; i++) {
        sum += rule->routes[i].weight > 0 ? rule->routes[i].weight : 0;
    }
    for (uint32_t i = 0; i < rule->nroutes; i++) {
        at[i].to = destination_resolve(m, w, &rule->routes[i].destination, ns, port);
        at[i].exists = at[i].to.fault == DEST_OK;
        bool single = rule->nroutes == 1;
        at[i].weight = single ? 100 : rule->routes[i].weight;
        at[i].percent = single ? 100
                        : sum > 0 && rule->routes[i].weight > 0
                            ? 100.0 * (double)at[i].weight / (double)sum
                            : 0;
    }
    row->targets = at;
    row->ntargets = rule->nroutes;
}

static const char *rule_text(struct arena *a, const struct virtualservice *vs, uint32_t rule,
                             int32_t match)
{
    return match >= 0
               ? arena_printf(a, "rule %u match %d of VirtualService %s/%s", rule, match, vs->o.ns,
                              vs->o.name)
               : arena_printf(a, "rule %u of VirtualService %s/%s", rule, vs->o.ns, vs->o.name);
}

static void judge(const struct mesh *m, struct route_row *row, const struct http_rule *rule)
{
    struct arena *a = m->arena;
    uint32_t weighted = 0;
    uint32_t missing = 0;
    const struct route_target *first = NULL;
    for (uint32_t i = 0; i < row->ntargets; i++) {
        if (row->targets[i].percent > 0) {
            weighted++;
            missing += !row->targets[i].exists;
            first = !row->targets[i].exists && first == NULL ? &row->targets[i] : first;
        }
    }
    const char *unusable = rule_unusable(rule);
    row->state = VERDICT_OK;
    if (unusable != NULL) {
        row->state = VERDICT_BROKEN;
        row->reason = arena_printf(a, "the rule %s", unusable);
    } else if (row->action == ACTION_ROUTE && missing > 0) {
        bool known = mesh_complete(m, KIND_SERVICE) && mesh_complete(m, KIND_SERVICEENTRY) &&
                     mesh_complete(m, KIND_DESTINATIONRULE);
        row->state = !known                ? VERDICT_UNKNOWN
                     : missing == weighted ? VERDICT_BROKEN
                                           : VERDICT_WARNING;
        row->reason = known ? destination_fault_text(m, &first->to) : "services are still loading";
    }
    if (row->shadowed_vs != NULL && (row->state <= VERDICT_PENDING || row->skip != SKIP_NONE)) {
        row->state = VERDICT_WARNING;
        row->reason =
            arena_printf(a, "no request reaches it: %s takes them all",
                         rule_text(a, row->shadowed_vs, row->shadowed_rule, row->shadowed_match));
    }
    if (row->skip != SKIP_NONE && row->shadowed_vs == NULL) {
        row->reason = row->skip_text;
        bool meant = row->skip == SKIP_PORT || row->skip == SKIP_GATEWAY;
        row->state = meant ? VERDICT_OK : VERDICT_WARNING;
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
        set_targets(m, w, row, rule, ns, port);
    }
    judge(m, row, rule);
}

// Names of merged rules are made for the merging and go with it; others are the object's.
static const char *kept_name(const struct mesh *m, const struct virtualservice *delegate,
                             const char *name)
{
    return delegate != NULL ? arena_strdup(m->arena, name) : name;
}

// --- entries that are in no table

struct skipping {
    const struct mesh *m;
    const struct mesh *work; // the same with an arena for what is not kept
    const struct workload *w;
    const struct merged_server *server;
    const char *host, *gateway;
    struct route_rows *out;
};

static struct route_row *skipped_row(struct skipping *s, const struct virtualservice *vs,
                                     uint32_t index, int32_t match, enum skip_reason why,
                                     const struct route *catch_all)
{
    struct route_row *row = new_row(s->out);
    row->host = s->host;
    row->gateway = s->gateway;
    row->vs = vs;
    row->index = index;
    row->match_index = match;
    row->skip = why;
    row->skip_text = skip_text(why);
    if (why == SKIP_AFTER_CATCH_ALL && catch_all != NULL) {
        row->shadowed_vs = catch_all->vs;
        row->shadowed_rule = catch_all->index;
        row->shadowed_match = catch_all->match_index;
    }
    return row;
}

static const char *delegate_text(struct arena *a, enum delegate_state state,
                                 const struct http_rule *rule, const struct virtualservice *root)
{
    const char *ns = !str_empty(rule->more->delegate_ns) ? rule->more->delegate_ns : root->o.ns;
    const char *name = rule->more->delegate_name != NULL ? rule->more->delegate_name : "";
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
    default:
        return arena_printf(
            a, "no condition of VirtualService %s/%s fits this rule's: the rule is left out", ns,
            name);
    }
}

// Rows for everything of a VirtualService that gave no route: walks its rules as the table's builder does.
static void skipped_rows(struct skipping *s, const struct virtualservice *vs,
                         const struct route *catch_all)
{
    const struct vs_rules *rules = delegate_expand(s->m, vs);
    const char *id =
        arena_printf(s->m->arena, "%s/%s", s->server->gateway->o.ns, s->server->gateway->o.name);
    uint32_t next = 0; // of the expanded rules
    bool end = false;
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        uint32_t from = next;
        for (; next < rules->n && rules->at[next].index == i; next++) {
            const struct vs_rule *r = &rules->at[next];
            int32_t n = r->rule->nmatches;
            for (int32_t j = n == 0 ? -1 : 0; j < n || j < 0; j++) {
                const struct http_match *match = j >= 0 ? &r->rule->matches[j] : NULL;
                enum skip_reason why =
                    end ? SKIP_AFTER_CATCH_ALL
                        : match_skip(s->work, match, r->origins != NULL ? r->ns : vs->o.ns, id,
                                     s->server->port, s->w);
                if (why != SKIP_NONE) {
                    int32_t root = j >= 0 && r->origins != NULL ? r->origins[j].root : j;
                    struct route_row *row = skipped_row(s, vs, i, root, why, catch_all);
                    row->delegate = r->delegate;
                    row->delegate_index = r->delegate_index;
                    row->name = r->name;
                    row->match_name =
                        match != NULL && match->more != NULL ? match->more->name : NULL;
                    fill(s->m, s->w, row, r->rule, match, r->ns, s->server->port);
                } else if (match_catch_all(match)) {
                    end = true;
                }
                if (j < 0) {
                    end = true;
                    break;
                }
            }
        }
        const struct http_rule *rule = &vs->http[i];
        if (next == from && rule->more != NULL && rule->more->delegate && !rules->limited) {
            const struct virtualservice *d;
            enum delegate_state state = delegate_find(s->m, vs, rule, &d);
            struct route_row *row = skipped_row(s, vs, i, -1, SKIP_DELEGATE, NULL);
            row->delegate = d;
            row->name = rule->more->name;
            row->skip_text = delegate_text(s->m->arena, state, rule, vs);
            row->conditions =
                match_conditions(s->m->arena, rule->nmatches > 0 ? &rule->matches[0] : NULL);
            row->action = ACTION_NONE;
            row->action_text = "delegate";
            row->state = VERDICT_WARNING;
            row->reason = row->skip_text;
        }
    }
}

// --- lists

// The rows go into m's arena; everything on the way into `work`'s.
static void rows_of(const struct mesh *m, const struct mesh *work, const struct workload *w,
                    const struct gateway *g, const char *host, struct route_rows *out)
{
    const struct vhost_answer *v = vhost_routes(work, w, g, host);
    if (v == NULL || v->dropped) {
        return;
    }
    uint32_t n;
    const struct route *const *routes = virtual_host_routes(work->arena, &v->vhost, &n);
    const struct route **by = arena_alloc(work->arena, (n + 1) * sizeof *by);
    shadow_find(work->arena, routes, n, by);
    const char *domain = arena_strdup(m->arena, v->vhost.domain);
    const char *id = arena_printf(m->arena, "%s/%s", g->o.ns, g->o.name);
    for (uint32_t i = 0; i < n; i++) {
        const struct route *r = routes[i];
        struct route_row *row = new_row(out);
        row->host = domain;
        row->gateway = id;
        row->vs = r->vs;
        row->delegate = r->delegate;
        row->order = (int32_t)i;
        row->index = r->index;
        row->match_index = r->match_index;
        row->delegate_index = r->delegate_index;
        row->name = kept_name(m, r->delegate, r->name);
        row->match_name = kept_name(m, r->delegate, r->match_name);
        row->https_redirect = v->vhost.https_redirect;
        if (by[i] != NULL) {
            row->shadowed_vs = by[i]->vs;
            row->shadowed_rule = by[i]->index;
            row->shadowed_match = by[i]->match_index;
        }
        fill(m, w, row, r->rule, r->match, r->ns, r->port);
    }
    struct skipping s = {m, work, w, v->server, domain, id, out};
    for (uint32_t i = 0; i < v->vhost.n; i++) {
        const struct vs_routes *part = v->vhost.parts[i];
        bool again = false;
        for (uint32_t k = 0; k < i && !again; k++) {
            again = v->vhost.parts[k] == part;
        }
        if (!again) {
            const struct route *any = part->n > 0 ? &part->at[0] : part->catch_all;
            skipped_rows(&s, any->vs, part->catch_all);
        }
    }
    for (uint32_t i = 0; i < v->nempty; i++) {
        skipped_rows(&s, v->empty[i], NULL);
    }
}

void route_rows_of(const struct mesh *m, const struct workload *w, const struct gateway *g,
                   const char *host, struct route_rows *out)
{
    struct arena scratch;
    struct mesh work = *m;
    struct route_rows grown = {0};
    arena_init(&scratch);
    work.arena = &scratch;
    rows_of(m, &work, w, g, host, &grown);
    arena_release(&scratch);
    keep_rows(m, &grown, out);
}

// Each pair of host and Gateway once.
struct pairs {
    const struct mesh *m;
    struct string_map seen; // "host ns/name"
    struct route_rows grown;
    struct arena of_vs, of_host; // forgotten after each VirtualService and each virtual host
};

static void pairs_init(struct pairs *p, const struct mesh *m)
{
    *p = (struct pairs){.m = m};
    string_map_init(&p->seen, m->arena);
    arena_init(&p->of_vs);
    arena_init(&p->of_host);
}

static void add_gateway(struct pairs *p, const struct mesh *work, const struct virtualservice *vs,
                        const struct str_list *hosts, const struct gateway *g)
{
    uint32_t n;
    const struct workload *w = gateway_workloads(work, g, &n);
    struct mesh inner = *p->m;
    inner.arena = &p->of_host;
    for (uint32_t k = 0; k < g->nservers && n > 0; k++) {
        struct str_list server = host_server_hosts(work->arena, &g->servers[k].hosts, g->o.ns);
        struct str_list domains = host_intersection(work->arena, &server, vs->o.ns, hosts);
        for (uint32_t d = 0; d < domains.n; d++) {
            const char *key =
                arena_printf(work->arena, "%s %s/%s", domains.at[d], g->o.ns, g->o.name);
            if (string_map_get(&p->seen, key) == NULL) {
                *string_map_at(&p->seen, arena_strdup(p->m->arena, key)) = p;
                arena_clear(&p->of_host);
                rows_of(p->m, &inner, &w[0], g, domains.at[d], &p->grown);
            }
        }
    }
}

static void add_vs(struct pairs *p, const struct virtualservice *vs)
{
    struct mesh work = *p->m;
    work.arena = &p->of_vs;
    arena_clear(&p->of_vs);
    struct str_list hosts = vs_hosts(work.arena, vs);
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns;
        const char *name;
        if (name_gateway(work.arena, vs->gateways.at[i], vs->o.ns, &ns, &name)) {
            const struct object *o = mesh_get(&work, KIND_GATEWAY, ns, name);
            if (o != NULL) {
                add_gateway(p, &work, vs, &hosts, OBJECT_AS(gateway, o));
            }
        }
    }
}

static int by_place(const void *x, const void *y)
{
    const struct route_row *a = x;
    const struct route_row *b = y;
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(a->gateway, b->gateway);
    if (c != 0) {
        return c;
    }
    if ((a->order < 0) != (b->order < 0)) {
        return a->order < 0 ? 1 : -1;
    }
    if (a->order >= 0) {
        return a->order < b->order ? -1 : a->order > b->order;
    }
    c = strcmp(a->vs->o.ns, b->vs->o.ns);
    c = c != 0 ? c : strcmp(a->vs->o.name, b->vs->o.name);
    if (c == 0) {
        c = a->index != b->index               ? (a->index < b->index ? -1 : 1)
            : a->match_index != b->match_index ? (a->match_index < b->match_index ? -1 : 1)
            : a->delegate_index != b->delegate_index
                ? (a->delegate_index < b->delegate_index ? -1 : 1)
                : 0;
    }
    return c;
}

static void sort_rows(struct route_rows *out)
{
    if (out->n > 1) {
        qsort(out->at, out->n, sizeof *out->at, by_place);
    }
}

static void pairs_end(struct pairs *p, struct route_rows *out)
{
    arena_release(&p->of_vs);
    arena_release(&p->of_host);
    sort_rows(&p->grown);
    keep_rows(p->m, &p->grown, out);
}

void route_rows_of_vs(const struct mesh *m, const struct virtualservice *vs, struct route_rows *out)
{
    struct pairs p;
    pairs_init(&p, m);
    add_vs(&p, vs);
    pairs_end(&p, out);
}

void route_rows_all(const struct mesh *m, struct route_rows *out)
{
    struct pairs p;
    pairs_init(&p, m);
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_vs(&p, OBJECT_AS(virtualservice, all[i]));
    }
    pairs_end(&p, out);
}

// --- shares

static int by_percent(const void *x, const void *y)
{
    const struct route_share *a = x;
    const struct route_share *b = y;
    if (a->percent != b->percent) {
        return a->percent > b->percent ? -1 : 1;
    }
    return strcmp(a->destination, b->destination);
}

static void add_share(struct string_map *seen, struct route_share *at, uint32_t *n,
                      const char *destination, double percent, bool rest)
{
    struct route_share **place = (struct route_share **)string_map_at(seen, destination);
    if (*place == NULL) {
        at[*n] = (struct route_share){.destination = destination};
        *place = &at[(*n)++];
    }
    (*place)->percent += percent;
    (*place)->rules++;
    (*place)->rest |= rest;
}

const struct route_share *route_shares(struct arena *a, const struct route_row *rows, uint32_t n,
                                       uint32_t *count)
{
    size_t most = 1;
    uint32_t live = 0;
    for (uint32_t i = 0; i < n; i++) {
        most += rows[i].ntargets + 1;
        live += rows[i].order >= 0 && rows[i].shadowed_vs == NULL;
    }
    struct route_share *at = arena_alloc(a, most * sizeof *at);
    struct string_map seen;
    string_map_init(&seen, a);
    *count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct route_row *r = &rows[i];
        if (r->order < 0 || r->shadowed_vs != NULL) {
            continue;
        }
        bool rest = r->conditions.n == 0;
        if (r->action != ACTION_ROUTE) {
            add_share(&seen, at, count, "", 100.0 / live, rest);
        }
        for (uint32_t k = 0; k < r->ntargets; k++) {
            if (r->targets[k].percent > 0) {
                add_share(&seen, at, count, r->targets[k].to.host, r->targets[k].percent / live,
                          rest);
            }
        }
    }
    qsort(at, *count, sizeof *at, by_percent);
    return at;
}
