// SPDX-License-Identifier: Apache-2.0
// One route of a virtual host: one match entry of one rule of one VirtualService on one Gateway.
#ifndef GATETOP_MESH_ROUTE_ROUTE_H
#define GATETOP_MESH_ROUTE_ROUTE_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

struct route_regexes; // compiled conditions (route_match.c)

struct route {
    const struct virtualservice *vs;       // the root
    const struct virtualservice *delegate; // or NULL
    const struct gateway *gateway;         // it was made for
    const struct http_rule *rule;          // as written, or merged with the delegate's
    const struct http_match *match;        // NULL: matches everything
    const char *name;                      // of the rule: R, D or R-D; NULL
    const char *match_name;                // or NULL
    const char *ns;                        // whose short names the destinations use
    uint32_t index;                        // in spec.http of the root
    int32_t match_index;                   // in that rule's list, -1 without one
    uint32_t delegate_index;               // in spec.http of the delegate
    int32_t delegate_match;                // in that rule's list, -1 without one
    uint32_t port;  // of the Gateway server: for ports that are left out, and match.port
    bool tls;       // of that server
    bool catch_all; // takes every request (vs_routes.h)
    // Made when they are first needed, in the arena of the table: a table belongs to one thread.
    struct route_regexes *regexes;
    const char *label;
};

// "VirtualService apps/web rule 0 cart match 1 (rule 2 of delegate apps/cart)". Kept in the route and in `keep`, which
// must live as long as the route.
const char *route_label(struct arena *keep, const struct route *r);

#endif
