// SPDX-License-Identifier: Apache-2.0
// What to do about a failed issuance.
#ifndef GATETOP_MESH_CERT_ISSUANCE_HINT_H
#define GATETOP_MESH_CERT_ISSUANCE_HINT_H

#include "kube/mesh/cert/certificate_state.h"
#include "kube/mesh/cert/deepest_reason.h"

// One sentence about the failure s->mode, NULL if there is nothing to do. `d` is the reason that the failure was
// recognised in. In the arena of the mesh, or static.
const char *issuance_hint(const struct mesh *m, const struct certificate_status *s,
                          const struct deepest_reason *d);

#endif
