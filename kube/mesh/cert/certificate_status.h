// SPDX-License-Identifier: Apache-2.0
// The status of one Certificate: how far its issuance is, what blocks it, and when it continues.
//
// The files that make it:
//   certificate_state.h    the struct that is filled, its enums and their words
//   certificate_objects.c  which request, order, challenges and events belong to the Certificate
//   certificate_facts.c    what each of these objects says about itself
//   certificate_status.c   its state, stage, verdict and times
//   issuance_reason.c      its reason in one sentence, of its state, its conditions and the deepest reason
//   deepest_reason.c       the first of challenge, order, issuer and request that says why it does not continue
//   issuance_failure.c     which known failure that is
//   issuance_hint.c        what to do about it
//   issuance_steps.c       the steps, and how long each took
#ifndef GATETOP_MESH_CERT_CERTIFICATE_STATUS_H
#define GATETOP_MESH_CERT_CERTIFICATE_STATUS_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_state.h"

#include <stdint.h>

// Fills *out with everything that is known of c at m->now. Its objects are joined by
// docs/rules/certificates.md#owner-join, its state follows #certificate-state, its reason #deepest-reason.
void certificate_status_fill(const struct mesh *m, const struct certificate *c,
                             struct certificate_status *out);

// The instant of the renewal in seconds (docs/rules/certificates.md#renewal-time), TIME_NONE: unknown. `renew_before`
// is in milliseconds, DURATION_NONE: absent; `percentage` is -1 if absent. For tests of the rule.
int64_t certificate_renewal_time(int64_t not_before, int64_t not_after, int64_t renew_before,
                                 int64_t percentage);
// How many seconds the controller waits after so many failures in a row (docs/rules/certificates.md#back-off): at least
// `min`, at most `max`. For tests of the rule.
int64_t certificate_backoff(int64_t attempts, int64_t min, int64_t max);

#endif
