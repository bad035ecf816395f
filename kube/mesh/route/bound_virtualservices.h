// SPDX-License-Identifier: Apache-2.0
// The VirtualServices that are bound to a Gateway, in the order in which the control plane merges them.
#ifndef GATETOP_MESH_ROUTE_BOUND_VIRTUALSERVICES_H
#define GATETOP_MESH_ROUTE_BOUND_VIRTUALSERVICES_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/workload.h"

#include <stdint.h>

struct virtual_host_set;
struct vs_routes;

struct bound_virtualservices {
    const struct virtualservice *const *at;
    const struct str_list *hosts; // of each, after name resolution
    uint32_t n;
    // What each of them gives the Gateway's servers in one set of virtual hosts (virtual_host_set.c). NULL: not
    // made yet, or nothing.
    const struct vs_routes **routes;
    const struct virtual_host_set *set; // that `routes` is for
};

// Of n VirtualServices (in any order; duplicates are skipped) those that have hosts and are visible to the workload:
// those exported to its namespace alone first, then by age (docs/rules/istio.md#bound-virtualservices). In the arena.
struct bound_virtualservices *bound_virtualservices_of(const struct mesh *m,
                                                       const struct workload *w,
                                                       const struct object *const *at, uint32_t n);
// The same of all VirtualServices that name the Gateway.
struct bound_virtualservices *
bound_virtualservices_find(const struct mesh *m, const struct workload *w, const struct gateway *g);

#endif
