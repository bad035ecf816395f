// SPDX-License-Identifier: Apache-2.0
// The second half of a trace: what the chosen rule does (docs/rules/istio.md#action-priority). Internal to
// trace*.c.
#ifndef GATETOP_MESH_TRACE_TRACE_INTERNAL_H
#define GATETOP_MESH_TRACE_TRACE_INTERNAL_H

#include "kube/mesh/route/route_match.h"
#include "kube/mesh/trace/trace.h"

struct tracing { // one request under way
    struct route_table *table;
    const struct mesh *m; // its arena holds the answer
    const struct trace_request *q;
    struct request_view view;
    const char *host; // of the authority: no port, lower case
    const char *sni;
    struct trace_result out;
    struct trace_step *steps;
    uint32_t nsteps, steps_cap;
    const char *assumptions[16];
    uint32_t nassumptions;
};

void trace_add_step(struct tracing *t, enum trace_step_kind kind, bool bad, const char *text);
void trace_assume(struct tracing *t, const char *text); // NULL and doubles are passed over
void trace_act(struct tracing *t, const struct route *r);

#endif
