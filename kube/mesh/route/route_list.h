// SPDX-License-Identifier: Apache-2.0
// Lists of rows of the route table: of one host, of one VirtualService, of everything.
#ifndef GATETOP_MESH_ROUTE_ROUTE_LIST_H
#define GATETOP_MESH_ROUTE_ROUTE_LIST_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/route_row.h"

// Both fill *out with rows by host, Gateway and order; those that are in no table come last. In the arena.

// All rows: every host of every VirtualService with each Gateway that serves it.
void route_rows_all(const struct mesh *m, struct route_rows *out);
// The rows of one VirtualService's hosts (its page): all rows of each host it lists on each of its Gateways.
void route_rows_of_vs(const struct mesh *m, const struct virtualservice *vs,
                      struct route_rows *out);

#endif
