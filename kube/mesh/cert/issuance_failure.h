// SPDX-License-Identifier: Apache-2.0
// Which failure a reason means, and what to do about it.
#ifndef GATETOP_MESH_CERT_ISSUANCE_FAILURE_H
#define GATETOP_MESH_CERT_ISSUANCE_FAILURE_H

#include "kube/mesh/cert/certificate_state.h"

// What the deepest object that has a text says (docs/rules/certificates.md#deepest-reason).
struct deepest_reason {
    const char *text; // without the words that every such message begins with; NULL none
    const char *full; // as the object says it
    bool wrong;       // an error, not just progress
};
// Recognises the failure (docs/rules/certificates.md#failure-recognition); d->text may be NULL.
enum failure_mode issuance_failure(const struct mesh *m, const struct certificate_status *s,
                                   const struct deepest_reason *d);
// What to do about s->mode in one sentence, NULL where there is nothing to do. In the arena or static.
const char *issuance_hint(const struct mesh *m, const struct certificate_status *s,
                          const struct deepest_reason *d);

#endif
