// SPDX-License-Identifier: Apache-2.0
// The link rules.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/route/other_route_tables.h"
#include "kube/mesh/route/rejected_route_table.h"
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
            // One that the gateway decides is not there for every port and gateway.
            ends = ends || (match_catch_all(&r->matches[k]) && !match_by_gateway(&r->matches[k]));
        }
        if (ends) {
            return i + 1;
        }
    }
    return vs->nhttp;
}

// What the servers that pass bytes on make of the VirtualService's tls and tcp rules.
struct l4_facts {
    uint32_t alive;
    const struct l4_route *dead; // the first one that another one hides
};

static struct l4_facts collect_l4(struct link_context *ctx, const struct virtualservice *vs)
{
    struct l4_facts f = {0};
    const struct gateway *gw = OBJECT_AS(gateway, ctx->chain->gateway);
    for (uint32_t i = 0; i < ctx->servers.l4.n; i++) {
        const struct l4_routes *r =
            l4_routes_find(ctx->m, &ctx->workload, gw, ctx->servers.l4.at[i]);
        const struct l4_group *own = l4_routes_of(r, ctx->m->arena, vs);
        f.alive += own->alive;
        f.dead = f.dead == NULL ? own->dead : f.dead;
    }
    return f;
}

// No tls or tcp rule of the VirtualService applies, and nothing here reads HTTP.
static void no_l4_rule(struct link_context *ctx, const struct virtualservice *vs)
{
    const struct host_servers *s = &ctx->servers;
    const char *id = ctx->chain->vs_id;
    bool passed = s->passed != NULL;
    if ((passed ? vs->ntls : vs->ntcp) > 0) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "no %s rule of VirtualService %s applies on Gateway %s; look at port and gateways "
                 "of its matches",
                 passed ? "tls" : "tcp", id, ctx->chain->gateway_id);
        link_blame(ctx, LINK_RULES, NULL, passed ? "spec.tls" : "spec.tcp",
                   "look at port and gateways of its matches", "No %s rule applies on the Gateway",
                   passed ? "tls" : "tcp");
    } else if (passed) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "TLS is passed through, where http rules do not apply, and VirtualService %s has "
                 "no tls rules; add some or set tls.mode SIMPLE",
                 id);
        link_blame(ctx, LINK_RULES, NULL, "spec.tls",
                   "add tls rules, or set tls.mode SIMPLE at the Gateway's server",
                   "TLS is passed through, and there are no tls rules");
    } else {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "%s passes bytes on, where http and tls rules do not apply, and VirtualService %s "
                 "has no tcp rules; add some",
                 link_server_text(ctx->m, s->tls != NULL ? s->tls : s->tcp), id);
        link_blame(ctx, LINK_RULES, NULL, "spec.tcp", "add tcp rules",
                   "Bytes are passed on, and there are no tcp rules");
    }
}

static void rules_of_l4(struct link_context *ctx, const struct virtualservice *vs,
                        const struct l4_facts *f)
{
    const struct mesh *m = ctx->m;
    if (f->dead != NULL) {
        link_set(ctx, LINK_RULES, f->alive > 0 ? VERDICT_WARNING : VERDICT_BROKEN, &vs->o,
                 "%s is never used: %s, which comes first, takes its connections; take it out or "
                 "give it another name or port",
                 l4_route_label(m->arena, f->dead), l4_route_label(m->arena, f->dead->taker));
        link_blame(
            ctx, LINK_RULES, NULL,
            arena_printf(m->arena, "spec.%s[%u]", f->dead->tls ? "tls" : "tcp", f->dead->index),
            "take the rule out, or give it another name or port",
            "%s rule %u never used: an earlier one takes its connections",
            f->dead->tls ? "tls" : "tcp", f->dead->index);
    } else {
        link_set(ctx, LINK_RULES, VERDICT_OK, &vs->o, "%s by SNI or port",
                 str_plural(m->arena, f->alive, "route", "routes"));
    }
}

// What the routes of the host show about the rules of one VirtualService.
struct rule_facts {
    const struct vs_facts *own;
    uint32_t others;          // routes of other VirtualServices
    bool dropped;             // the server is not there: it lost its port
    const struct route *dead; // the first that no table of the Gateway has a request for, NULL none
    const struct route *taker;        // that takes its requests
    uint32_t elsewhere;               // routes that only the tables of other ports have
    const struct host_routes *routes; // NULL if no HTTP server serves the host
};

