// SPDX-License-Identifier: Apache-2.0
// Why a certificate is not there: the deepest reason in one sentence.
#ifndef GATETOP_MESH_CERT_ISSUANCE_REASON_H
#define GATETOP_MESH_CERT_ISSUANCE_REASON_H

#include "kube/mesh/cert/certificate_state.h"

// Fills reason, full, mode and hint of s; everything else in s but the steps is set.
void issuance_reason(const struct mesh *m, struct certificate_status *s);

#endif
