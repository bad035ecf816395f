// SPDX-License-Identifier: Apache-2.0
// Works out how one Certificate stands: how far its issuance is, what blocks it, and when it goes on.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_STATUS_H
#define GATETOP_MESH_CERT_CERTIFICATE_STATUS_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_state.h"

// Fills *out with everything known of c at m->now. Strings live in m->arena or in the snapshot. Joins by
// docs/rules/certificates.md#owner-join, the state by #certificate-state, the reason by #deepest-reason.
void certificate_status(const struct mesh *m, const struct certificate *c,
                        struct certificate_status *out);

// Instant of the renewal (docs/rules/certificates.md#renewal-time), TIME_NONE unknown. `renew_before` is in ms,
// DURATION_NONE absent; `percentage` -1 absent.
int64_t certificate_renewal_time(int64_t not_before, int64_t not_after, int64_t renew_before,
                                 int64_t percentage);
// Seconds that the controller waits after so many failures (docs/rules/certificates.md#back-off).
int64_t certificate_backoff(int64_t attempts);

#endif
