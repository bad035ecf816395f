// SPDX-License-Identifier: Apache-2.0
// Routes of connections: the `tls` and `tcp` rules of VirtualServices on one server that passes bytes on.
// The rules: docs/rules/istio.md#tcp-routes, docs/rules/istio.md#passthrough-names.
#ifndef GATETOP_MESH_ROUTE_L4_ROUTES_H
#define GATETOP_MESH_ROUTE_L4_ROUTES_H

#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/host_index.h"
#include "kube/mesh/route/bound_virtualservices.h"
#include "kube/mesh/route/gateway_server.h"

#include <stdbool.h>
#include <stdint.h>

// One TLS name of one match of a tls rule, or one tcp rule.
struct l4_route {
    const struct virtualservice *vs;
    const struct gateway *gateway;
    const struct l4_rule *rule;
    const struct l4_match *match; // NULL: takes every connection
    const char *sni;              // the name, maybe a wildcard; NULL for a tcp rule
    uint32_t index;               // in spec.tls or spec.tcp
    int32_t match_index;          // in that rule's list, -1 without one
    uint32_t port;                // of the Gateway's server
    bool tls;                     // of spec.tls
    const struct l4_route *taker; // that takes all its connections: this one is dead; NULL: alive
};
// Those of one VirtualService.
struct l4_group {
    const struct l4_route *at;
    uint32_t n, alive;
    const struct l4_route *dead; // the first one that another one hides; NULL: none
};

struct l4_routes {
    // In the order in which the control plane looks at them: those of a VirtualService together.
    const struct l4_route *at;
    uint32_t n;
    struct string_map by_vs; // "ns/name" -> struct l4_group
    // Of those that are alive, by index; NULL: a tcp rule takes every connection, or there is none.
    struct host_index *names;
};

// What becomes of a server's connections.
enum l4_mode {
    L4_NONE,    // HTTP is read
    L4_TCP,     // plain bytes, by the first tcp rule
    L4_ENDED,   // TLS ends here; the bytes inside go by the first tcp rule
    L4_PASSED,  // TLS is passed on, by the tls rule that has the name
    L4_SERVICES // AUTO_PASSTHROUGH: by a name that says service and port; needs no VirtualService
};
// Which of these a server does, by its protocol and tls.mode (docs/rules/istio.md#server-families).
enum l4_mode server_l4_mode(const struct server *s);

// The routes that these VirtualServices, which are bound to the Gateway, give its server: of L4_TCP, L4_ENDED and
// L4_PASSED. In m's arena.
const struct l4_routes *l4_routes_build(const struct mesh *m,
                                        const struct bound_virtualservices *bound,
                                        const struct gateway_server *s);
// The same with all that are bound to the Gateway, for the server of that index; made once (mesh_memo.h).
const struct l4_routes *l4_routes_find(const struct mesh *m, const struct workload *w,
                                       const struct gateway *g, uint32_t server);
// The route that takes a connection: of L4_PASSED by its name (lower case), exact before the longest wildcard. NULL:
// it is closed.
const struct l4_route *l4_routes_choose(const struct l4_routes *r, const char *sni);

// Those of one VirtualService, never NULL.
const struct l4_group *l4_routes_of(const struct l4_routes *r, struct arena *scratch,
                                    const struct virtualservice *vs);
// Whether some route takes connections for a host, or for a part of a wildcard.
bool l4_routes_take(const struct l4_routes *r, const char *host);

// "VirtualService shop/db tls rule 0 match 1". In the arena.
const char *l4_route_label(struct arena *a, const struct l4_route *r);
// What it takes: "SNI shop.example.com, port 443"; "every connection". In the arena.
const char *l4_route_conditions(struct arena *a, const struct l4_route *r);

// What a TLS name of AUTO_PASSTHROUGH says, "outbound_.80_.v1_.web.shop.svc.cluster.local": subset NULL if it has none.
// False if the name has another form. In the arena.
bool l4_service_name(struct arena *a, const char *sni, uint32_t *port, const char **subset,
                     const char **host);

#endif
