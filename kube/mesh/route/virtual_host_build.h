// SPDX-License-Identifier: Apache-2.0
// How a virtual host is built from Gateway servers and VirtualServices: alone, from only the objects that can feed it.
// A whole table (virtual_host_set.h) is all of its virtual hosts, and the live chain (host_routes.h) looks at one.
//
// The rules: docs/rules/istio.md#virtual-host-merge, docs/rules/istio.md#gateway-server-host-intersection.
#ifndef GATETOP_MESH_ROUTE_VIRTUAL_HOST_BUILD_H
#define GATETOP_MESH_ROUTE_VIRTUAL_HOST_BUILD_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/virtual_host.h"

#include <stdbool.h>
#include <stdint.h>

struct virtual_host_question {
    const struct workload *w;
    // A kept HTTP or HTTPS server; its table is the one in question.
    const struct gateway_server *server;
    const char *domain; // lower case
};

struct built_virtual_host {
    bool found; // the table has it
    struct virtual_host vhost;
    // VirtualServices that serve the domain too, but none of their entries holds here.
    const struct virtualservice *const *empty;
    uint32_t nempty;
};

// Builds it: `question` is a struct virtual_host_question, the result a struct built_virtual_host in m's arena. A
// mesh_answer_fn: where several ask for a virtual host of the shared table of a plain port, it is made once for them. A
// VirtualService's routes are made for the first server of the table on which they hold, and used for all
// (docs/rules/istio.md#routes-made-once).
const void *virtual_host_build(const struct mesh *m, const void *question);

#endif
