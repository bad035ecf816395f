// SPDX-License-Identifier: Apache-2.0
// The links rules and destinations.
#include "kube/base/text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/chain_internal.h"
#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/shadowed_route.h"

#include <inttypes.h>
#include <string.h>

static const char *rule_label(const struct mesh *m, const char *name, uint32_t index)
{
    return name != NULL ? arena_printf(m->arena, "\"%s\"", name)
                        : arena_printf(m->arena, "#%u", index);
}

// The first rule that the control plane drops because an earlier entry of the same VirtualService takes
// everything (docs/rules/istio.md#catch-all-ends-virtualservice); nhttp where there is none. The entries of
// delegates are not examined here.
static uint32_t first_dropped(const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule *r = &vs->http[i];
        if (r->more != NULL && r->more->delegate) {
            continue;
        }
        bool ends = r->nmatches == 0;
        for (uint32_t k = 0; k < r->nmatches; k++) {
            ends = ends || match_catch_all(&r->matches[k]);
        }
        if (ends) {
            return i + 1;
        }
    }
    return vs->nhttp;
}

static void rules_of_tls(struct link_input *in, const struct virtualservice *vs)
{
    if (vs->ntls + vs->ntcp > 0) {
        link_set(in, LINK_RULES, VERDICT_OK, &vs->o, "%u rules by SNI or port",
                 vs->ntls + vs->ntcp);
    } else {
        link_set(in, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "TLS is passed through, where http rules do not apply, and VirtualService %s has "
                 "no tls "
                 "rules; add some or set tls.mode SIMPLE",
                 in->chain->vs_id);
    }
}

