// SPDX-License-Identifier: Apache-2.0
// Rows of the route table for connections that are passed on: tls and tcp rules (l4_routes.h).
#ifndef GATETOP_MESH_ROUTE_L4_ROWS_H
#define GATETOP_MESH_ROUTE_L4_ROWS_H

#include "kube/mesh/route/route_row.h"

// Appends the rows of the server of that index of a Gateway: one for each TLS name, and for each host of a tcp rule.
// only: those of this VirtualService and those that it hides; NULL: all. As with route_rows_make, what is only needed
// on the way is in the arena of `work`.
void l4_rows_make(const struct mesh *m, const struct mesh *work, const struct workload *w,
                  const struct gateway *g, uint32_t server, const struct virtualservice *only,
                  struct route_rows *out);

#endif
