// SPDX-License-Identifier: Apache-2.0
// The virtual hosts of one route table, and which of them takes a request.
#ifndef GATETOP_MESH_ROUTE_VIRTUAL_HOST_SET_H
#define GATETOP_MESH_ROUTE_VIRTUAL_HOST_SET_H

#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/bound_virtualservices.h"
#include "kube/mesh/route/virtual_host.h"

#include <stdbool.h>
#include <stdint.h>

struct virtual_host_set {
    const struct mesh *m;
    const struct workload *w;
    struct string_map by_domain; // domain -> struct virtual_host
    // The domains of which it is known whether they have a virtual host.
    struct string_map looked_at;
    uint64_t wild_lengths[5]; // bit n: a wild domain of n bytes exists; longer ones are at bit 319
};

// An empty set; its memory comes from m's arena.
void virtual_host_set_init(struct virtual_host_set *set, const struct mesh *m,
                           const struct workload *w);
// Adds the virtual hosts that have something from a kept HTTP or HTTPS server of the table: `b` are the VirtualServices
// bound to its Gateway, with their hosts. Server and `b` are borrowed.
void virtual_host_set_feed(struct virtual_host_set *set, const struct bound_virtualservices *b,
                           const struct gateway_server *s);
// A request's virtual host: the exact domain, the longest "*suffix", then "*"; NULL for none. `host` is in
// lower case and without a port. No other virtual host is tried after it (docs/rules/istio.md#virtual-host-lookup).
const struct virtual_host *virtual_host_set_find(const struct virtual_host_set *set,
                                                 const char *host);

#endif
