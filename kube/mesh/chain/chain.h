// SPDX-License-Identifier: Apache-2.0
// The chain: everything between a DNS name and a service, link by link, for one host on one Gateway.
//
// A row is a pair (host, Gateway): each host of each VirtualService with each Gateway that serves it. A
// VirtualService host that no Gateway of its list serves, and a Gateway host that no VirtualService uses,
// are rows whose other end is broken. Mesh-only VirtualServices, delegates, short names and
// *.svc.cluster.local are no rows.
#ifndef GATETOP_MESH_CHAIN_CHAIN_H
#define GATETOP_MESH_CHAIN_CHAIN_H

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"
#include "kube/mesh/dns/dns_settings.h"

// In the order in which screens and JSON show them.
enum link_kind {
    LINK_NAMESPACE,
    LINK_DNS,
    LINK_GATEWAY,
    LINK_SECRET,
    LINK_CERTIFICATE,
    LINK_VIRTUALSERVICE,
    LINK_RULES,
    LINK_DESTINATIONS,
    LINK_COUNT
};
const char *link_name(enum link_kind l); // "namespace" "dns" ...

struct chain_link {
    enum verdict state;
    const char
        *reason;    // one sentence: the object, what is wrong, what to do; what was found where ok
    enum kind kind; // of the object the link is about; KIND_COUNT none
    const char *ns, *name;
};

struct chain {
    const char *ns, *host;
    const struct object *vs, *gateway; // NULL where missing
    const char *gateway_id,
        *vs_id; // "ns/name", also of one that is missing; NULL where there is none
    struct chain_link link[LINK_COUNT];
    enum verdict state;   // the worst link
    enum link_kind worst; // the first link that is as bad
    int64_t valid_until;  // when time alone may change it, TIME_NONE never
};

struct chains { // grows in the arena
    struct chain *at;
    uint32_t n, cap;
};

// All chains that begin at a VirtualService (its hosts) or at a Gateway (its hosts that no VirtualService
// uses), evaluated. dns: NULL for those in force (dns_settings_for).
void chains_of(const struct mesh *m, const struct object *vs_or_gateway,
               const struct dns_settings *dns, struct chains *out);
// The state of a chain: broken, warning, pending, ok; unknown only where nothing else is known.
enum verdict chain_state(const struct chain_link *links, enum link_kind *worst);

#endif
