// SPDX-License-Identifier: Apache-2.0
// Rules of VirtualServices that are of the wrong sort for the servers of their Gateways, and tls and tcp rules that
// others hide (GT0101, GT0116): docs/rules/istio.md#rules-and-servers, docs/rules/istio.md#tcp-routes.
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/route/vs_hosts.h"
#include "kube/mesh/route/workload.h"

#include <inttypes.h>

// What the servers of its Gateways make of one VirtualService.
struct use_of_rules {
    struct check *c;
    const struct virtualservice *vs;
    bool mesh;                    // sidecars use it as well
    bool missing;                 // a Gateway is not there: nothing is known of its servers
    bool http;                    // a server reads HTTP for it
    bool tls, tcp;                // a rule of these lists applies
    const struct gateway *closed; // the first with a server that closes its connections, NULL none
    const struct server *server;  // that one
};

// Does a VirtualService say where connections for one of these hosts go?
static bool taken(const struct l4_routes *routes, const struct vs_hosts *hosts)
{
    for (uint32_t k = 0; k < hosts->list.n; k++) {
        if (l4_routes_take(routes, hosts->list.at[k])) {
            return true;
        }
    }
    return false;
}

static void report_dead(struct check *c, const struct l4_route *r)
{
    const char *list = r->tls ? "tls" : "tcp";
    const char *path = r->match_index >= 0 ? check_text(c, "spec.%s[%u].match[%" PRId32 "]", list,
                                                        r->index, r->match_index)
                                           : check_text(c, "spec.%s[%u]", list, r->index);
    struct finding *f =
        check_add(c, "GT0101", &r->vs->o, path,
                  "%s %u%s%s is never used: %s takes "
                  "all its connections",
                  r->tls ? "tls rule" : "tcp rule", r->index, r->sni != NULL ? " for " : "",
                  str_or_empty(r->sni), l4_route_label(c->a, r->taker));
    check_hint(c, f,
               r->tls ? "of equal names the older VirtualService's counts"
                      : "a server has one tcp rule, the first one that fits");
}

static void look_at_server(struct use_of_rules *u, const struct vs_hosts *hosts,
                           const struct workload *w, const struct gateway *g, uint32_t index)
{
    const struct server *s = &g->servers[index];
    enum l4_mode mode = server_l4_mode(s);
    u->http = u->http || mode == L4_NONE;
    if (mode == L4_NONE || mode == L4_SERVICES) {
        return;
    }
    const struct l4_routes *routes = l4_routes_find(u->c->m, w, g, index);
    const struct l4_group *own = l4_routes_of(routes, u->c->a, u->vs);
    for (uint32_t i = 0; i < own->n; i++) {
        const struct l4_route *r = &own->at[i];
        u->tls = u->tls || r->tls;
        u->tcp = u->tcp || !r->tls;
        if (r->taker != NULL) {
            report_dead(u->c, r);
        }
    }
    if (own->n == 0 && u->closed == NULL && !taken(routes, hosts)) {
        u->closed = g;
        u->server = s;
    }
}

static void look_at_gateway(struct use_of_rules *u, const char *ref)
{
    struct check *c = u->c;
    const char *ns, *name;
    if (!name_resolve_gateway(c->a, ref, u->vs->o.ns, &ns, &name)) {
        u->mesh = true;
        return;
    }
    const struct object *o = mesh_get(c->m, KIND_GATEWAY, ns, name);
    uint32_t n = 0;
    const struct gateway *g = OBJECT_AS(gateway, o);
    const struct workload *w = g != NULL ? workloads_of_gateway(c->m, g, &n) : NULL;
    if (n == 0) {
        u->missing = true;
        return;
    }
    const struct vs_hosts *hosts = vs_hosts_find(c->m, u->vs);
    struct server_list servers = vs_hosts_all_servers(hosts, gateway_hosts_find(c->m, g), c->a);
    for (uint32_t i = 0; i < servers.n; i++) {
        look_at_server(u, hosts, &w[0], g, servers.at[i]);
    }
    u->missing = u->missing || servers.n == 0; // IST0132
}

// A server takes connections for the hosts, and closes them.
static void report_closed(const struct use_of_rules *u)
{
    struct check *c = u->c;
    const char *list = server_l4_mode(u->server) == L4_PASSED ? "tls" : "tcp";
    const char *path = u->vs->nhttp > 0 ? "spec.http" : "spec";
    struct finding *f =
        check_add(c, "GT0116", &u->vs->o, path,
                  "port %" PRId64 " of Gateway %s/%s closes every connection for it: the server "
                  "%s, where only %s rules count, and none applies",
                  u->server->port, u->closed->o.ns, u->closed->o.name,
                  server_l4_mode(u->server) == L4_PASSED  ? "passes TLS on"
                  : server_l4_mode(u->server) == L4_ENDED ? "ends TLS and passes bytes on"
                                                          : "passes TCP on",
                  list);
    check_hint(c, f, "write %s rules, or let the server read HTTP (%s)", list,
               u->server->tls != NULL ? "protocol: HTTPS with tls.mode: SIMPLE" : "protocol: HTTP");
    f->severity = u->http && u->vs->nhttp > 0 ? SEVERITY_WARNING : f->severity;
}

// A list of rules for which no server is.
static void report_unused(const struct use_of_rules *u, const char *list, const char *needs)
{
    struct check *c = u->c;
    bool others = (u->http && u->vs->nhttp > 0) || u->tls || u->tcp;
    struct finding *f =
        check_add(c, "GT0116", &u->vs->o, check_text(c, "spec.%s", list),
                  "its %s rules apply nowhere: no server of its Gateways that takes its hosts %s",
                  list, needs);
    check_hint(c, f,
               "write http rules for servers that read HTTP, tls rules for those that pass "
               "TLS on, tcp rules for TCP and for TLS that ends without HTTP inside; and "
               "compare port and gateways of their matches");
    f->severity = others ? SEVERITY_WARNING : f->severity;
}

static void check_vs(struct check *c, const struct virtualservice *vs)
{
    struct use_of_rules u = {.c = c, .vs = vs};
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        look_at_gateway(&u, vs->gateways.at[i]);
    }
    if (vs->hosts.n == 0 || vs->gateways.n == 0 || u.missing) {
        return;
    }
    if (u.closed != NULL && vs->nhttp + vs->ntls + vs->ntcp > 0) {
        report_closed(&u);
        return;
    }
    if (vs->ntls > 0 && !u.tls && !u.mesh) {
        report_unused(&u, "tls", "passes TLS on");
    }
    if (vs->ntcp > 0 && !u.tcp && !u.mesh) {
        report_unused(&u, "tcp", "passes TCP on");
    }
    if (vs->nhttp > 0 && !u.http && !u.mesh) {
        report_unused(&u, "http", "reads HTTP");
    }
}

void check_l4_rules(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_vs(c, OBJECT_AS(virtualservice, all[i]));
    }
}
