// SPDX-License-Identifier: Apache-2.0
// What a TLS handshake proves about the certificate that a gateway serves.
#ifndef GATETOP_MESH_CERT_SERVED_CERTIFICATE_H
#define GATETOP_MESH_CERT_SERVED_CERTIFICATE_H

#include "kube/object/certmanager_objects.h"
#include "kube/object/x509.h"

#include "kube/store/probe_result.h"

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

#include <stdint.h>

// What a handshake proves (docs/rules/certificates.md#served-certificate).
enum served_state {
    SERVED_ISSUED,    // the certificate that was issued
    SERVED_PREVIOUS,  // an older one of the same names
    SERVED_OTHER,     // another one
    SERVED_TEMPORARY, // cert-manager's temporary one
    SERVED_STAGING,
    SERVED_SELF_SIGNED,
    SERVED_MISMATCH, // does not cover the host
    SERVED_NOTHING,  // closed during the handshake
    SERVED_UNKNOWN,  // unreachable from here
    SERVED_STATE_COUNT
};
// "issued" "previous" "other" ... "name mismatch" "refused" "unknown". Static.
const char *served_state_name(enum served_state s);

// Whether clients can build a path from the chain as served.
enum served_chain {
    SERVED_CHAIN_WHOLE,      // everything that was issued, or as much as can be seen
    SERVED_CHAIN_BARE,       // the leaf alone, and what should be served is not known
    SERVED_CHAIN_INCOMPLETE, // issuers' certificates are missing that were issued with it
    SERVED_CHAIN_DISORDERED, // a certificate is not issued by the next
};

// Texts lie in the arena of the mesh or in the snapshot.
struct served_certificate {
    enum served_state state;
    enum verdict verdict; // of the state; a warning for the issued certificate with a faulty chain
    enum served_chain chain;
    const char *reason;  // what the gateway does: "serves the issued certificate"
    const char *address; // of the gateway
};
// Judges a handshake. `chain`: the one that was issued, NULL if none can be read; then only the served certificate
// itself is judged. `written`: when the issued one was stored, in seconds, TIME_NONE: unknown: for two minutes after it
// the previous one is fine. For tests of the rule.
void served_judge(const struct mesh *m, const struct probe_result *tls,
                  const struct x509_chain *chain, int64_t written, struct served_certificate *out);

// The same against what was issued for a Certificate; c may be NULL.
void certificate_served(const struct mesh *m, const struct certificate *c,
                        const struct probe_result *tls, struct served_certificate *out);

#endif
