// SPDX-License-Identifier: Apache-2.0
// The VirtualServices that are bound to a Gateway, in the order in which the control plane merges them.
#ifndef GATETOP_MESH_ROUTE_BOUND_VIRTUALSERVICES_H
#define GATETOP_MESH_ROUTE_BOUND_VIRTUALSERVICES_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/host_index.h"
#include "kube/mesh/route/workload.h"

#include <stdint.h>

struct vs_hosts;

struct vs_host {       // a host of one of them
    uint32_t vs, host; // indices in `at` and in its hosts
};

struct bound_virtualservices {
    const struct virtualservice *const *at;
    uint32_t n;
    // Filled in by bound_virtualservices_find:
    const struct vs_hosts *const *hosts; // of each
    struct host_index *written;          // all hosts of all of them, by number
    struct string_map *by_namespace;     // the same for each namespace: struct host_index
    const struct vs_host *places;        // of the numbers
};

// Of n VirtualServices (in any order; duplicates are skipped) those that have hosts and are visible to the workload:
// those exported to its namespace alone first, then by age (docs/rules/istio.md#bound-virtualservices). In the arena.
struct bound_virtualservices *bound_virtualservices_of(const struct mesh *m,
                                                       const struct workload *w,
                                                       const struct object *const *at, uint32_t n);
// The same of all VirtualServices that name the Gateway, with their hosts.
struct bound_virtualservices *
bound_virtualservices_find(const struct mesh *m, const struct workload *w, const struct gateway *g);
// Adds the numbers of the hosts that meet a (rewritten) host of a server. One may come twice: see host_hits_sort. `out`
// grows in the arena. For those that bound_virtualservices_find gave.
void bound_virtualservices_meeting(const struct bound_virtualservices *b, const char *server_host,
                                   struct arena *a, struct host_hits *out);

#endif
