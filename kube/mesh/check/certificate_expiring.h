// SPDX-License-Identifier: Apache-2.0
// What `check --expiring` finds: Certificates that have ended or end soon (GT0211).
#ifndef GATETOP_MESH_CHECK_CERTIFICATE_EXPIRING_H
#define GATETOP_MESH_CHECK_CERTIFICATE_EXPIRING_H

#include "kube/mesh/core/finding.h"

#include <stdint.h>

// What "ends soon" means: one of the two, the other is 0.
struct certificate_within {
    int64_t seconds; // it ends within that time
    int percent;     // less than this share of its lifetime is left, 1 to 99
};
// Adds GT0211 for each Certificate that has ended or ends soon, the soonest first (`check --expiring`).
void certificate_expiring(const struct mesh *m, const struct certificate_within *within,
                          struct findings *f);

#endif
