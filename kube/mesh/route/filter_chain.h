// SPDX-License-Identifier: Apache-2.0
// Which server of a listener takes a TLS connection: Envoy's filter chains, chosen by the name that the client sends.
// The rules: docs/rules/istio.md#tls-chain-choice.
#ifndef GATETOP_MESH_ROUTE_FILTER_CHAIN_H
#define GATETOP_MESH_ROUTE_FILTER_CHAIN_H

#include "kube/base/string_map.h"

#include "kube/mesh/route/bound_virtualservices.h"
#include "kube/mesh/route/merged_gateways.h"

struct filter_chains {
    struct string_map exact; // "port bind name" -> the TLS server that takes exactly this name
};

// Sets the routes of a server that passes bytes on (s->l4), and the names (s->sni) for which it has filter chains:
// those of the tls rules of the VirtualServices bound to its Gateway, or its own if one of them has tcp rules for it.
// In m's arena.
void filter_chain_names(const struct mesh *m, const struct bound_virtualservices *bound,
                        struct gateway_server *s);
// Indexes the plain names of all listeners, once the names of their servers are set. In the arena.
void filter_chains_build(struct filter_chains *f, struct arena *a, const struct merged_gateways *g);
// Of the listener's TLS servers the one that takes this SNI (lower case; "" for none): exact, then the longest
// wildcard, then one with "*". NULL if the connection is closed.
const struct gateway_server *filter_chains_find(const struct filter_chains *f,
                                                const struct listener *l, const char *sni);

#endif
