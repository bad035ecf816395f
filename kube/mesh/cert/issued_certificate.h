// SPDX-License-Identifier: Apache-2.0
// The certificate that was issued, compared with what should have been.
#ifndef GATETOP_MESH_CERT_ISSUED_CERTIFICATE_H
#define GATETOP_MESH_CERT_ISSUED_CERTIFICATE_H

#include "kube/object/certmanager_objects.h"
#include "kube/object/x509.h"

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>

// Texts and the chain lie in the arena of the mesh.
struct issued_certificate {
    bool known; // a chain was found and read
    // Why it could not be read (docs/rules/certificates.md#unreadable-certificate); NULL if there is none.
    const char *error;
    struct x509_chain chain;
    bool stored;                 // the chain is that of a Secret in a file
    enum x509_match key;         // leaf against signing request; unreadable where that is gone
    struct str_list differences; // from spec, status and the Secret's annotations, a sentence each
    const char *chain_problem;   // out of order, incomplete, doubled; NULL: none
};
// Reads the current request's chain (docs/rules/certificates.md#issued-chain), or where that is gone the tls.crt of a
// Secret in a file (docs/rules/certificates.md#stored-chain), and compares it
// (docs/rules/certificates.md#issued-against-spec).
void certificate_issued(const struct mesh *m, const struct certificate *c,
                        struct issued_certificate *out);

// What is wrong with a chain, in one sentence (docs/rules/certificates.md#chain-order); NULL: nothing. From a
// public CA a bare leaf is incomplete; other CAs may distribute their root in another way. In the arena.
// For tests of the rule.
const char *certificate_chain_problem(struct arena *a, const struct x509_chain *chain, bool public);

#endif
