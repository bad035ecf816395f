// SPDX-License-Identifier: Apache-2.0
// Dead rules: routes that no request can reach, because an earlier route of the virtual host takes all of theirs.
//
// Only certain ones are reported: containment is proved condition by condition (path, method, headers, query, ...).
// A route that several others cover only together is not found (docs/rules/istio.md#dead-rules).
#ifndef GATETOP_MESH_ROUTE_SHADOWED_ROUTE_H
#define GATETOP_MESH_ROUTE_SHADOWED_ROUTE_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/route.h"

#include <stdbool.h>
#include <stdint.h>

// Does every request that meets `later` meet `earlier` too? NULL is an entry without conditions. Conditions that
// are decided when the table is built (port, gateways, source) are ignored. The arena is for expressions.
bool match_covers(struct arena *a, const struct http_match *earlier,
                  const struct http_match *later);

// For each of n routes in their order, in by[]: the first earlier one that covers it, else NULL. The work is bounded:
// past the bound (tens of thousands of routes that differ only in headers) the rest counts as alive. The arena is for
// what it needs meanwhile.
void shadowed_routes_find(struct arena *a, const struct route *const *routes, uint32_t n,
                          const struct route **by);

#endif
