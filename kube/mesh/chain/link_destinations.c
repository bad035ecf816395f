// SPDX-License-Identifier: Apache-2.0
// The link destinations.
#include "kube/base/arena.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/host_routes.h"

// The destinations of all rules.
struct destination_tally {
    uint32_t n, missing;
    const char *fault;          // of the first that is missing
    const struct object *first; // Service found, to show
};

static void add_destination(struct link_context *ctx, const struct destination *d, const char *ns,
                            uint32_t port, const char *what, struct destination_tally *t)
{
    if (!d->present) {
        return;
    }
    struct resolved_destination r = destination_resolve(ctx->m, &ctx->workload, d, ns, port);
    t->n++;
    t->first = t->first != NULL ? t->first : r.service;
    if (r.fault != DEST_OK) {
        t->missing++;
        if (t->fault == NULL) {
            t->fault =
                arena_printf(ctx->m->arena, "%s: %s", what, destination_fault_text(ctx->m, &r));
        }
    }
}

// The port of a server, 0 where there is none.
static uint32_t port_of(const struct server *s)
{
    return s != NULL && s->port > 0 && s->port <= UINT32_MAX ? (uint32_t)s->port : 0;
}

static void add_http_rules(struct link_context *ctx, const struct virtualservice *vs,
                           struct destination_tally *t)
{
    const struct gateway *gw = OBJECT_AS(gateway, ctx->chain->gateway);
    const struct host_routes *v = host_routes_find(
        ctx->m, &ctx->workload, gw, name_fqdn(ctx->m->arena, ctx->chain->host, vs->o.ns));
    if (v == NULL) {
        return;
    }
    struct virtual_host_iter it;
    const struct route *r;
    const struct http_rule *last = NULL;
    for (virtual_host_begin(&it, &v->vhost); (r = virtual_host_next(&it)) != NULL;) {
        if (r->vs != vs || r->rule == last) {
            continue; // each rule once, not once for each match
        }
        last = r->rule;
        const char *what =
            arena_printf(ctx->m->arena, "rule %s", link_rule_text(ctx->m, r->name, r->index));
        for (uint32_t i = 0; i < r->rule->nroutes; i++) {
            const struct route_destination *d = &r->rule->routes[i];
            if (r->rule->nroutes == 1 || d->weight > 0) {
                add_destination(ctx, &d->destination, r->ns, r->port, what, t);
            }
        }
    }
}

static void add_tls_rules(struct link_context *ctx, const struct virtualservice *vs,
                          struct destination_tally *t)
{
    for (uint32_t i = 0; i < vs->ntls; i++) {
        const char *what = arena_printf(ctx->m->arena, "tls rule #%u", i);
        for (uint32_t k = 0; k < vs->tls[i].nroutes; k++) {
            add_destination(ctx, &vs->tls[i].routes[k].destination, vs->o.ns,
                            port_of(ctx->servers.passed), what, t);
        }
    }
}

void link_destinations(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    if (c->vs == NULL || c->gateway == NULL || !ctx->has_workload) {
        link_set(ctx, LINK_DESTINATIONS, VERDICT_UNKNOWN, NULL, "not known without its rules");
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    struct destination_tally t = {0};
    add_http_rules(ctx, vs, &t);
    if (ctx->servers.tls == NULL && ctx->servers.plain == NULL) {
        add_tls_rules(ctx, vs, &t);
    }
    if (t.n == 0) {
        // Redirects and direct responses have none.
        bool rules =
            c->link[LINK_RULES].state == VERDICT_OK || c->link[LINK_RULES].state == VERDICT_WARNING;
        link_set(ctx, LINK_DESTINATIONS, rules ? VERDICT_OK : VERDICT_UNKNOWN, NULL,
                 rules ? "none: the rules answer themselves" : "no rule leads to one");
        return;
    }
    if (t.missing != 0) {
        if (link_knows(ctx, LINK_DESTINATIONS, KIND_SERVICE, c->vs->ns, NULL)) {
            link_set(ctx, LINK_DESTINATIONS, VERDICT_BROKEN, c->vs,
                     "%s; correct the destination of VirtualService %s", t.fault, c->vs_id);
        }
        return;
    }
    link_set(ctx, LINK_DESTINATIONS, VERDICT_OK, t.first, "%u destinations exist", t.n);
}
