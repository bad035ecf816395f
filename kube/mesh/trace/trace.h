// SPDX-License-Identifier: Apache-2.0
// Where one request goes, and why: what the gateway's Envoy would do with it (docs/rules/istio.md#trace-order).
#ifndef GATETOP_MESH_TRACE_TRACE_H
#define GATETOP_MESH_TRACE_TRACE_H

#include "kube/base/json.h"

#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/route_table.h"

struct trace_request {
    const char *method, *scheme; // "GET", "http" or "https"
    const char *host; // the Host header, literally: may carry a port, capitals, a trailing dot
    const char *path; // with the query, as sent; or an absolute URL (then it replaces host)
    const char *sni;  // NULL: the host's name
    uint32_t port;    // that the client connects to
    struct str_map headers;
    struct str_map gateway_selector; // labels of the gateway pod; n 0: not given
    bool selector_set;
};

enum trace_outcome {
    TRACE_ROUTE,
    TRACE_REDIRECT,
    TRACE_DIRECT,
    TRACE_FAULT,
    TRACE_NO_ROUTE,
    TRACE_NO_LISTENER,
    TRACE_REJECTED,
};
const char *trace_outcome_name(enum trace_outcome o); // "route" "redirect" ... as JSON has it

enum trace_step_kind {
    STEP_WORKLOAD,
    STEP_LISTENER,
    STEP_SERVER,
    STEP_VHOST,
    STEP_PASSED,
    STEP_RULE,
    STEP_ACTION,
    STEP_DESTINATION,
    STEP_MIRROR,
    STEP_END,
};
struct trace_step {
    enum trace_step_kind kind;
    const char *text;
    bool bad; // something is wrong here
};
const char *trace_step_name(enum trace_step_kind k); // "listener" "server" ...

struct trace_destination {
    struct resolved_destination to;
    int64_t weight; // 100 for a single destination, else as written
    double percent; // share of the requests
    bool exists;
};

struct trace_result {
    enum trace_outcome outcome;
    int status;        // HTTP, 0 for none (no_listener)
    const char *flags; // Envoy's: "-" "NR" "NC" "FI" "DI" "DI,FI"; NULL for no_listener
    const struct workload *workload;
    const struct gateway_server *server; // NULL where none was found
    const struct virtual_host *vhost;    // NULL where none took the host
    const struct route *route;           // the rule that was chosen, NULL
    bool gateway_redirect; // the answer of a server's httpsRedirect: no VirtualService is asked
    const struct trace_destination *destinations;
    uint32_t ndestinations;
    const struct trace_destination *mirrors; // percent: share that is mirrored
    uint32_t nmirrors;
    const char *location; // redirect (and direct responses that carry one)
    const char
        *rewritten_path; // what the service gets; NULL where no service is asked or it is unknown
    const char *rewritten_authority;
    const char *body;        // of a direct response, NULL
    const char *no_listener; // why, for TRACE_NO_LISTENER
    const char *const *assumptions;
    uint32_t nassumptions;
    const struct trace_step *steps;
    uint32_t nsteps;
};

// Answers one request from a table. The result lives in `m`'s arena, which need not be the table's (an arena
// that is cleared after each request of a batch): but `m` must be of the same snapshot.
struct trace_result trace_run(struct route_table *t, const struct mesh *m,
                              const struct trace_request *q);

// The gateway workloads that a request without a selector can mean: those of every Gateway with a server
// whose hosts take this host; where none does, those of all Gateways. In the arena.
const struct workload *const *trace_workloads(const struct mesh *m, const char *host, uint32_t *n);
// The workload of `--gateway`: "ns/name" of a Gateway, or labels "k=v,k=v". False where there is none.
bool trace_gateway(const struct mesh *m, const char *text, const struct workload **w,
                   struct err *err);

// A request from a URL ("http://h:8080/p?q", scheme optional: http). False where it is none.
bool trace_request_from_url(struct arena *a, const char *url, struct trace_request *out,
                            struct err *err);
// A request from one JSON line of a batch: {method,scheme,host,port,path,headers,sni,gateway_selector} or
// {method,url,headers}. Unknown keys are passed over.
bool trace_request_from_json(struct arena *a, const char *line, size_t n, struct trace_request *out,
                             struct err *err);

// The JSON of kind Trace (apiVersion gatetop/v1), as gatetop(1) documents it. The caller frees it.
struct json *trace_to_json(const struct trace_result *r, const struct trace_request *q);
// The same appended as text on one line, without building a tree (batches).
void trace_write_json(const struct trace_result *r, const struct trace_request *q, struct buf *out);
// The path of the request as a small tree of text lines (`--explain`), `ascii` without box characters.
void trace_explain(const struct trace_result *r, const struct trace_request *q, bool ascii,
                   struct buf *out);
// True where `gatetop trace` of one URL ends with status 1 (EXIT STATUS in gatetop(1)).
bool trace_is_bad(const struct trace_result *r);

#endif
