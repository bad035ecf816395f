// SPDX-License-Identifier: Apache-2.0
// A trace as JSON of kind Trace (apiVersion gatetop/v1), as gatetop(1) documents it.
#ifndef GATETOP_MESH_TRACE_TRACE_JSON_H
#define GATETOP_MESH_TRACE_TRACE_JSON_H

#include "kube/mesh/trace/trace_request.h"
#include "kube/mesh/trace/trace_result.h"

struct buf;
struct json;

// Appends it as text on one line, without building a tree: batches have many.
void trace_write_json(const struct trace_result *r, const struct trace_request *q, struct buf *out);
// The same as a tree. The caller frees it (json_free).
struct json *trace_to_json(const struct trace_result *r, const struct trace_request *q);

#endif
