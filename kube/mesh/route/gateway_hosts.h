// SPDX-License-Identifier: Apache-2.0
// The hosts of all servers of one Gateway, found by a host that they take.
#ifndef GATETOP_MESH_ROUTE_GATEWAY_HOSTS_H
#define GATETOP_MESH_ROUTE_GATEWAY_HOSTS_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/host_index.h"
#include "kube/mesh/core/mesh.h"

struct server_host {
    uint32_t server; // index in the Gateway
    uint32_t host;   // index in its rewritten hosts
};

struct gateway_hosts {
    const struct gateway *gateway;
    const struct str_list *rewritten; // of each server (host_server_hosts)
    const struct server_host *places; // the numbers in the indices
    uint32_t n;                       // of them
    struct host_index *open;          // rewritten hosts without a namespace
    struct string_map *by_namespace;  // namespace -> struct host_index of those with it
    struct host_index *lower;         // all of them in lower case, without their namespaces
    struct host_index *parts;         // the same, each once for a server
    bool shortened;                   // "*/*" took other hosts of its server away
};

// The hosts of a Gateway. Never NULL.
const struct gateway_hosts *gateway_hosts_find(const struct mesh *m, const struct gateway *g);

// The host of a number, without its namespace.
const char *gateway_hosts_part(const struct gateway_hosts *h, uint32_t number);
// The namespace before it, in the arena; NULL if there is none.
const char *gateway_hosts_namespace(const struct gateway_hosts *h, struct arena *a,
                                    uint32_t number);
// The host for VirtualServices of a namespace, NULL if it is not for them.
const char *gateway_hosts_for(const struct gateway_hosts *h, uint32_t number, const char *vs_ns);
// Adds the numbers of all that take some name of this host of a VirtualService in namespace vs_ns
// (docs/rules/istio.md#gateway-server-host-intersection). `out` grows in the arena.
void gateway_hosts_add_meeting(const struct gateway_hosts *h, struct arena *a, const char *vs_ns,
                               const char *host, struct host_hits *out);
// The same of those alone that cover the host, so take all of its names.
void gateway_hosts_add_covering(const struct gateway_hosts *h, struct arena *a, const char *vs_ns,
                                const char *host, struct host_hits *out);
// Whether one takes some name of the host.
bool gateway_hosts_take(const struct gateway_hosts *h, const char *vs_ns, const char *host);

// Servers of a Gateway by index, each once, in their order.
struct server_list {
    const uint32_t *at;
    uint32_t n;
};
// The servers of these numbers; takes over their list.
struct server_list gateway_hosts_servers_of(const struct gateway_hosts *h, struct host_hits *hits);
// Those with a host that covers this domain (lower case), in whatever namespace. In the arena.
struct server_list gateway_hosts_covering(const struct gateway_hosts *h, struct arena *a,
                                          const char *domain);
// Those that list this very domain (lower case) in any case, in whatever namespace or (for_all) for all. In the arena.
struct server_list gateway_hosts_listing(const struct gateway_hosts *h, struct arena *a,
                                         const char *domain, bool for_all);
// Those that list this very host in this very case, in whatever namespace. In the arena.
struct server_list gateway_hosts_writing(const struct gateway_hosts *h, struct arena *a,
                                         const char *host);
// Whether the list has the server.
bool server_list_has(const struct server_list *l, uint32_t server);

#endif
