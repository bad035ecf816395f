// SPDX-License-Identifier: Apache-2.0
// Whether the Secret of a Certificate is where the gateways look for it.
#ifndef GATETOP_MESH_CERT_SECRET_PLACEMENT_H
#define GATETOP_MESH_CERT_SECRET_PLACEMENT_H

#include "kube/mesh/cert/certificate_state.h"

// Sets FAILURE_SECRET_NAMESPACE in the status of a Ready certificate where it applies: a Gateway for one of its
// names reads the Secret by name, in a namespace that has none (docs/rules/certificates.md#failure-secret-namespace).
// For callers that show the certificate by itself: the chain says the same at its link to the Secret. Looks at
// every Gateway with that credential.
void secret_placement_check(const struct mesh *m, struct certificate_status *s);

#endif
