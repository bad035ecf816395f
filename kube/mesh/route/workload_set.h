// SPDX-License-Identifier: Apache-2.0
// The workloads of several Gateways, each once.
#ifndef GATETOP_MESH_ROUTE_WORKLOAD_SET_H
#define GATETOP_MESH_ROUTE_WORKLOAD_SET_H

#include "kube/base/string_map.h"

#include "kube/mesh/route/workload.h"

#include <stdint.h>

struct workload_set {
    const struct mesh *m;
    const struct workload **at; // in the order in which their Gateways were added
    uint32_t n, cap;
    struct string_map selectors; // of Gateways that are added: equal ones have the same workloads
    struct string_map keys;      // of the workloads
};

// An empty set; its memory comes from m's arena.
void workload_set_init(struct workload_set *s, const struct mesh *m);
// Adds the workloads that a Gateway selects.
void workload_set_add(struct workload_set *s, const struct gateway *g);
// Adds those of all Gateways.
void workload_set_add_all(struct workload_set *s);

#endif
