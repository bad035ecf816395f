// SPDX-License-Identifier: Apache-2.0
// TLS handshakes with gateways: which of them would show what an application's clients get, and what those that were
// made say.
#ifndef GATETOP_MESH_CHAIN_GATEWAY_HANDSHAKE_H
#define GATETOP_MESH_CHAIN_GATEWAY_HANDSHAKE_H

#include "kube/base/attr.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>
#include <stdint.h>

// A handshake to be made: the host is sent as SNI. Both texts are valid during the call.
typedef void handshake_query_fn(void *self, const char *host, const char *address, int port);
// Calls `query` for each host of a VirtualService that a TLS server of a Gateway takes, with each address of the
// Gateway and the server's port. Not for servers that pass TLS through: what they show is not the gateway's. The same
// handshake may come twice; the host "*" never comes. only: that host alone, NULL: all. dns: NULL for the current
// settings (dns_settings_for).
void gateway_handshake_queries(const struct mesh *m, const struct dns_settings *dns,
                               const char *only, handshake_query_fn *query, void *self);

// For how many seconds a handshake counts: later, another certificate may be served.
enum { HANDSHAKE_FRESH_S = 3600 };

// The handshakes for one host, together.
struct gateway_handshakes {
    struct served_certificate worst;
    uint32_t asked;  // addresses with a fresh handshake
    uint32_t issued; // of these, those that serve the issued certificate
};
// Judges the handshakes for a host at the addresses of a Gateway and this port (certificate_served). False, with asked
// 0, where none was made within HANDSHAKE_FRESH_S. c: the Certificate that should be served; NULL if that is not
// known, then what cannot be compared is unknown. dns: as for gateway_handshake_queries.
bool gateway_handshake_judge(const struct mesh *m, const struct dns_settings *dns,
                             const struct gateway *gw, int64_t port, const struct certificate *c,
                             const char *host, struct gateway_handshakes *out) MUST_USE;

#endif
