// SPDX-License-Identifier: Apache-2.0
// The link destinations.
#include "kube/base/arena.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/route/other_route_tables.h"
#include "kube/mesh/route/route_facts.h"

// The destinations of all rules.
struct destination_tally {
    uint32_t n, missing, unknown;
    const char *fault;          // of the first that is missing, else that is not known
    const char *words, *field;  // of the same one, for link_blame
    const struct object *first; // Service found, to show
};

// The rule that a destination is one of.
struct ruled {
    const char *list; // "tls" or "tcp", NULL for http
    const char *name; // of an http rule, NULL: none
    uint32_t index;
    uint32_t route; // of its list
};

static const char *rule_text(const struct mesh *m, const struct ruled *r)
{
    const char *rule = link_rule_text(m, r->name, r->index);
    return r->list != NULL ? arena_concat(m->arena, r->list, " rule ", rule, NULL)
                           : arena_concat(m->arena, "rule ", rule, NULL);
}

// "cart", or the whole host where it is no Service's.
static const char *service_words(const struct mesh *m, const char *host)
{
    const char *name, *ns;
    return name_split_service(m->arena, host, &name, &ns) ? name : host;
}

// What is missing, in a few words.
static const char *fault_words(const struct mesh *m, const struct resolved_destination *r)
{
    switch (r->fault) {
    case DEST_OK:
        break;
    case DEST_NO_HOST:
        return "Destination without a host";
    case DEST_NO_SERVICE:
        return arena_printf(m->arena, "No such Service: %s", service_words(m, r->host));
    case DEST_HIDDEN:
        return arena_printf(m->arena, "Service %s is not exported to the gateway",
                            service_words(m, r->host));
    case DEST_NO_PORT:
        return arena_printf(m->arena, "No such port: %u of %s", r->port, service_words(m, r->host));
    case DEST_NO_SUBSET:
        return arena_printf(m->arena, "No such subset: %s of %s", r->subset,
                            service_words(m, r->host));
    }
    return "";
}

static void add_destination(const struct mesh *m, const struct workload *w,
                            const struct destination *d, const char *ns, uint32_t port,
                            const struct ruled *rule, struct destination_tally *t)
{
    if (!d->present) {
        return;
    }
    struct resolved_destination r = destination_resolve(m, w, d, ns, port);
    t->n++;
    t->first = t->first != NULL ? t->first : r.service;
    if (r.fault == DEST_OK) {
        return;
    }
    bool missing = destination_missing(&r);
    if (t->fault == NULL || (missing && t->missing == 0)) {
        t->fault =
            arena_concat(m->arena, rule_text(m, rule), ": ", destination_fault_text(m, &r), NULL);
        t->words = fault_words(m, &r);
        t->field = arena_printf(m->arena, "spec.%s[%u].route[%u].destination",
                                rule->list != NULL ? rule->list : "http", rule->index, rule->route);
    }
    t->missing += missing;
    t->unknown += !missing;
}

struct tally_question {
    const struct workload *w;
    const struct vs_facts *own;
};

static void add_rule(const struct mesh *m, const struct workload *w, const struct route *r,
                     struct destination_tally *t)
{
    struct ruled rule = {.name = r->name, .index = r->index};
    for (uint32_t i = 0; i < r->rule->nroutes; i++) {
        rule.route = i;
        const struct route_destination *d = &r->rule->routes[i];
        if (r->rule->nroutes == 1 || d->weight > 0) {
            add_destination(m, w, &d->destination, r->ns, r->port, &rule, t);
        }
    }
}

static const void *tally_http_rules(const struct mesh *m, const void *question)
{
    const struct tally_question *q = question;
    struct destination_tally *t = arena_alloc(m->arena, sizeof *t);
    const struct http_rule *last = NULL;
    for (uint32_t k = 0; k < q->own->n; k++) {
        const struct route *r = q->own->routes[k];
        if (r->rule == last) {
            continue; // each rule once, not once for each match
        }
        last = r->rule;
        add_rule(m, q->w, r, t);
    }
    return t;
}

// Hosts of the same routes have the same destinations.
static struct destination_tally of_http_rules(struct link_context *ctx,
                                              const struct virtualservice *vs)
{
    const struct mesh *m = ctx->m;
    const struct host_routes *found = link_routes(ctx);
    if (found == NULL || found->dropped) {
        return (struct destination_tally){0};
    }
    const struct route_facts *f = route_facts_find(m, found);
    struct tally_question q = {&ctx->workload, route_facts_of(f, m->arena, vs)};
    const char *name = f->name != NULL
                           ? mesh_answer_name(m->arena, "destinations", ctx->chain->vs_id,
                                              workload_key(m->arena, &ctx->workload), f->name, NULL)
                           : NULL;
    const struct destination_tally *t =
        name != NULL ? mesh_answer(m, name, tally_http_rules, &q) : tally_http_rules(m, &q);
    return *t;
}

