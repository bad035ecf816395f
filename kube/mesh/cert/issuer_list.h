// SPDX-License-Identifier: Apache-2.0
// All Issuers and ClusterIssuers, how each stands, and how many Certificates are issued through it.
#ifndef GATETOP_MESH_CERT_ISSUER_LIST_H
#define GATETOP_MESH_CERT_ISSUER_LIST_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/core/verdict.h"

#include <stdint.h>

struct issuer_row {
    const struct issuer *issuer;
    struct issuer_ca ca;
    enum verdict verdict; // pending until a controller has looked at it
    const char *
        reason; // why it is not ready, or what is wrong with its CA; "" all is well. Tokens are masked
    uint32_t certificates;    // that name it
    uint32_t kinds_of_solver; // bit 0: HTTP-01, bit 1: DNS-01
};

struct issuer_rows {
    const struct issuer_row *at;
    uint32_t n;
};
// By namespace and name, ClusterIssuers first; in the arena of the mesh. O(n) in the issuers and Certificates.
struct issuer_rows issuer_list(const struct mesh *m);

#endif
