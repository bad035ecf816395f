// SPDX-License-Identifier: Apache-2.0
// Why a certificate is not there, in one sentence, and what to do.
#ifndef GATETOP_MESH_CERT_ISSUANCE_REASON_H
#define GATETOP_MESH_CERT_ISSUANCE_REASON_H

#include "kube/mesh/cert/certificate_state.h"

// Fills in reason, full, mode and hint of s. All other fields of s except the steps are set.
void issuance_reason(const struct mesh *m, struct certificate_status *s);

#endif
