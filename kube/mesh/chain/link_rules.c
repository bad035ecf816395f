// SPDX-License-Identifier: Apache-2.0
// The link rules.
#include "kube/base/arena.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/refused_table.h"
#include "kube/mesh/route/route_facts.h"
#include "kube/mesh/route/rule_action.h"

// The first rule that the control plane drops because an earlier entry of the same VirtualService takes everything
// (docs/rules/istio.md#catch-all-ends-virtualservice); nhttp where there is none. Entries of delegates are not
// examined.
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

static void rules_of_tls(struct link_context *ctx, const struct virtualservice *vs)
{
    if (vs->ntls + vs->ntcp > 0) {
        link_set(ctx, LINK_RULES, VERDICT_OK, &vs->o, "%u rules by SNI or port",
                 vs->ntls + vs->ntcp);
    } else {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "TLS is passed through, where http rules do not apply, and VirtualService %s has "
                 "no tls rules; add some or set tls.mode SIMPLE",
                 ctx->chain->vs_id);
    }
}

// What the routes of the host show about the rules of one VirtualService.
struct rule_facts {
    const struct vs_facts *own;
    uint32_t others;                  // routes of other VirtualServices
    bool dropped;                     // the server is not there: it lost its port
    const struct host_routes *routes; // NULL if no HTTP server serves the host
};

static struct rule_facts collect_facts(struct link_context *ctx, const struct virtualservice *vs)
{
    static const struct vs_facts none;
    const struct host_routes *found = link_routes(ctx);
    if (found == NULL || found->dropped) {
        return (struct rule_facts){.own = &none, .dropped = found != NULL, .routes = found};
    }
    const struct route_facts *f = route_facts_find(ctx->m, found);
    const struct vs_facts *own = route_facts_of(f, ctx->m->arena, vs);
    return (struct rule_facts){.own = own, .others = f->n - own->n, .routes = found};
}

// Fills in the link if Envoy takes none of the rules, or one of them does nothing.
static bool set_unusable(struct link_context *ctx, const struct rule_facts *f)
{
    const struct mesh *m = ctx->m;
    const struct host_routes *h = f->routes;
    if (h != NULL && h->refused != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &h->refused->route->vs->o,
                 "no route of the port is served: %s", h->refused->reason);
        return true;
    }
    const struct route *r = f->own->unusable;
    if (r != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &r->vs->o, "rule %s of VirtualService %s %s",
                 link_rule_text(m, r->name, r->index), ctx->chain->vs_id, rule_unusable(r->rule));
        return true;
    }
    return false;
}

// Whether some rules of the VirtualService are left out (delegate.h).
static bool is_limited(const struct rule_facts *f, const struct virtualservice *vs)
{
    const struct virtual_host *v = f->routes != NULL ? &f->routes->vhost : NULL;
    for (uint32_t i = 0; v != NULL && v->limited && i < v->n; i++) {
        if (v->parts[i]->vs == vs && v->parts[i]->limited) {
            return true;
        }
    }
    return false;
}

static void rules_of_http(struct link_context *ctx, const struct virtualservice *vs)
{
    const struct chain *c = ctx->chain;
    const struct mesh *m = ctx->m;
    struct rule_facts f = collect_facts(ctx, vs);
    uint32_t dropped = first_dropped(vs);
    if (!f.dropped && set_unusable(ctx, &f)) {
        return;
    }
    if (f.dropped) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "the server of Gateway %s for this host lost its port to another Gateway's server "
                 "and is not there",
                 c->gateway_id);
    } else if (is_limited(&f, vs)) {
        link_set(ctx, LINK_RULES, VERDICT_UNKNOWN, &vs->o,
                 "with its delegates, VirtualService %s has more rules than are looked at",
                 c->vs_id);
    } else if (f.own->n == 0) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "no rule of VirtualService %s applies on Gateway %s; look at port, gateways, "
                 "sourceLabels and sourceNamespace of its matches, and at its delegates",
                 c->vs_id, c->gateway_id);
    } else if (f.routes != NULL && f.routes->also_refused != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_WARNING, &f.routes->also_refused->route->vs->o,
                 "no route of %s is served: %s", link_server_text(m, f.routes->also->server),
                 f.routes->also_refused->reason);
    } else if (f.own->dead != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_WARNING, &vs->o,
                 "rule %s of VirtualService %s is never reached: rule %s of %s before it takes all "
                 "its requests; move it up or take it out",
                 link_rule_text(m, f.own->dead->name, f.own->dead->index), c->vs_id,
                 link_rule_text(m, f.own->taker->name, f.own->taker->index),
                 f.own->taker->vs == vs ? "the same" : object_id(m->arena, &f.own->taker->vs->o));
    } else if (dropped < vs->nhttp) {
        const struct http_rule *r = &vs->http[dropped];
        link_set(ctx, LINK_RULES, VERDICT_WARNING, &vs->o,
                 "rule %s of VirtualService %s is never reached: the rule before it takes "
                 "everything; move it up or take it out",
                 link_rule_text(m, r->name, dropped), c->vs_id);
    } else if (f.others != 0) {
        link_set(ctx, LINK_RULES, VERDICT_OK, &vs->o,
                 "%u routes, beside %u of other VirtualServices for this host", f.own->n, f.others);
    } else {
        link_set(ctx, LINK_RULES, VERDICT_OK, &vs->o, "%u routes", f.own->n);
    }
}

void link_rules(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    const struct host_servers *s = &ctx->servers;
    if (c->vs == NULL || c->gateway == NULL) {
        link_set(ctx, LINK_RULES, VERDICT_UNKNOWN, NULL, "%s",
                 c->vs == NULL ? "no VirtualService" : "no Gateway to apply them");
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    if (s->tls == NULL && s->plain == NULL && s->passed == NULL) {
        link_set(ctx, LINK_RULES, VERDICT_UNKNOWN, NULL, "the Gateway does not serve the host");
    } else if (s->tls == NULL && s->plain == NULL) {
        rules_of_tls(ctx, vs);
    } else if (!ctx->has_workload) {
        link_set(ctx, LINK_RULES, VERDICT_UNKNOWN, NULL, "no gateway pod to apply them");
    } else {
        rules_of_http(ctx, vs);
    }
}
