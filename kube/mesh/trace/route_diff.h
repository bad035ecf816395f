// SPDX-License-Identifier: Apache-2.0
// What another set of objects would change, as requests: `gatetop diff`.
//
// For every virtual host whose routes differ, requests are made that meet each rule of either side, and both
// sides answer them. What is reported is therefore always real: its request goes somewhere else.
#ifndef GATETOP_MESH_TRACE_ROUTE_DIFF_H
#define GATETOP_MESH_TRACE_ROUTE_DIFF_H

#include "kube/mesh/trace/trace_request.h"
#include "kube/mesh/trace/trace_result.h"

#include <stdbool.h>
#include <stdint.h>

struct route_change {
    const char *gateway; // the workload: "istio-system/NAME", or its namespace where assumed
    const char *host;    // the virtual host's domain
    const char *table;   // route table, "http.80"; of connections "tls.443", "tcp.5432"
    // Of the rule that the request was made for: "path prefix /api, method GET", or "every request".
    const char *conditions;
    struct trace_request request; // an example
    struct trace_result before, after;
    const char *before_text, *after_text; // trace_effect of both
};
struct route_changes {
    struct route_change *at;
    uint32_t n, cap;
    uint32_t unsampled; // rules that only one side has, without an example request
    bool more;          // 10,000 changes are listed; there may be others
};

// Both meshes use one arena (after's); results live there. Ordered by gateway, host, table.
void route_diff(const struct mesh *before, const struct mesh *after, struct route_changes *out);

#endif
