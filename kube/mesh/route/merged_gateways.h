// SPDX-License-Identifier: Apache-2.0
// The servers of all Gateways of one workload merged into listeners, and which of them lose.
// The rules: docs/rules/istio.md#server-merge, docs/rules/istio.md#gateway-order.
#ifndef GATETOP_MESH_ROUTE_MERGED_GATEWAYS_H
#define GATETOP_MESH_ROUTE_MERGED_GATEWAYS_H

#include "kube/base/string_map.h"

#include "kube/mesh/route/gateway_server.h"
#include "kube/mesh/route/workload.h"

#include <stdint.h>

struct listener { // one port and bind
    uint32_t port;
    const char *bind;
    struct gateway_server **servers; // kept ones, in order
    uint32_t n, cap;
};

struct merged_gateways {
    struct gateway_server *servers; // of all Gateways, oldest Gateway first; also lost ones
    uint32_t nservers;
    struct listener *listeners; // by port and bind
    uint32_t nlisteners;
    const struct workload_services *services; // in front of the workload
    struct string_map by_gateway;             // "ns/name" -> the first struct gateway_server of it
};

// Merges every Gateway that selects the workload. In the arena.
const struct merged_gateways *merged_gateways_build(const struct mesh *m, const struct workload *w);
// The same with only these Gateways (of those that select it; in any order; duplicates are skipped).
const struct merged_gateways *merged_gateways_build_of(const struct mesh *m,
                                                       const struct workload *w,
                                                       const struct object *const *gateways,
                                                       uint32_t n);
// The server of that index of a Gateway that was merged.
const struct gateway_server *merged_gateways_server(const struct merged_gateways *merged,
                                                    struct arena *scratch, const struct gateway *g,
                                                    uint32_t index);

#endif