void link_rules(struct link_input *in)
{
    const struct chain *c = in->chain;
    if (c->vs == NULL || c->gateway == NULL) {
        link_set(in, LINK_RULES, VERDICT_UNKNOWN, NULL, "%s",
                 c->vs == NULL ? "no VirtualService" : "no Gateway to apply them");
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    if (in->tls == NULL && in->plain == NULL) {
        if (in->passed == NULL) {
            link_set(in, LINK_RULES, VERDICT_UNKNOWN, NULL, "the Gateway does not serve the host");
        } else {
            rules_of_tls(in, vs);
        }
        return;
    }
    if (!in->has_workload) {
        link_set(in, LINK_RULES, VERDICT_UNKNOWN, NULL, "no gateway pod to apply them");
        return;
    }
    const struct gateway *gw = OBJECT_AS(gateway, c->gateway);
    const struct host_routes *v =
        host_routes_find(in->m, &in->workload, gw, name_fqdn(in->m->arena, c->host, vs->o.ns));
    uint32_t n = 0, mine = 0, others = 0;
    const struct route *const *routes =
        v != NULL ? virtual_host_routes(in->m->arena, &v->vhost, &n) : NULL;
    const struct route **by = arena_alloc(in->m->arena, ((size_t)n + 1) * sizeof *by);
    const struct route *dead = NULL, *taker = NULL;
    shadowed_routes_find(in->m->arena, routes, n, by);
    for (uint32_t i = 0; i < n; i++) {
        mine += routes[i]->vs == vs;
        others += routes[i]->vs != vs;
        if (routes[i]->vs == vs && by[i] != NULL && dead == NULL) {
            dead = routes[i];
            taker = by[i];
        }
    }
    uint32_t dropped = first_dropped(vs);
    if (v != NULL && v->dropped) {
        link_set(in, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "the server of Gateway %s for this host lost its port to another Gateway's server "
                 "and is "
                 "not there",
                 c->gateway_id);
    } else if (mine == 0) {
        link_set(in, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "no rule of VirtualService %s applies on Gateway %s; look at port, gateways, "
                 "sourceLabels "
                 "and sourceNamespace of its matches, and at its delegates",
                 c->vs_id, c->gateway_id);
    } else if (dead != NULL) {
        link_set(
            in, LINK_RULES, VERDICT_WARNING, &vs->o,
            "rule %s of VirtualService %s is never reached: rule %s of %s before it takes all its "
            "requests; move it up or take it out",
            rule_label(in->m, dead->name, dead->index), c->vs_id,
            rule_label(in->m, taker->name, taker->index),
            taker->vs == vs ? "the same" : object_id(in->m->arena, &taker->vs->o));
    } else if (dropped < vs->nhttp) {
        link_set(in, LINK_RULES, VERDICT_WARNING, &vs->o,
                 "rule %s of VirtualService %s is never reached: the rule before it takes "
                 "everything; move "
                 "it up or take it out",
                 rule_label(in->m,
                            vs->http[dropped].more != NULL ? vs->http[dropped].more->name : NULL,
                            dropped),
                 c->vs_id);
    } else if (others != 0) {
        link_set(in, LINK_RULES, VERDICT_OK, &vs->o,
                 "%u routes, beside %u of other VirtualServices for this host", mine, others);
    } else {
        link_set(in, LINK_RULES, VERDICT_OK, &vs->o, "%u routes", mine);
    }
}

// --- destinations

struct tally {
    uint32_t n, missing;
    const char *fault;
    const struct object *first; // an object to show
};

static void count(struct link_input *in, const struct destination *d, const char *ns, uint32_t port,
                  const char *what, struct tally *t)
{
    if (!d->present) {
        return;
    }
    struct resolved_destination r = destination_resolve(in->m, &in->workload, d, ns, port);
    t->n++;
    t->first = t->first != NULL ? t->first : r.service;
    if (r.fault != DEST_OK) {
        t->missing++;
        if (t->fault == NULL) {
            t->fault =
                arena_printf(in->m->arena, "%s: %s", what, destination_fault_text(in->m, &r));
        }
    }
}

static uint32_t port_of(const struct server *s)
{
    return s != NULL && s->port > 0 && s->port <= UINT32_MAX ? (uint32_t)s->port : 0;
}

static void of_http(struct link_input *in, const struct virtualservice *vs, struct tally *t)
{
    const struct gateway *gw = OBJECT_AS(gateway, in->chain->gateway);
    const struct host_routes *v = host_routes_find(
        in->m, &in->workload, gw, name_fqdn(in->m->arena, in->chain->host, vs->o.ns));
    if (v == NULL) {
        return;
    }
    struct virtual_host_iter it;
    const struct route *r;
    const struct http_rule *last = NULL;
    for (virtual_host_begin(&it, &v->vhost); (r = virtual_host_next(&it)) != NULL;) {
        if (r->vs != vs || r->rule == last) {
            continue; // each rule once, not once a match
        }
        last = r->rule;
        const char *what =
            arena_printf(in->m->arena, "rule %s", rule_label(in->m, r->name, r->index));
        for (uint32_t i = 0; i < r->rule->nroutes; i++) {
            const struct route_destination *d = &r->rule->routes[i];
            if (r->rule->nroutes == 1 || d->weight > 0) {
                count(in, &d->destination, r->ns, r->port, what, t);
            }
        }
    }
}

void link_destinations(struct link_input *in)
{
    const struct chain *c = in->chain;
    if (c->vs == NULL || c->gateway == NULL || !in->has_workload) {
        link_set(in, LINK_DESTINATIONS, VERDICT_UNKNOWN, NULL, "not known without its rules");
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    struct tally t = {0};
    of_http(in, vs, &t);
    for (uint32_t i = 0; in->tls == NULL && in->plain == NULL && i < vs->ntls; i++) {
        for (uint32_t k = 0; k < vs->tls[i].nroutes; k++) {
            count(in, &vs->tls[i].routes[k].destination, vs->o.ns, port_of(in->passed),
                  arena_printf(in->m->arena, "tls rule #%u", i), &t);
        }
    }
    if (t.n == 0) {
        // Redirects and direct responses have none.
        bool rules =
            c->link[LINK_RULES].state == VERDICT_OK || c->link[LINK_RULES].state == VERDICT_WARNING;
        link_set(in, LINK_DESTINATIONS, rules ? VERDICT_OK : VERDICT_UNKNOWN, NULL,
                 rules ? "none: the rules answer themselves" : "no rule leads to one");
        return;
    }
    if (t.missing != 0) {
        if (link_knows(in, LINK_DESTINATIONS, KIND_SERVICE, c->vs->ns, NULL)) {
            link_set(in, LINK_DESTINATIONS, VERDICT_BROKEN, c->vs,
                     "%s; correct the destination of VirtualService %s", t.fault, c->vs_id);
        }
        return;
    }
    link_set(in, LINK_DESTINATIONS, VERDICT_OK, t.first, "%u destinations exist", t.n);
}
