// SPDX-License-Identifier: Apache-2.0
// The second half of a trace: what the chosen rule does (docs/rules/istio.md#action-priority).
#ifndef GATETOP_MESH_TRACE_TRACE_ACTION_INTERNAL_H
#define GATETOP_MESH_TRACE_TRACE_ACTION_INTERNAL_H

#include "kube/mesh/trace/trace_steps_internal.h"

// Ends the trace with what the route does to the request.
void trace_act(struct tracing *t, const struct route *r);
// Adds the step of a destination or mirror: where it leads, and whether that exists.
void trace_add_destination(struct tracing *t, enum trace_step_kind kind,
                           const struct trace_destination *d);

#endif
