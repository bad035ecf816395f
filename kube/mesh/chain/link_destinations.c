// SPDX-License-Identifier: Apache-2.0
// The link destinations.
#include "kube/base/arena.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/route_facts.h"

// The destinations of all rules.
struct destination_tally {
    uint32_t n, missing, unknown;
    const char *fault;          // of the first that is missing, else that is not known
    const struct object *first; // Service found, to show
};

// The rule that a destination is one of.
struct ruled {
    bool tls;
    const char *name; // of an http rule, NULL: none
    uint32_t index;
};

static const char *rule_text(const struct mesh *m, const struct ruled *r)
{
    return arena_concat(m->arena, r->tls ? "tls rule " : "rule ",
                        link_rule_text(m, r->name, r->index), NULL);
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
    }
    t->missing += missing;
    t->unknown += !missing;
}

// The port of a server, 0 if there is none.
static uint32_t port_of(const struct server *s)
{
    return s != NULL && s->port > 0 && s->port <= UINT32_MAX ? (uint32_t)s->port : 0;
}

struct tally_question {
    const struct workload *w;
    const struct vs_facts *own;
};

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
        const struct ruled rule = {.name = r->name, .index = r->index};
        for (uint32_t i = 0; i < r->rule->nroutes; i++) {
            const struct route_destination *d = &r->rule->routes[i];
            if (r->rule->nroutes == 1 || d->weight > 0) {
                add_destination(m, q->w, &d->destination, r->ns, r->port, &rule, t);
            }
        }
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

struct tls_question {
    const struct workload *w;
    const struct virtualservice *vs;
    uint32_t port; // of the server that passes TLS on
};

static const void *tally_tls_rules(const struct mesh *m, const void *question)
{
    const struct tls_question *q = question;
    const struct virtualservice *vs = q->vs;
    struct destination_tally *t = arena_alloc(m->arena, sizeof *t);
    for (uint32_t i = 0; i < vs->ntls; i++) {
        const struct ruled rule = {.tls = true, .index = i};
        for (uint32_t k = 0; k < vs->tls[i].nroutes; k++) {
            add_destination(m, q->w, &vs->tls[i].routes[k].destination, vs->o.ns, q->port, &rule,
                            t);
        }
    }
    return t;
}

// All hosts of the VirtualService have the same.
static struct destination_tally of_tls_rules(struct link_context *ctx,
                                             const struct virtualservice *vs)
{
    const struct mesh *m = ctx->m;
    struct tls_question q = {&ctx->workload, vs, port_of(ctx->servers.passed)};
    const char *name = mesh_answer_name(m->arena, "tls destinations", ctx->chain->vs_id,
                                        workload_key(m->arena, &ctx->workload),
                                        arena_printf(m->arena, "%u", q.port), NULL);
    return *(const struct destination_tally *)mesh_answer(m, name, tally_tls_rules, &q);
}

void link_destinations(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    if (c->vs == NULL || c->gateway == NULL || !ctx->has_workload) {
        link_set(ctx, LINK_DESTINATIONS, VERDICT_UNKNOWN, NULL, "not known without its rules");
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    // A host is either answered here or passed on.
    bool passed = ctx->servers.tls == NULL && ctx->servers.plain == NULL;
    struct destination_tally t = passed ? of_tls_rules(ctx, vs) : of_http_rules(ctx, vs);
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
        return;
    }
    if (t.unknown != 0) {
        link_set(ctx, LINK_DESTINATIONS, VERDICT_UNKNOWN, c->vs, "%s", t.fault);
        return;
    }
    link_set(ctx, LINK_DESTINATIONS, VERDICT_OK, t.first, "%u destinations exist", t.n);
}
