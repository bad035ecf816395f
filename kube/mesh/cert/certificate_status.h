// SPDX-License-Identifier: Apache-2.0
// How one Certificate stands: how far its issuance is, what blocks it, and when it continues.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_STATUS_H
#define GATETOP_MESH_CERT_CERTIFICATE_STATUS_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_state.h"

#include <stdint.h>

// Fills *out with everything that is known of c at m->now. Its objects are joined by
// docs/rules/certificates.md#owner-join, its state follows #certificate-state, its reason #deepest-reason.
void certificate_status(const struct mesh *m, const struct certificate *c,
                        struct certificate_status *out);

// The instant of the renewal in seconds (docs/rules/certificates.md#renewal-time), TIME_NONE unknown. `renew_before`
// is in milliseconds, DURATION_NONE absent; `percentage` is -1 where absent.
int64_t certificate_renewal_time(int64_t not_before, int64_t not_after, int64_t renew_before,
                                 int64_t percentage);
// How many seconds the controller waits after so many failures in a row (docs/rules/certificates.md#back-off).
int64_t certificate_backoff(int64_t attempts);

#endif
