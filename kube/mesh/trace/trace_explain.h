// SPDX-License-Identifier: Apache-2.0
// A trace as a small tree of text lines: the steps of the request.
#ifndef GATETOP_MESH_TRACE_TRACE_EXPLAIN_H
#define GATETOP_MESH_TRACE_TRACE_EXPLAIN_H

#include "kube/mesh/trace/trace_request.h"
#include "kube/mesh/trace/trace_result.h"

#include <stdbool.h>

struct buf;

// Appends the tree; `ascii` without box characters.
void trace_explain(const struct trace_result *r, const struct trace_request *q, bool ascii,
                   struct buf *out);

#endif
