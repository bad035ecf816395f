// SPDX-License-Identifier: Apache-2.0
// One server of a Gateway as a workload sees it: its ports, its hosts, its protocol, and what became of it when the
// servers of all Gateways of the workload were merged.
#ifndef GATETOP_MESH_ROUTE_GATEWAY_SERVER_H
#define GATETOP_MESH_ROUTE_GATEWAY_SERVER_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/workload_services.h"

#include <stdbool.h>
#include <stdint.h>

struct l4_routes;

// What a server does with a connection.
enum server_family {
    FAMILY_HTTP,  // plain HTTP
    FAMILY_HTTPS, // TLS ends here, HTTP inside
    FAMILY_TLS,   // TLS is passed through, or ends here with something other than HTTP inside
    FAMILY_TCP,
};
// By protocol and tls.mode (docs/rules/istio.md#server-families, docs/rules/istio.md#passthrough-default).
enum server_family server_family_of(const struct server *s);
// Does the server answer plain requests with a redirect to https, before any rule
// (docs/rules/istio.md#https-redirect)?
bool server_redirects(const struct server *s);

// Why a server is not used (docs/rules/istio.md#server-merge).
enum server_fate {
    SERVER_KEPT,
    SERVER_NO_PORT,    // port missing
    SERVER_HOST_TAKEN, // a host of a TLS server is also on an older one of the same port and bind
    SERVER_PROTOCOL,   // its protocol cannot share the port with the older server
    SERVER_NAME_TAKEN, // two HTTPS servers with one route table name (port name not unique)
};

struct gateway_server {
    const struct gateway *gateway;
    const struct server *server;
    uint32_t index;        // in the Gateway's list
    struct str_list hosts; // rewritten (host.h)
    uint32_t port;         // server.port.number, 0 if invalid
    uint32_t listen;       // the port listened on after targetPort
    const char *bind;      // "" if none
    const char *table; // gateway_server_table, set when the server is merged or settled; else NULL
    enum server_family family;
    enum server_fate fate;
    const struct gateway_server *rival; // that it lost to
    // TLS that is passed on: the names for which a VirtualService's tls (or tcp) rules make a filter chain, known
    // once the route tables are built (filter_chain.h). Without one the server takes no connection at all.
    struct str_list sni;
    bool sni_known;
    const struct l4_routes *
        l4; // of a server that passes bytes on, known at the same time; NULL: HTTP, AUTO_PASSTHROUGH
};

// The server of that index before any merging: kept where it has a valid port. `services`: those in front of the
// workload. Hosts are those of `hosts`.
struct gateway_server gateway_server_of(const struct gateway_hosts *hosts, uint32_t index,
                                        const struct workload_services *services);
// The name of the server's HTTP route table (docs/rules/istio.md#route-table-names), NULL for FAMILY_TLS and
// FAMILY_TCP. In the arena.
const char *gateway_server_table(struct arena *a, const struct gateway_server *s);
// Would both have one HTTP route table? The same as equal names, without making them.
bool gateway_server_same_table(const struct gateway_server *a, const struct gateway_server *b);
#endif
