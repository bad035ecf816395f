// SPDX-License-Identifier: Apache-2.0
// The second half of a trace: what the chosen rule does (docs/rules/istio.md#action-priority).
#ifndef GATETOP_MESH_TRACE_TRACE_ACTION_INTERNAL_H
#define GATETOP_MESH_TRACE_TRACE_ACTION_INTERNAL_H

#include "kube/mesh/trace/trace_steps_internal.h"

// Ends the trace with what the route does to the request.
void trace_act(struct tracing *t, const struct route *r);

#endif
