// SPDX-License-Identifier: Apache-2.0
// Where one request goes, and why: what the gateway's Envoy would do with it.
// The rules: docs/rules/istio.md#trace-order.
#ifndef GATETOP_MESH_TRACE_TRACE_H
#define GATETOP_MESH_TRACE_TRACE_H

#include "kube/mesh/route/route_table.h"
#include "kube/mesh/trace/trace_request.h"
#include "kube/mesh/trace/trace_result.h"

// Answers one request from a table. The result lives in `m`'s arena, which need not be the table's (an arena
// that is cleared after each request of a batch): but `m` must be of the same snapshot. The table keeps what it
// compiled: one thread at a time.
struct trace_result trace_run(struct route_table *t, const struct mesh *m,
                              const struct trace_request *q);

#endif
