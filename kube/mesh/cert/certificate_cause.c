// SPDX-License-Identifier: Apache-2.0
// Words for states and failures of Certificates.
#include "kube/mesh/cert/certificate_cause.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/acme.h"

#include <assert.h>

static const char *state_words(enum certificate_state s)
{
    static const char *const words[] = {
        [CERTIFICATE_UNKNOWN] = "Certificate not known",
        [CERTIFICATE_READY] = "Ready",
        [CERTIFICATE_RENEWING] = "Being renewed",
        [CERTIFICATE_ISSUING] = "Being issued",
        [CERTIFICATE_NEW] = "New, nothing issued yet",
        [CERTIFICATE_DELETING] = "Certificate is being deleted",
        [CERTIFICATE_STAGING] = "Issued by a staging CA",
        [CERTIFICATE_OVERDUE] = "Renewal overdue",
        [CERTIFICATE_RENEW_FAIL] = "Renewal fails",
        [CERTIFICATE_FAILED] = "Not issued",
        [CERTIFICATE_EXPIRED] = "Expired",
        [CERTIFICATE_TEMPORARY] = "Self-signed",
        [CERTIFICATE_STUCK] = "Issuance stuck",
        [CERTIFICATE_NOT_READY] = "Not issued",
        [CERTIFICATE_NOT_PICKED_UP] = "Nobody issues it",
    };
    static_assert(ARRAY_COUNT(words) == CERTIFICATE_STATE_COUNT, "words for each state");
    return words[s];
}

// NULL where the state says enough.
static const char *mode_words(enum failure_mode m)
{
    static const char *const words[FAILURE_MODE_COUNT] = {
        [FAILURE_HTTP01_SELF_CHECK] = "HTTP-01 answer not seen",
        [FAILURE_DNS01_PROPAGATION] = "DNS-01 record not seen",
        [FAILURE_DNS_PROVIDER] = "the DNS provider refuses the record",
        [FAILURE_RATE_LIMITED] = "rate limited",
        [FAILURE_CAA] = "a CAA record forbids it",
        [FAILURE_ISSUER] = "the issuer is not ready",
        [FAILURE_NO_SOLVER] = "no solver for a name",
        [FAILURE_SECRET_NAMESPACE] = "Secret in the wrong namespace",
        [FAILURE_CHALLENGE_DELETING] = "a challenge cannot be deleted",
        [FAILURE_TWO_WRITERS] = "two Certificates write one Secret",
        [FAILURE_ORDER] = "the order failed",
        [FAILURE_APPROVAL] = "the request is not approved",
        [FAILURE_AUTHORIZATION] = "a name was not validated",
        [FAILURE_COMMON_NAME] = "the common name is refused",
        [FAILURE_KEY] = "the stored key does not fit",
        [FAILURE_REQUEST] = "no request can be made",
        [FAILURE_WEBHOOK] = "a webhook does not answer",
        [FAILURE_STORE] = "issued, but not stored",
        [FAILURE_NOTHING] = "cert-manager does nothing",
    };
    return words[m];
}

const char *certificate_cause_words(struct arena *a, const struct certificate_status *s)
{
    const char *state = state_words(s->state), *mode = mode_words(s->mode);
    return mode != NULL ? arena_concat(a, state, ": ", mode, NULL) : state;
}

int64_t certificate_since(const struct certificate_status *s)
{
    const struct condition *ready = condition_find(&s->certificate->conditions, "Ready");
    if (s->state == CERTIFICATE_EXPIRED) {
        return s->not_after;
    }
    if (s->state == CERTIFICATE_OVERDUE) {
        return s->renews;
    }
    if (ready != NULL && ready->status != CONDITION_TRUE && ready->last_transition != TIME_NONE) {
        return ready->last_transition;
    }
    return s->since != TIME_NONE ? s->since : s->certificate->o.created;
}

int64_t certificate_refused_until(const struct certificate_status *s)
{
    if (s->mode != FAILURE_RATE_LIMITED || str_empty(s->full)) {
        return TIME_NONE;
    }
    return acme_retry_after(s->full, s->since);
}