// What is dead in one table may live in that of another port, and what is not there may be there.
static void look_at_other_ports(struct link_context *ctx, const struct virtualservice *vs,
                                const struct route_facts *f, struct rule_facts *out)
{
    const struct mesh *m = ctx->m;
    const struct other_route_tables *others = other_route_tables_find(
        m, &ctx->workload, OBJECT_AS(gateway, ctx->chain->gateway), out->routes);
    if (others->n == 0) {
        return;
    }
    out->dead = NULL;
    for (uint32_t i = 0; i < f->n && out->dead == NULL; i++) {
        if (f->routes[i]->vs == vs && f->by[i] != NULL &&
            other_route_tables_alive(others, m->arena, f->routes[i]) == NULL) {
            out->dead = f->routes[i];
            out->taker = f->by[i];
        }
    }
    for (uint32_t i = 0; i < others->nonly; i++) {
        const struct other_route *o = others->at[i];
        out->elsewhere += o->route->vs == vs;
        if (o->route->vs == vs && o->by != NULL && out->dead == NULL) {
            out->dead = o->route;
            out->taker = o->by;
        }
    }
}

static struct rule_facts collect_facts(struct link_context *ctx, const struct virtualservice *vs)
{
    static const struct vs_facts none;
    const struct host_routes *found = link_routes(ctx);
    if (found == NULL || found->dropped) {
        return (struct rule_facts){.own = &none, .dropped = found != NULL, .routes = found};
    }
    const struct route_facts *f = route_facts_find(ctx->m, found);
    const struct vs_facts *own = route_facts_of(f, ctx->m->arena, vs);
    struct rule_facts out = {.own = own,
                             .others = f->n - own->n,
                             .dead = own->dead,
                             .taker = own->taker,
                             .routes = found};
    look_at_other_ports(ctx, vs, f, &out);
    return out;
}

static const char *http_field(const struct mesh *m, uint32_t index)
{
    return arena_printf(m->arena, "spec.http[%u]", index);
}

static void blame_refused(struct link_context *ctx, const struct rejected_route_table *t)
{
    link_blame(ctx, LINK_RULES, NULL, http_field(ctx->m, t->route->index),
               arena_printf(ctx->m->arena, "correct the rule: %s", t->reason),
               "Envoy refuses the whole route table for one rule");
}

static void blame_dead(struct link_context *ctx, const char *name, uint32_t index,
                       const char *taker)
{
    link_blame(ctx, LINK_RULES, NULL, http_field(ctx->m, index), "move the rule up, or take it out",
               "Rule %s never reached: %s takes its requests", link_rule_text(ctx->m, name, index),
               taker);
}

