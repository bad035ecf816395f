// SPDX-License-Identifier: Apache-2.0
// The chains that begin at an object.
//
// A chain is a pair (host, Gateway): each host of each VirtualService with each Gateway that serves it. A host of a
// VirtualService that no Gateway of its list serves, and a host of a Gateway that no VirtualService uses, make a chain
// whose other end is broken. Mesh-only VirtualServices, delegates, short names and *.svc.cluster.local make none.
#ifndef GATETOP_MESH_CHAIN_CHAIN_LIST_H
#define GATETOP_MESH_CHAIN_CHAIN_LIST_H

#include "kube/mesh/chain/chain.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>
#include <stdint.h>

// Grows in the arena of the mesh, zero at first.
struct chain_list {
    struct chain *at;
    uint32_t n, cap;
};

// Adds, evaluated, all chains that begin at a VirtualService (its hosts) or at a Gateway (its hosts that no
// VirtualService uses); another object has none. dns: NULL for the current settings (dns_settings_for).
void chain_list_of_object(const struct mesh *m, const struct object *vs_or_gateway,
                          const struct dns_settings *dns, struct chain_list *out);
// Evaluates one of them alone, that of this host and Gateway ("ns/name"), which are borrowed. False if the object
// does not have both.
bool chain_of_pair(const struct mesh *m, const struct object *vs_or_gateway, const char *host,
                   const char *gateway_id, const struct dns_settings *dns, struct chain *out);

#endif
