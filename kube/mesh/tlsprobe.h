// SPDX-License-Identifier: Apache-2.0
// Which handshakes would show what gateways serve, and what a handshake says about one application host.
#ifndef GATETOP_MESH_TLSPROBE_H
#define GATETOP_MESH_TLSPROBE_H

#include "kube/mesh/dnsrecord.h"
#include "kube/mesh/dnsverdict.h"

// Where clients reach a Gateway: its targets for external-dns that are addresses, and what DNS answered for
// those that are names. In the arena; empty where none is known.
struct str_list gateway_addresses(const struct mesh *m, const struct dns_settings *s,
                                  const struct gateway *gw);

// Calls ask for each host of a VirtualService that a server with TLS of a Gateway takes (not pass-through:
// what is shown there is not the gateway's), with one address of the Gateway and the server's port. A host
// on two such Gateways is asked of twice; the host "*" never. only: that host alone, NULL all.
// dns: struct dns_settings or NULL, as for chains_of.
typedef void tls_question_fn(void *self, const char *host, const char *address, int port);
void tls_questions(const struct mesh *m, const void *dns, const char *only, tls_question_fn *ask,
                   void *self);

// The handshake for a host on a Gateway judged (certificate_served). False where none was made, or where it
// was made with an address that is not this Gateway's. c may be NULL: what cannot be compared is unknown.
bool tls_served(const struct mesh *m, const void *dns, const struct gateway *gw,
                const struct certificate *c, const char *host, struct served *out) MUST_USE;

#endif
