// SPDX-License-Identifier: Apache-2.0
// The hosts of a VirtualService, found by a host that they cover, and the Gateways that it names.
#ifndef GATETOP_MESH_ROUTE_VS_HOSTS_H
#define GATETOP_MESH_ROUTE_VS_HOSTS_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/host_index.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/route/gateway_hosts.h"

struct vs_hosts {
    const struct virtualservice *vs;
    struct str_list list;        // after name resolution (docs/rules/istio.md#short-names)
    struct host_index *written;  // by index in the list
    struct host_index *lower;    // the same in lower case
    bool slashed;                // one of them has a slash
    struct string_map *gateways; // "ns/name" of those it names
};

// The hosts of a VirtualService. Never NULL.
const struct vs_hosts *vs_hosts_find(const struct mesh *m, const struct virtualservice *vs);
// The servers of the Gateway from which the VirtualService gets this virtual host (lower case): one of them takes a
// host of the VirtualService, and the narrower of the two is the domain
// (docs/rules/istio.md#gateway-server-host-intersection). In the arena.
struct server_list vs_hosts_servers(const struct vs_hosts *v, const struct gateway_hosts *h,
                                    struct arena *a, const char *domain);
// The servers of the Gateway that take any host of the VirtualService. In the arena.
struct server_list vs_hosts_all_servers(const struct vs_hosts *v, const struct gateway_hosts *h,
                                        struct arena *a);
// The domains of the virtual hosts that it gets from servers of the Gateway, in lower case, some of them more than
// once. In the arena.
struct str_list vs_hosts_domains(const struct vs_hosts *v, const struct gateway_hosts *h,
                                 struct arena *a);

#endif
