// SPDX-License-Identifier: Apache-2.0
// Issuers: which object an issuerRef means, whether it is ready, and which CA it is.
#ifndef GATETOP_MESH_CERT_ISSUER_H
#define GATETOP_MESH_CERT_ISSUER_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/core/mesh.h"

#include <stdbool.h>

// The state of the issuer of a Certificate or request.
struct issuer_status {
    const char *kind, *ns, *name,
        *group; // ns "" for a ClusterIssuer and foreign ones; group NULL is cert-manager's
    const struct issuer *object; // NULL if it is missing, of another group or unreadable
    bool known;                  // the object is there, or its absence is certain
    bool ready;                  // its condition Ready is True
    const char *message;         // of that condition where it is not ready, NULL: none
};
// The issuer that `ref` of an object in namespace `ns` means (docs/rules/certificates.md#issuer-reference) and its
// state (docs/rules/certificates.md#issuer-ready). Strings are borrowed from `ref`, `ns` and the snapshot.
void issuer_status_fill(const struct mesh *m, const struct issuer_ref *ref, const char *ns,
                        struct issuer_status *out);
// The kind that an issuerRef means: that of Issuer where it has none. Borrowed.
const char *issuer_ref_kind(const struct issuer_ref *ref);
// Whether an issuerRef's group is cert-manager's own: absent, today's or that of v0.7.
bool issuer_group_is_ours(const char *group);
// Whether it is of another project, and only its kind, name and group are known.
bool issuer_is_foreign(const struct issuer_status *i);
// "Issuer ns/name", "ClusterIssuer name", "AWSPCAClusterIssuer name (awspca.cert-manager.io)". In the arena.
const char *issuer_title(struct arena *a, const struct issuer_status *i);

// The CA of an issuer (docs/rules/certificates.md#acme-environment), and whether its account is registered
// with this server (docs/rules/certificates.md#account-moved).
struct issuer_ca {
    enum acme_environment environment; // ACME_OTHER for every other kind
    const char *kind; // "ACME" "CA" "self-signed" "Vault" "Venafi" "unknown"; static
    const char *note; // "the account is not registered with this server yet", NULL: none; static
};
// Fills in *out for an issuer.
void issuer_ca_fill(const struct issuer *i, struct issuer_ca *out);

#endif
