// SPDX-License-Identifier: Apache-2.0
// What Envoy does to a request's path and host before it looks for a route
// (docs/rules/istio.md#path-normalisation, docs/rules/istio.md#virtual-host-lookup).
#ifndef GATETOP_MESH_ROUTE_REQUEST_PATH_H
#define GATETOP_MESH_ROUTE_REQUEST_PATH_H

#include <stdbool.h>

struct arena;

// Envoy's path normalisation with Istio's default (BASE): dot segments resolved (also %2e), "\" is "/",
// escaped unreserved characters unescaped, the fragment cut; slashes are not merged, %2F stays. The query is
// kept as it is. NULL if Envoy refuses the path with 400. In the arena.
const char *path_normalize(struct arena *a, const char *path);
// The name that chooses the virtual host: without its port, in lower case; a trailing dot stays. In the arena.
const char *host_of_authority(struct arena *a, const char *authority);
// The TLS name (SNI) that a client sends who connects to this host: in lower case, without its port and a trailing
// dot; "" for an IP address, for which none is sent (docs/rules/istio.md#client-tls-name). In the arena.
const char *request_tls_name(struct arena *a, const char *authority);
// Has it only characters that a Host may have? Otherwise Envoy answers 400.
bool authority_valid(const char *authority);

#endif
