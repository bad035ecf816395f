// SPDX-License-Identifier: Apache-2.0
// One virtual host of a route table: its domain, and its routes in the order in which Envoy tries them.
#ifndef GATETOP_MESH_ROUTE_VIRTUAL_HOST_H
#define GATETOP_MESH_ROUTE_VIRTUAL_HOST_H

#include "kube/mesh/route/vs_routes.h"

#include <stdbool.h>
#include <stdint.h>

struct virtual_host {
    const char *domain;             // lower case
    const struct vs_routes **parts; // in order; catch-alls of all parts come after everything else
    uint32_t n, cap;
    bool limited;                        // routes are missing (delegate.h)
    bool https_redirect;                 // answers plain requests with a redirect, before any rule
    const struct gateway_server *server; // the first that feeds it
    const struct gateway_server *redirect_server; // that made it redirect, or NULL
};

// Appends the routes of a VirtualService to those that are there. The list grows in the arena.
void virtual_host_add(struct arena *a, struct virtual_host *v, const struct vs_routes *part);
// Notes that the server makes it redirect; the first that does counts.
void virtual_host_redirect(struct virtual_host *v, const struct gateway_server *s);

// A walk over the routes: those before any catch-all, then the catch-alls (docs/rules/istio.md#catch-alls-last).
struct virtual_host_iter {
    const struct virtual_host *vh;
    uint32_t part, i;
    bool catch_alls;
};
// Starts at the first route. The virtual host is borrowed.
void virtual_host_begin(struct virtual_host_iter *it, const struct virtual_host *vh);
// The next route, NULL after the last.
const struct route *virtual_host_next(struct virtual_host_iter *it);
// All routes in that order. The list is in the arena.
const struct route *const *virtual_host_routes(struct arena *a, const struct virtual_host *v,
                                               uint32_t *n);

#endif
