// SPDX-License-Identifier: Apache-2.0
// The routes that one VirtualService gives one Gateway server, and why its other entries give none.
#ifndef GATETOP_MESH_ROUTE_VS_ROUTES_H
#define GATETOP_MESH_ROUTE_VS_ROUTES_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/delegate.h"
#include "kube/mesh/route/gateway_server.h"
#include "kube/mesh/route/route.h"
#include "kube/mesh/route/workload.h"

#include <stdbool.h>
#include <stdint.h>

struct vs_routes {
    const struct virtualservice *vs;
    const char *name; // of this answer where it is shared (mesh_memo.h), else NULL
    struct route *at; // in order, without the catch-all
    uint32_t n;
    struct route *catch_all; // or NULL
    bool limited;            // a limit was exceeded: routes are missing (delegate.h)
    // One whose redirect code Envoy does not have: it refuses the whole table for it. NULL if there is none.
    const struct route *no_action;
};

// One VirtualService on one Gateway server of the workload (docs/rules/istio.md#match-skipped). In the arena.
struct vs_routes *vs_routes_build(const struct mesh *m, const struct virtualservice *vs,
                                  const struct gateway_server *s, const struct workload *w);
// Whether it has a route, or may have some that are not looked at. Otherwise the next server of the table tries again,
// with its own port.
bool vs_routes_hold(const struct vs_routes *r);

// Why an entry of a VirtualService is in no table of a Gateway.
enum skip_reason {
    SKIP_NONE,
    SKIP_PORT,             // match.port is another
    SKIP_GATEWAY,          // match.gateways does not name this one
    SKIP_SOURCE_LABELS,    // the gateway's pod does not carry them
    SKIP_SOURCE_NAMESPACE, // the gateway's pod is in another
    SKIP_AFTER_CATCH_ALL,  // an earlier entry of the same VirtualService takes everything
    SKIP_DELEGATE,         // the delegate cannot be used, or its conditions exclude the root's
};
// The same in words: "it is for another port"; "" for SKIP_NONE. Static text.
const char *skip_reason_text(enum skip_reason r);
// Why the entry gives no route on the Gateway "ns/name", on a server of this port number; SKIP_NONE where it gives
// one. `ns` is the namespace whose short Gateway names it uses.
enum skip_reason match_skip(const struct mesh *m, const struct http_match *match, const char *ns,
                            const char *gateway_id, uint32_t port, const struct workload *w);
// Does the list of Gateway names, as one of namespace `ns` writes them, have the Gateway "ns/name"?
bool gateway_is_named(const struct mesh *m, const struct str_list *refs, const char *ns,
                      const char *gateway_id);
// No condition but that on the path. What the gateway decides (port, gateways, sources) and ignoreUriCase are none.
bool match_path_only(const struct http_match *match);
// Whether it is decided when a table is made, by port, gateways or sources, if the entry is in it.
bool match_by_gateway(const struct http_match *match);
// Takes everything as Istio sees it, so that the entry ends its VirtualService (docs/rules/istio.md#catch-all).
// NULL is one.
bool match_catch_all(const struct http_match *match);
// Whether it does so in every table that the VirtualService is in: nothing that the gateway decides keeps it out of
// one.
bool match_ends_all(const struct mesh *m, const struct virtualservice *vs,
                    const struct http_match *match);

#endif
