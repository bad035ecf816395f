// SPDX-License-Identifier: Apache-2.0
// One function a link. For chain.c only; its public face is chain.h.
#ifndef GATETOP_MESH_CHAIN_CHAIN_INTERNAL_H
#define GATETOP_MESH_CHAIN_CHAIN_INTERNAL_H

#include "kube/mesh/chain/chain.h"
#include "kube/mesh/route/workload.h"

// What the links of one chain share.
struct link_input {
    const struct mesh *m;
    struct chain *chain;
    const struct dns_settings *dns; // NULL: those in force
    // filled in by link_servers: the servers of the Gateway that take the host
    const struct server *tls;    // the first that terminates TLS
    const struct server *plain;  // the first of the HTTP family
    const struct server *passed; // the first that passes TLS through
    bool redirects;              // a plain one has httpsRedirect
    struct workload workload;    // the pods that the Gateway selects
    bool has_workload;
    const struct certificate *certificate; // that writes the credential, from link_secret
};

void link_servers(struct link_input *in);
void link_namespace(struct link_input *in);
void link_dns(struct link_input *in);
void link_gateway(struct link_input *in);
void link_secret(struct link_input *in);
void link_certificate(struct link_input *in);
void link_virtualservice(struct link_input *in);
void link_rules(struct link_input *in);
void link_destinations(struct link_input *in);

// Fills in a link. The sentence lies in the arena.
void link_set(struct link_input *in, enum link_kind l, enum verdict state, const struct object *o,
              const char *fmt, ...) PRINTF_LIKE(5, 6);
// The same for an object that need not exist.
void link_set_named(struct link_input *in, enum link_kind l, enum verdict state, enum kind k,
                    const char *ns, const char *name, const char *fmt, ...) PRINTF_LIKE(7, 8);
// Whether a missing object of this kind is known to be missing. If not, the link becomes unknown, with the
// reason (no permission, not installed, loading, not in the files).
bool link_knows(struct link_input *in, enum link_kind l, enum kind k, const char *ns,
                const char *name);

// Some server of the Gateway takes this host of a VirtualService in vs_ns
// (docs/rules/istio.md#gateway-server-host-intersection).
bool link_host_served(const struct mesh *m, const struct gateway *gw, const char *vs_ns,
                      const char *host);

#endif
