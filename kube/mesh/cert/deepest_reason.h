// SPDX-License-Identifier: Apache-2.0
// What the deepest object of an issuance says (docs/rules/certificates.md#deepest-reason).
#ifndef GATETOP_MESH_CERT_DEEPEST_REASON_H
#define GATETOP_MESH_CERT_DEEPEST_REASON_H

#include "kube/mesh/cert/certificate_state.h"

#include <stdbool.h>

// Tokens are not masked yet (acme_mask). Texts lie in the arena of the mesh or in the snapshot.
struct deepest_reason {
    // One sentence, without the words that every such message begins with; NULL if none.
    const char *text;
    const char *full; // as the object says it, NULL: none
    bool wrong;       // an error, not just progress
};
// The reason of an issuance in progress or failed. The objects, stage and times of s are set.
struct deepest_reason deepest_reason_find(const struct mesh *m, const struct certificate_status *s);
// A text of cert-manager without the words that every such message begins with. Points into the text.
const char *reason_strip(const char *text);

#endif
