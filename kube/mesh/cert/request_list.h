// SPDX-License-Identifier: Apache-2.0
// All CertificateRequests, Orders and Challenges, also those of no Certificate (istio-csr, csi-driver):
// docs/rules/certificates.md#owner-join.
#ifndef GATETOP_MESH_CERT_REQUEST_LIST_H
#define GATETOP_MESH_CERT_REQUEST_LIST_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

#include <stdint.h>

struct request_row {
    const struct object *object; // of one of the three kinds
    const char *state; // "ISSUED", "PENDING", "DENIED", ...: the object's own, in upper case
    enum verdict verdict;
    const char *reason;      // what it says, "" nothing; tokens are masked
    const char *certificate; // that it belongs to, NULL none
    const char *names;       // that it is for, "" not known
    const char *requester;   // of a CertificateRequest: who made it; NULL not known
    const struct issuer_ref *issuer;
};

struct request_rows {
    const struct request_row *at;
    uint32_t n;
};
// By namespace and name: an Order follows its CertificateRequest and a Challenge its Order, since their names
// begin so. In the arena of the mesh.
struct request_rows request_list(const struct mesh *m);

#endif
