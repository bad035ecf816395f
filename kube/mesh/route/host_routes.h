// SPDX-License-Identifier: Apache-2.0
// The routes of one host on one Gateway, for the live chain: made from only the objects that can feed them, so that a
// change elsewhere does not touch the answer. They are those that the whole table (route_table.h) has.
#ifndef GATETOP_MESH_ROUTE_HOST_ROUTES_H
#define GATETOP_MESH_ROUTE_HOST_ROUTES_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/virtual_host.h"

#include <stdbool.h>
#include <stdint.h>

struct rejected_route_table;

struct host_routes {
    struct virtual_host vhost;
    const struct gateway_server *server; // the first server of the Gateway that serves the host
    // VirtualServices that serve the host too, but none of their entries holds here.
    const struct virtualservice *const *empty;
    uint32_t nempty;
    const char *name; // of the virtual host where it is shared (mesh_memo.h), else NULL
    // Set where Envoy refuses the table: nothing of it is served.
    const struct rejected_route_table *refused;
    // The same of the table of another server of the Gateway for the host, the first such. Not set where `refused` is.
    const struct rejected_route_table *also_refused;
    const struct gateway_server *also; // that server
    bool dropped; // every server of the Gateway that would serve it lost its port (server->fate)
};

// `host` is the virtual host's domain: a VirtualService's or a Gateway's host, in any case. NULL if the Gateway has
// no HTTP server that serves it. In the arena.
const struct host_routes *host_routes_find(const struct mesh *m, const struct workload *w,
                                           const struct gateway *g, const char *host);
// The same of the table of one kept HTTP or HTTPS server of the workload. domain: lower case. Never NULL.
const struct host_routes *host_routes_on(const struct mesh *m, const struct workload *w,
                                         const struct gateway_server *server, const char *domain);

#endif
