// SPDX-License-Identifier: Apache-2.0
// Whether the Secret of a Certificate is where gateways read it.
#ifndef GATETOP_MESH_CERT_SECRET_PLACEMENT_H
#define GATETOP_MESH_CERT_SECRET_PLACEMENT_H

#include "kube/mesh/cert/certificate_state.h"

// Finds a Gateway for one of the Certificate's names that reads the Secret by name, in a namespace that has none
// (docs/rules/certificates.md#failure-secret-namespace): then the status of a Ready certificate gets the mode
// FAILURE_SECRET_NAMESPACE, with reason and hint. For callers that show only the certificate: in a chain, the link
// secret reports the same. Looks at every Gateway with that credential.
void secret_placement_check(const struct mesh *m, struct certificate_status *s);

#endif
