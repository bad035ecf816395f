// SPDX-License-Identifier: Apache-2.0
// The answer to a traced request: what becomes of it, and the steps on the way.
#ifndef GATETOP_MESH_TRACE_TRACE_RESULT_H
#define GATETOP_MESH_TRACE_TRACE_RESULT_H

#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/virtual_host.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum trace_outcome {
    TRACE_ROUTE,
    TRACE_REDIRECT,
    TRACE_DIRECT,
    TRACE_FAULT,
    TRACE_NO_ROUTE,
    TRACE_NO_LISTENER,
    TRACE_REJECTED,
};
// "route" "redirect" "direct" "fault" "no_route" "no_listener" "rejected", as in JSON. Static text.
const char *trace_outcome_name(enum trace_outcome o);

enum trace_step_kind {
    STEP_WORKLOAD,
    STEP_LISTENER,
    STEP_SERVER,
    STEP_VHOST,
    STEP_PASSED, // a rule that does not take the request
    STEP_RULE,
    STEP_ACTION,
    STEP_DESTINATION,
    STEP_MIRROR,
    STEP_END,
};
// "workload" "listener" ... "virtual host" ... "end", as in JSON. Static text.
const char *trace_step_name(enum trace_step_kind k);

struct trace_step {
    enum trace_step_kind kind;
    const char *text;
    bool bad; // something is wrong here
};

struct trace_destination {
    struct resolved_destination to;
    int64_t weight; // 100 for a single destination, else as written
    double percent; // share of the requests
};

struct trace_result {
    enum trace_outcome outcome;
    int status;        // HTTP, 0 for none (no_listener, a connection that is passed on)
    const char *flags; // Envoy's: "-" "NR" "NC" "FI" "DI" "DI,FI"; NULL for no_listener
    const struct workload *workload;
    const struct gateway_server *server; // NULL if none was found
    const struct virtual_host *vhost;    // NULL if none took the host
    const struct route *route;           // the rule that was chosen, NULL
    const struct l4_route *l4;           // the same of a connection that is passed on, NULL
    bool passed_on;                      // the gateway reads no HTTP: there is no status
    bool gateway_redirect; // the answer of a server's httpsRedirect, whatever VirtualServices say
    const struct trace_destination *destinations;
    uint32_t ndestinations;
    const struct trace_destination *mirrors; // percent: share that is mirrored
    uint32_t nmirrors;
    const char *location;       // redirect (and direct responses that carry one)
    const char *rewritten_path; // what the service gets; NULL for none, or where it is not known
    const char *rewritten_authority;
    const char *body;        // of a direct response, NULL
    const char *no_listener; // why, for TRACE_NO_LISTENER
    const char *const *assumptions;
    uint32_t nassumptions;
    const struct trace_step *steps;
    uint32_t nsteps;
};

// True if `gatetop trace` of one URL ends with status 1 (EXIT STATUS in gatetop(1)).
bool trace_is_bad(const struct trace_result *r);
// Where the request goes, in one phrase: "cart.apps.svc.cluster.local:80 100%", "404 (no route)", "301 to ...". In the
// arena.
const char *trace_effect(struct arena *a, const struct trace_result *r);
// Destinations as in that phrase, separated by commas, appended.
void trace_add_destinations(struct buf *b, const struct trace_destination *at, uint32_t n);

#endif
