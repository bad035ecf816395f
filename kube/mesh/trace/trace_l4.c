// SPDX-License-Identifier: Apache-2.0
// Where a connection goes that the gateway passes on: rule, destinations.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/trace/trace_action_internal.h"
#include "kube/mesh/trace/trace_l4_internal.h"

#include <string.h>

static const char *action_text(enum l4_mode mode)
{
    return mode == L4_TCP     ? "TCP is passed on: what is in it does not matter"
           : mode == L4_ENDED ? "TLS ends here, and what is inside is passed on"
                              : "TLS is passed on: the service ends it";
}

static void end_passed(struct tracing *t, enum l4_mode mode)
{
    struct arena *a = t->m->arena;
    uint32_t missing = 0, failing = 0;
    trace_add_step(t, STEP_ACTION, false, action_text(mode));
    for (uint32_t i = 0; i < t->out.ndestinations; i++) {
        trace_add_destination(t, STEP_DESTINATION, &t->out.destinations[i]);
        missing += destination_missing(&t->out.destinations[i].to);
        failing += destination_fails(&t->out.destinations[i].to);
    }
    t->out.passed_on = true;
    if (missing == t->out.ndestinations) {
        trace_end(t, TRACE_ROUTE, 0, "NC", true,
                  "the connection is closed: no destination exists (Envoy's flag NC)");
    } else if (failing == t->out.ndestinations) {
        trace_end(
            t, TRACE_ROUTE, 0, "UH", true,
            "the connection is closed: no destination has a ready endpoint (Envoy's flag UH)");
    } else {
        trace_end(t, TRACE_ROUTE, 0, "-", failing > 0,
                  failing > 0 ? arena_printf(a,
                                             "%u of %u destinations do not exist or have no ready "
                                             "endpoint: their share of the connections is closed",
                                             failing, t->out.ndestinations)
                              : "the service gets the connection");
    }
}

static void take_route(struct tracing *t, const struct l4_route *r)
{
    struct arena *a = t->m->arena;
    uint32_t n = r->rule->nroutes;
    struct trace_destination *at = arena_calloc(a, n, sizeof *at);
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += r->rule->routes[i].weight > 0 ? r->rule->routes[i].weight : 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct route_destination *d = &r->rule->routes[i];
        if (n > 1 && d->weight <= 0) {
            continue; // gets nothing (docs/rules/istio.md#weights)
        }
        at[t->out.ndestinations++] = (struct trace_destination){
            .to = destination_resolve(t->m, t->table->workload, &d->destination, r->vs->o.ns,
                                      r->port),
            .weight = n > 1 ? d->weight : 100,
            .percent = n > 1 ? 100.0 * (double)d->weight / (double)sum : 100,
        };
    }
    t->out.destinations = at;
    t->out.l4 = r;
    trace_add_step(t, STEP_RULE, false,
                   arena_printf(a, "%s: %s", l4_route_label(a, r), l4_route_conditions(a, r)));
}

// AUTO_PASSTHROUGH: the name says which service (docs/rules/istio.md#passthrough-names).
static void pass_to_service(struct tracing *t, const struct gateway_server *s)
{
    struct arena *a = t->m->arena;
    uint32_t port;
    const char *subset, *host;
    bool covered = false;
    if (l4_service_name(a, t->sni, &port, &subset, &host)) {
        for (uint32_t i = 0; i < s->hosts.n; i++) {
            covered = covered || host_matches(name_without_ns(s->hosts.at[i]), host);
        }
    }
    if (!covered) {
        trace_end_closed(t, arena_printf(a,
                                         "connection closed: the server takes names like "
                                         "outbound_.80_._.web.shop.svc.cluster.local of services "
                                         "that its hosts cover, not '%s'",
                                         t->sni));
        return;
    }
    const struct destination d = {
        .host = host, .subset = subset, .port = port, .present = true, .port_set = true};
    struct trace_destination *at = arena_alloc(a, sizeof *at);
    *at = (struct trace_destination){
        .to = destination_resolve(t->m, t->table->workload, &d, s->gateway->o.ns, s->port),
        .weight = 100,
        .percent = 100};
    t->out.destinations = at;
    t->out.ndestinations = 1;
    end_passed(t, L4_SERVICES);
}

void trace_pass_on(struct tracing *t, const struct gateway_server *s)
{
    struct arena *a = t->m->arena;
    enum l4_mode mode = server_l4_mode(s->server);
    if (mode == L4_SERVICES) {
        pass_to_service(t, s);
        return;
    }
    const struct l4_route *r = s->l4 != NULL ? l4_routes_choose(s->l4, t->sni) : NULL;
    if (r == NULL) {
        trace_end_closed(
            t, arena_printf(a,
                            "connection closed: no %s rule of a VirtualService that is bound to "
                            "Gateway %s/%s is for port %u%s",
                            mode == L4_PASSED ? "tls" : "tcp", s->gateway->o.ns, s->gateway->o.name,
                            s->port, mode == L4_PASSED ? " and this name" : ""));
        return;
    }
    take_route(t, r);
    end_passed(t, mode);
}
