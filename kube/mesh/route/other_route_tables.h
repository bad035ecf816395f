// SPDX-License-Identifier: Apache-2.0
// The other route tables that have a host on one Gateway: where rules are for one port only, what is dead or missing in
// one table lives in another (docs/rules/istio.md#match-skipped).
#ifndef GATETOP_MESH_ROUTE_OTHER_ROUTE_TABLES_H
#define GATETOP_MESH_ROUTE_OTHER_ROUTE_TABLES_H

#include "kube/base/string_map.h"

#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/route_facts.h"

// A route of another table whose entry the host's main table does not have.
struct other_route {
    const struct route *route;
    // That takes all its requests in every table that has it; NULL: it is alive in one.
    const struct route *by;
};

struct other_route_tables {
    uint32_t n; // other tables
    // By other_route_tables_key(): the first struct route there that some request reaches.
    struct string_map alive;
    struct string_map only;  // other_route_tables_key -> struct other_route
    struct other_route **at; // the same, in their order
    uint32_t nonly, cap;
};

// Those of the host's Gateway beside the table of `h`. None where no VirtualService of the host has rules for single
// ports. Never NULL; in the arena.
const struct other_route_tables *other_route_tables_find(const struct mesh *m,
                                                         const struct workload *w,
                                                         const struct gateway *g,
                                                         const struct host_routes *h);
// What one entry of a VirtualService is called, in every table: index in spec.http, match (-1 without one), and the
// same of its delegate (NULL: none). In the arena.
const char *other_route_tables_key(struct arena *a, const struct virtualservice *vs, uint32_t index,
                                   int32_t match, const struct virtualservice *delegate,
                                   uint32_t delegate_index);
// The entry of that key if the main table does not have it, NULL: it has, or no other table does either.
const struct other_route *other_route_tables_entry(const struct other_route_tables *t,
                                                   const char *key);
// The route of the same entry that lives in another table; NULL if none does.
const struct route *other_route_tables_alive(const struct other_route_tables *t,
                                             struct arena *scratch, const struct route *r);

#endif
