// SPDX-License-Identifier: Apache-2.0
// Which servers of a Gateway take a host.
#ifndef GATETOP_MESH_CHAIN_HOST_SERVERS_H
#define GATETOP_MESH_CHAIN_HOST_SERVERS_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/route/gateway_hosts.h"

#include <stdbool.h>

// The first of each kind, NULL if there is none (docs/rules/istio.md#server-families).
struct host_servers {
    const struct server *tls;      // ends TLS, whatever is inside
    const struct server *plain;    // plain HTTP
    const struct server *passed;   // passes TLS on by the rules of VirtualServices
    const struct server *services; // passes TLS on by names of services (AUTO_PASSTHROUGH)
    const struct server *tcp;      // plain TCP
    bool redirects;                // one of the plain ones has httpsRedirect
    bool http;                     // one of them reads HTTP
    struct server_list
        l4; // those that pass bytes on by rules: tcp, passed, and tls without HTTP inside
};

// The servers that take a host of a VirtualService. Without a VirtualService (NULL) the host is the Gateway's own,
// whatever namespace precedes it.
struct host_servers host_servers_find(const struct mesh *m, const struct gateway *gw,
                                      const struct virtualservice *vs, const char *host);
// Whether some server of the Gateway takes this host of a VirtualService in namespace vs_ns
// (docs/rules/istio.md#gateway-server-host-intersection).
bool host_servers_take(const struct mesh *m, const struct gateway *gw, const char *vs_ns,
                       const char *host);

#endif
