// SPDX-License-Identifier: Apache-2.0
// Findings about Certificates, their issuers, and the Secrets that they write: GT02.
#ifndef GATETOP_MESH_CHECK_CERTIFICATE_FINDINGS_H
#define GATETOP_MESH_CHECK_CERTIFICATE_FINDINGS_H

#include "kube/mesh/core/finding.h"

#include <stdint.h>

// Adds GT0201 to GT0210. The list grows in the arena of the mesh.
void certificate_findings(const struct mesh *m, struct findings *f);

// What "ends soon" means: one of the two, the other is 0.
struct certificate_within {
    int64_t seconds; // it ends within that time
    int percent;     // less than this share of its lifetime is left, 1 to 99
};
// Adds GT0211 for each Certificate that has ended or ends soon, the soonest first (`check --expiring`).
void certificate_expiring(const struct mesh *m, const struct certificate_within *within,
                          struct findings *f);

#endif
