// SPDX-License-Identifier: Apache-2.0
// Whether one server keeps its place among those of other Gateways, found out with only the Gateways that could take
// it.
#ifndef GATETOP_MESH_ROUTE_MERGED_SERVER_H
#define GATETOP_MESH_ROUTE_MERGED_SERVER_H

#include "kube/mesh/route/gateway_server.h"

// The server of that index as the workload has it, with its fate and rival as merging all Gateways gives them
// (merged_gateways.h). Never NULL; in the arena.
const struct gateway_server *merged_server(const struct mesh *m, const struct workload *w,
                                           const struct gateway *g, uint32_t index);

#endif
