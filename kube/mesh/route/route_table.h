// SPDX-License-Identifier: Apache-2.0
// The HTTP route tables of one gateway workload, as the control plane builds and Envoy walks them:
// listener -> table -> virtual host -> routes in order. The rules: docs/rules/istio.md#route-table-names.
//
// The tables are built once for a snapshot and a workload and answer any number of requests (trace.h). They
// live in the mesh's arena. Regexes are compiled when a request first needs them: one thread at a time.
#ifndef GATETOP_MESH_ROUTE_ROUTE_TABLE_H
#define GATETOP_MESH_ROUTE_ROUTE_TABLE_H

#include "kube/base/string_map.h"

#include "kube/mesh/route/filter_chain.h"
#include "kube/mesh/route/virtual_host_set.h"

#include <stdint.h>

struct rejected_route_table;

struct http_table {
    const char *name;
    struct virtual_host_set hosts;
    const struct rejected_route_table
        *refused;                    // set where Envoy refuses it: nothing of it is served
    struct gateway_server **servers; // in the order of merging
    uint32_t nservers, cap;
};

struct route_table {
    const struct mesh *mesh;
    const struct workload *workload;
    const struct merged_gateways *gateways;
    struct string_map tables; // name -> struct http_table
    struct filter_chains chains;
};

// Builds all tables of the workload.
struct route_table *route_table_build(const struct mesh *m, const struct workload *w);
// The table of an HTTP or HTTPS server of the workload, NULL if it has none.
const struct http_table *route_table_of(const struct route_table *t,
                                        const struct gateway_server *s);

#endif
