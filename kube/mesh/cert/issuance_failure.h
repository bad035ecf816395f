// SPDX-License-Identifier: Apache-2.0
// Which failure the reason of an issuance means.
#ifndef GATETOP_MESH_CERT_ISSUANCE_FAILURE_H
#define GATETOP_MESH_CERT_ISSUANCE_FAILURE_H

#include "kube/mesh/cert/certificate_state.h"
#include "kube/mesh/cert/deepest_reason.h"

#include <stdbool.h>

// Recognises the failure (docs/rules/certificates.md#failure-recognition). d->text may be NULL. The objects, state,
// stage and times of s are set.
enum failure_mode issuance_failure(const struct mesh *m, const struct certificate_status *s,
                                   const struct deepest_reason *d);
// The order stays pending though a challenge has failed: nothing moves it any more.
bool issuance_order_wedged(const struct mesh *m, const struct certificate_status *s);

#endif
