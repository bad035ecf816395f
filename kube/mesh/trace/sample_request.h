// SPDX-License-Identifier: Apache-2.0
// Requests made to meet the conditions of a route: examples for people, probes for comparing two route tables.
#ifndef GATETOP_MESH_TRACE_SAMPLE_REQUEST_H
#define GATETOP_MESH_TRACE_SAMPLE_REQUEST_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/trace/trace_request.h"

#include <stdbool.h>

struct arena;

// Fills method, path, headers (and the host, where the entry has an authority) so that the entry's conditions hold.
// `variant` 0 is the shortest path, 1 a longer one below a prefix. False if no request could be made, or the
// conditions need another scheme than the one in `q`. Keeps q's scheme and port.
bool sample_request(struct arena *a, const struct http_match *match, int variant,
                    struct trace_request *q);

#endif
