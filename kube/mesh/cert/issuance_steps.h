// SPDX-License-Identifier: Apache-2.0
// The steps of an issuance with the time that each took, and its progress in words.
#ifndef GATETOP_MESH_CERT_ISSUANCE_STEPS_H
#define GATETOP_MESH_CERT_ISSUANCE_STEPS_H

#include "kube/mesh/cert/certificate_state.h"

// Fills in s->steps. The objects, stage and times of s are set.
void issuance_steps(const struct mesh *m, struct certificate_status *s);
// How far challenges and order are, where nothing is wrong: "DNS-01 presented for x, waiting". NULL if there are
// neither. In the arena.
const char *issuance_progress(const struct mesh *m, const struct certificate_status *s);

#endif
