// SPDX-License-Identifier: Apache-2.0
// Where a connection goes that the gateway passes on without reading HTTP.
#ifndef GATETOP_MESH_TRACE_TRACE_L4_INTERNAL_H
#define GATETOP_MESH_TRACE_TRACE_L4_INTERNAL_H

#include "kube/mesh/trace/trace_steps_internal.h"

// Ends the trace at a server of the families TLS and TCP: a route by its tls or tcp rule
// (docs/rules/istio.md#tcp-routes), or a connection that is closed.
void trace_pass_on(struct tracing *t, const struct gateway_server *s);

#endif
