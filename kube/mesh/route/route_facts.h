// SPDX-License-Identifier: Apache-2.0
// What the routes of a virtual host show about their VirtualServices: which are dead, and how many each has.
#ifndef GATETOP_MESH_ROUTE_ROUTE_FACTS_H
#define GATETOP_MESH_ROUTE_ROUTE_FACTS_H

#include "kube/base/string_map.h"

#include "kube/mesh/route/host_routes.h"

struct vs_facts {                // of one VirtualService
    const struct route **routes; // its own, in their order
    uint32_t n, cap;
    const struct route *dead;     // the first that no request reaches, NULL: none
    const struct route *unusable; // the first live one with a rule_unusable(), NULL: none
    const struct route *taker;    // the route that takes all of its requests
};

struct route_facts {
    const char *name;                  // of this answer where it is shared (mesh_memo.h), else NULL
    const struct route *const *routes; // in the order in which they are tried
    const struct route *const
        *by; // of each the first earlier one that takes all its requests, NULL: it is alive
    uint32_t n;
    struct string_map by_vs; // "ns/name" -> struct vs_facts
};

// The facts of all routes of a host. Hosts of one VirtualService share them, and so do the Gateways of a host.
const struct route_facts *route_facts_find(const struct mesh *m, const struct host_routes *h);
// The facts of one VirtualService, perhaps without routes. Never NULL.
const struct vs_facts *route_facts_of(const struct route_facts *f, struct arena *scratch,
                                      const struct virtualservice *vs);

#endif
