// SPDX-License-Identifier: Apache-2.0
// The HTTP route tables that Envoy refuses as a whole, found with only the VirtualServices whose rules can be the
// cause. The rule: docs/rules/istio.md#redirect-code.
#ifndef GATETOP_MESH_ROUTE_REJECTED_ROUTE_TABLE_H
#define GATETOP_MESH_ROUTE_REJECTED_ROUTE_TABLE_H

#include "kube/mesh/route/gateway_server.h"
#include "kube/mesh/route/route.h"
#include "kube/mesh/route/workload.h"

struct rejected_route_table {
    const struct route *route; // the first for which Envoy refuses it
    uint32_t server;           // index of the server that it is made for
    const char *reason;        // which rule of which VirtualService it is, and what to write
};

// That of a kept HTTP or HTTPS server with a known table; NULL if Envoy takes the table. In the arena, or the memo.
const struct rejected_route_table *rejected_route_table_find(const struct mesh *m,
                                                             const struct workload *w,
                                                             const struct gateway_server *s);

#endif
