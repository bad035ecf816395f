// SPDX-License-Identifier: Apache-2.0
// What else may answer at a gateway: whom it is for, and what is not evaluated:
// docs/rules/istio.md#policies-not-evaluated.
#ifndef GATETOP_MESH_ROUTE_POLICIES_H
#define GATETOP_MESH_ROUTE_POLICIES_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/route/workload.h"

#include <stdbool.h>
#include <stdint.h>

// The policies of a kind that are for the workload: in its namespace or in Istio's root namespace, with a selector that
// its labels match (docs/rules/istio.md#policy-scope). In the order of mesh_all(), in the arena.
const struct workload_policy *const *policies_for(const struct mesh *m, enum kind k,
                                                  const struct workload *w, uint32_t *n);

// One sentence for each kind of which some are for the workload, with their names. http: the gateway reads requests;
// otherwise what only looks at those is left out.
const char *const *policies_not_evaluated(const struct mesh *m, const struct workload *w, bool http,
                                          uint32_t *n);

#endif
