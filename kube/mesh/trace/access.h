// SPDX-License-Identifier: Apache-2.0
// Whether the AuthorizationPolicies and RequestAuthentications of a gateway's pods let a request through, as far as the
// request shows it. The rules: docs/rules/istio.md#access-policies.
#ifndef GATETOP_MESH_TRACE_ACCESS_H
#define GATETOP_MESH_TRACE_ACCESS_H

#include "kube/mesh/route/gateway_server.h"
#include "kube/mesh/route/route_match.h"
#include "kube/mesh/route/workload.h"

#include <stdint.h>

struct access_question {
    const struct workload *w;
    const struct gateway_server *server; // that takes the connection
    const struct request_view *view;     // NULL: bytes are passed on, and there is no request
    const char *sni;                     // NULL: no TLS
    const char *source_ip;               // of the client, NULL: not known
};

struct access_answer {
    const char *refused; // why it is answered 403, or the connection closed; NULL: it is not
    const char *const *assumptions; // sentences: what the request does not decide
    uint32_t n;
};

// In the arena. Nothing is refused on a guess: what is not decided is assumed to pass.
struct access_answer access_judge(const struct mesh *m, const struct access_question *q);

#endif