static void add_tally(struct destination_tally *t, const struct destination_tally *more)
{
    if (t->fault == NULL || (more->missing > 0 && t->missing == 0)) {
        if (more->fault != NULL) {
            t->fault = more->fault;
            t->words = more->words;
            t->field = more->field;
        }
    }
    t->first = t->first != NULL ? t->first : more->first;
    t->n += more->n;
    t->missing += more->missing;
    t->unknown += more->unknown;
}

// Those of rules that only the tables of other ports have.
static void add_other_ports(struct link_context *ctx, const struct virtualservice *vs,
                            struct destination_tally *t)
{
    const struct mesh *m = ctx->m;
    const struct host_routes *found = link_routes(ctx);
    if (found == NULL || found->dropped) {
        return;
    }
    const struct other_route_tables *others =
        other_route_tables_find(m, &ctx->workload, OBJECT_AS(gateway, ctx->chain->gateway), found);
    const struct http_rule *last = NULL;
    for (uint32_t i = 0; i < others->nonly; i++) {
        const struct route *r = others->at[i]->route;
        if (r->vs == vs && r->rule != last) {
            last = r->rule;
            add_rule(m, &ctx->workload, r, t);
        }
    }
}

struct l4_tally_question {
    const struct workload *w;
    const struct virtualservice *vs;
    const struct l4_routes *routes; // of one server
};

static const void *tally_l4_routes(const struct mesh *m, const void *question)
{
    const struct l4_tally_question *q = question;
    struct destination_tally *t = arena_alloc(m->arena, sizeof *t);
    const struct l4_rule *last = NULL;
    const struct l4_group *own = l4_routes_of(q->routes, m->arena, q->vs);
    for (uint32_t i = 0; i < own->n; i++) {
        const struct l4_route *r = &own->at[i];
        if (r->taker != NULL || r->rule == last) {
            continue; // each rule once, not once for each name
        }
        last = r->rule;
        struct ruled rule = {.list = r->tls ? "tls" : "tcp", .index = r->index};
        for (uint32_t k = 0; k < r->rule->nroutes; k++) {
            rule.route = k;
            const struct route_destination *d = &r->rule->routes[k];
            if (r->rule->nroutes == 1 || d->weight > 0) {
                add_destination(m, q->w, &d->destination, r->vs->o.ns, r->port, &rule, t);
            }
        }
    }
    return t;
}

// Adds those of the tls and tcp rules that apply. All hosts of the VirtualService have the same on a server.
static void add_l4_rules(struct link_context *ctx, const struct virtualservice *vs,
                         struct destination_tally *t)
{
    const struct mesh *m = ctx->m;
    const struct gateway *gw = OBJECT_AS(gateway, ctx->chain->gateway);
    for (uint32_t i = 0; i < ctx->servers.l4.n; i++) {
        uint32_t server = ctx->servers.l4.at[i];
        struct l4_tally_question q = {&ctx->workload, vs,
                                      l4_routes_find(m, &ctx->workload, gw, server)};
        const char *name = mesh_answer_name(
            m->arena, "l4 destinations", ctx->chain->vs_id, workload_key(m->arena, &ctx->workload),
            ctx->chain->gateway_id, arena_printf(m->arena, "%u", server), NULL);
        add_tally(t, mesh_answer(m, name, tally_l4_routes, &q));
    }
}

void link_destinations(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    const struct mesh *m = ctx->m;
    if (c->vs == NULL && c->gateway != NULL && ctx->servers.services != NULL) {
        link_set(ctx, LINK_DESTINATIONS, VERDICT_OK, NULL, "the services that %s covers", c->host);
        return;
    }
    if (c->vs == NULL || c->gateway == NULL || !ctx->has_workload) {
        link_set(ctx, LINK_DESTINATIONS, VERDICT_UNKNOWN, NULL, "not known without its rules");
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    struct destination_tally t = {0};
    if (ctx->servers.http) {
        t = of_http_rules(ctx, vs);
        add_other_ports(ctx, vs, &t);
    }
    add_l4_rules(ctx, vs, &t);
    if (t.n == 0) {
        // Redirects and direct responses have none.
        bool rules =
            c->link[LINK_RULES].state == VERDICT_OK || c->link[LINK_RULES].state == VERDICT_WARNING;
        link_set(ctx, LINK_DESTINATIONS, rules ? VERDICT_OK : VERDICT_UNKNOWN, NULL,
                 rules ? "none: the rules answer themselves" : "no rule leads to one");
        return;
    }
    if (t.missing != 0) {
        link_set(ctx, LINK_DESTINATIONS, VERDICT_BROKEN, c->vs,
                 "%s; correct the destination of VirtualService %s", t.fault, c->vs_id);
        link_blame(ctx, LINK_DESTINATIONS, NULL, t.field,
                   arena_printf(m->arena,
                                "correct %s of VirtualService %s, or create what it names", t.field,
                                c->vs_id),
                   "%s", t.words);
        return;
    }
    if (t.unknown != 0) {
        link_set(ctx, LINK_DESTINATIONS, VERDICT_UNKNOWN, c->vs, "%s", t.fault);
        return;
    }
    link_set(ctx, LINK_DESTINATIONS, VERDICT_OK, t.first, "%u destinations exist", t.n);
}
