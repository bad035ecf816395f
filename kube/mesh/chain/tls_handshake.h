// SPDX-License-Identifier: Apache-2.0
// Which handshakes would show what gateways serve, and what a handshake says about one application host.
#ifndef GATETOP_MESH_CHAIN_TLS_HANDSHAKE_H
#define GATETOP_MESH_CHAIN_TLS_HANDSHAKE_H

#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/dns/dns_settings.h"

// Where clients reach a Gateway: its targets for external-dns that are addresses, and what DNS answered for
// those that are names. In the arena; empty where none is known.
struct str_list gateway_addresses(const struct mesh *m, const struct dns_settings *s,
                                  const struct gateway *gw);

// Calls ask for each host of a VirtualService that a server with TLS of a Gateway takes (not pass-through:
// what is shown there is not the gateway's), with each address of the Gateway and the server's port. The same
// may come twice; the host "*" never comes. only: that host alone, NULL all.
// dns: NULL for those in force, as for chains_of.
typedef void tls_question_fn(void *self, const char *host, const char *address, int port);
void tls_questions(const struct mesh *m, const struct dns_settings *dns, const char *only,
                   tls_question_fn *ask, void *self);

// How long a handshake says something about now, in seconds: what was served may be another certificate since.
enum { TLS_FRESH_S = 3600 };

// The handshakes for a host at the addresses of a Gateway and this port, judged (certificate_served): the
// worst of them. False where none was made within TLS_FRESH_S. c may be NULL: what cannot be compared is unknown.
struct served_all {
    struct served worst;
    uint32_t asked, issued; // addresses; those that serve the issued certificate
};
bool tls_served(const struct mesh *m, const struct dns_settings *dns, const struct gateway *gw,
                int64_t port, const struct certificate *c, const char *host,
                struct served_all *out) MUST_USE;

#endif