// Fills in the link if Envoy takes none of the rules, or one of them does nothing.
static bool set_unusable(struct link_context *ctx, const struct rule_facts *f)
{
    const struct mesh *m = ctx->m;
    const struct host_routes *h = f->routes;
    if (h != NULL && h->refused != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &h->refused->route->vs->o,
                 "no route of the port is served: %s", h->refused->reason);
        blame_refused(ctx, h->refused);
        return true;
    }
    const struct route *r = f->own->unusable;
    if (r != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &r->vs->o, "rule %s of VirtualService %s %s",
                 link_rule_text(m, r->name, r->index), ctx->chain->vs_id, rule_unusable(r->rule));
        link_blame(ctx, LINK_RULES, NULL, http_field(m, r->index), "correct the rule", "Rule %s %s",
                   link_rule_text(m, r->name, r->index), rule_unusable(r->rule));
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
        const struct server *s = ctx->servers.tls != NULL ? ctx->servers.tls : ctx->servers.plain;
        link_blame(ctx, LINK_RULES, c->gateway,
                   s != NULL ? link_server_field(ctx, s, ".port") : "spec.servers",
                   "merge the two servers, or give one of them another port",
                   "Server lost its port to another Gateway");
    } else if (is_limited(&f, vs)) {
        link_set(
            ctx, LINK_RULES, VERDICT_UNKNOWN, &vs->o,
            "too large to judge: with its delegates, VirtualService %s has more rules than are "
            "looked at",
            c->vs_id);
    } else if (f.own->n + f.elsewhere == 0) {
        link_set(ctx, LINK_RULES, VERDICT_BROKEN, &vs->o,
                 "no rule of VirtualService %s applies on Gateway %s; look at port, gateways, "
                 "sourceLabels and sourceNamespace of its matches, and at its delegates",
                 c->vs_id, c->gateway_id);
        link_blame(ctx, LINK_RULES, NULL, "spec.http",
                   "look at port, gateways, sourceLabels and sourceNamespace of its matches, and "
                   "at its delegates",
                   "No rule applies on the Gateway");
    } else if (f.routes != NULL && f.routes->also_refused != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_WARNING, &f.routes->also_refused->route->vs->o,
                 "no route of %s is served: %s", link_server_text(m, f.routes->also->server),
                 f.routes->also_refused->reason);
        blame_refused(ctx, f.routes->also_refused);
    } else if (f.dead != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_WARNING, &vs->o,
                 "rule %s of VirtualService %s is never reached: rule %s of %s before it takes all "
                 "its requests; move it up or take it out",
                 link_rule_text(m, f.dead->name, f.dead->index), c->vs_id,
                 link_rule_text(m, f.taker->name, f.taker->index),
                 f.taker->vs == vs ? "the same" : object_id(m->arena, &f.taker->vs->o));
        blame_dead(ctx, f.dead->name, f.dead->index,
                   arena_concat(m->arena, "rule ", link_rule_text(m, f.taker->name, f.taker->index),
                                NULL));
    } else if (dropped < vs->nhttp) {
        const struct http_rule *r = &vs->http[dropped];
        link_set(ctx, LINK_RULES, VERDICT_WARNING, &vs->o,
                 "rule %s of VirtualService %s is never reached: the rule before it takes "
                 "everything; move it up or take it out",
                 link_rule_text(m, r->name, dropped), c->vs_id);
        blame_dead(ctx, r->name, dropped, "the rule before it");
    } else if (f.others != 0) {
        link_set(ctx, LINK_RULES, VERDICT_OK, &vs->o,
                 "%u routes, beside %u of other VirtualServices for this host",
                 f.own->n + f.elsewhere, f.others);
    } else {
        link_set(ctx, LINK_RULES, VERDICT_OK, &vs->o, "%u routes", f.own->n + f.elsewhere);
    }
}

void link_rules(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    const struct host_servers *s = &ctx->servers;
    if (c->vs == NULL && c->gateway != NULL && s->services != NULL) {
        link_set(ctx, LINK_RULES, VERDICT_OK, NULL, "none needed: the TLS name says the service");
        return;
    }
    if (c->vs == NULL || c->gateway == NULL) {
        link_set(ctx, LINK_RULES, VERDICT_UNKNOWN, NULL, "%s",
                 c->vs == NULL ? "no VirtualService" : "no Gateway to apply them");
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    if (!s->http && s->l4.n == 0) {
        link_set(ctx, LINK_RULES, VERDICT_UNKNOWN, NULL, "the Gateway does not serve the host");
        return;
    }
    if (!ctx->has_workload) {
        link_set(ctx, LINK_RULES, VERDICT_UNKNOWN, NULL, "no gateway pod to apply them");
        return;
    }
    struct l4_facts f = collect_l4(ctx, vs);
    bool l4 = f.alive > 0 || f.dead != NULL;
    if (s->http && (vs->nhttp > 0 || !l4)) {
        rules_of_http(ctx, vs);
    } else if (l4) {
        rules_of_l4(ctx, vs, &f);
    } else {
        no_l4_rule(ctx, vs);
    }
    // Rules of both sorts: the worse is shown, and http rules that apply nowhere do no harm beside others.
    struct chain_link *l = &ctx->chain->link[LINK_RULES];
    if (s->http && vs->nhttp > 0 && l4 && (f.dead != NULL || l->state == VERDICT_BROKEN)) {
        const struct chain_link http = *l;
        rules_of_l4(ctx, vs, &f);
        *l = http.state > l->state ? http : *l;
    }
}
