// SPDX-License-Identifier: Apache-2.0
// A trace in progress: what is known so far, and its steps.
#ifndef GATETOP_MESH_TRACE_TRACE_STEPS_INTERNAL_H
#define GATETOP_MESH_TRACE_TRACE_STEPS_INTERNAL_H

#include "kube/mesh/route/route_match.h"
#include "kube/mesh/route/route_table.h"
#include "kube/mesh/trace/trace_request.h"
#include "kube/mesh/trace/trace_result.h"

#include <stdbool.h>
#include <stdint.h>

struct tracing {
    struct route_table *table;
    const struct mesh *m; // its arena holds the answer
    const struct trace_request *q;
    struct request_view view;
    const char *host; // of the authority: no port, lower case
    const char *sni;
    const struct service *balancer; // whose load balancer ended the client's TLS; NULL: none
    struct trace_result out;
    struct trace_step *steps;
    uint32_t nsteps, steps_cap;
    const char **assumptions;
    uint32_t nassumptions, assumptions_cap;
};

// Adds a step with its text (in the arena or static); bad: something is wrong here.
void trace_add_step(struct tracing *t, enum trace_step_kind kind, bool bad, const char *text);
// Notes an assumption of the answer, each once; does nothing for NULL.
void trace_assume(struct tracing *t, const char *text);
// Whether trace_end was called.
bool trace_has_ended(const struct tracing *t);
// Sets how it ends, and adds the last step. Once.
void trace_end(struct tracing *t, enum trace_outcome outcome, int status, const char *flags,
               bool bad, const char *text);
// Ends with a connection that is refused or closed, and why.
void trace_end_closed(struct tracing *t, const char *why);

#endif
