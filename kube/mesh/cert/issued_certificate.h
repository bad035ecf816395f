// SPDX-License-Identifier: Apache-2.0
// The certificate that was really issued, compared with what was asked for.
#ifndef GATETOP_MESH_CERT_ISSUED_CERTIFICATE_H
#define GATETOP_MESH_CERT_ISSUED_CERTIFICATE_H

#include "kube/object/certmanager_objects.h"
#include "kube/object/x509.h"

#include "kube/mesh/core/mesh.h"

// What was issued, compared with what should have been. It is read from the current request's chain
// (docs/rules/certificates.md#issued-chain); where that is gone, from tls.crt of a Secret in a file
// (docs/rules/certificates.md#stored-chain).
struct issued_certificate {
    bool known;        // a chain was found and read
    const char *error; // why it could not be read; NULL where there simply is none
    struct x509_chain chain;
    bool stored;                 // the chain is that of a Secret in a file
    enum x509_match key;         // leaf against the signing request; unreadable where that is gone
    struct str_list differences; // from spec, status and the Secret's marks, a sentence each
    const char *chain_problem;   // out of order, incomplete, doubled; NULL none
};
void certificate_issued(const struct mesh *m, const struct certificate *c,
                        struct issued_certificate *out);

// What is wrong with a chain, in one sentence, NULL nothing. Of a public CA's a bare leaf is incomplete; others may
// hand out their root by another way.
const char *certificate_chain_problem(struct arena *a, const struct x509_chain *chain, bool public);

#endif
