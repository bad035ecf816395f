// SPDX-License-Identifier: Apache-2.0
// Whether anything is ready behind a Service: docs/rules/istio.md#ready-endpoints.
#ifndef GATETOP_MESH_ROUTE_READY_ENDPOINTS_H
#define GATETOP_MESH_ROUTE_READY_ENDPOINTS_H

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>

// Whether it is known that a Service has no ready endpoint, so that Envoy answers 503. False for another kind, an
// ExternalName, and where its EndpointSlices are not known. NULL is false.
bool service_without_endpoints(const struct mesh *m, const struct object *o);

#endif
