// SPDX-License-Identifier: Apache-2.0
// Dead rules: routes that no request can reach, because an earlier route of the virtual host takes all of theirs.
//
// Only certain ones are reported: containment is proved condition by condition (path, method, headers, query, ...).
// A route that several others cover only together is not found (docs/rules/istio.md#dead-rules).
#ifndef GATETOP_MESH_ROUTE_SHADOWED_ROUTE_H
#define GATETOP_MESH_ROUTE_SHADOWED_ROUTE_H

#include "kube/mesh/route/route_table.h"

// Does every request that meets `later` meet `earlier` too? NULL is an entry without conditions. Conditions that
// are decided when the table is built (port, gateways, source) play no part.
bool match_covers(struct arena *a, const struct http_match *earlier,
                  const struct http_match *later);

// For each of n routes in their order: the first earlier one that covers it, else NULL. Bounded work: past it
// (tens of thousands of routes that differ only in headers) the rest counts as alive.
void shadow_find(struct arena *a, const struct route *const *routes, uint32_t n,
                 const struct route **by);
// The routes of a virtual host as a list in the order Envoy tries them. In the arena.
const struct route *const *virtual_host_routes(struct arena *a, const struct virtual_host *v,
                                               uint32_t *n);

#endif
