// SPDX-License-Identifier: Apache-2.0
// Recognises failures by the words of the reason, and by the objects (docs/rules/certificates.md#failure-recognition).
#include "kube/mesh/cert/issuance_failure.h"

#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/issuer.h"

#include <string.h>

struct failure_words {
    enum failure_mode mode;
    const char *needle, *also; // both must be in the text; also: NULL none
};

// The first match counts: a Challenge that cannot be deleted comes before the reason of its failed clean-up; what a CA
// says about a limit or CAA before what it says about a name.
// clang-format off
static const struct failure_words recognisers[] = {
    // docs/rules/certificates.md#failure-challenge-deleting
    {.mode = FAILURE_CHALLENGE_DELETING, .needle = "stuck deleting: "},
    // docs/rules/certificates.md#failure-webhook
    {.mode = FAILURE_WEBHOOK, .needle = "failed calling webhook"},
    {.mode = FAILURE_WEBHOOK, .needle = "conversion webhook for", .also = "failed"},
    // docs/rules/certificates.md#failure-store
    {.mode = FAILURE_STORE, .needle = "keystore password Secret"},
    {.mode = FAILURE_STORE, .needle = "but not stored in Secret"},
    // docs/rules/certificates.md#certificate-events
    {.mode = FAILURE_NOTHING, .needle = "no CertificateRequest has been made"},
    // docs/rules/certificates.md#failure-rate-limited
    {.mode = FAILURE_RATE_LIMITED, .needle = "acme:error:rateLimited"},
    // docs/rules/certificates.md#failure-caa
    {.mode = FAILURE_CAA, .needle = "acme:error:caa"},
    {.mode = FAILURE_CAA, .needle = "CAA record for", .also = "prevents issuance"},
    {.mode = FAILURE_CAA, .needle = "CAA self-check failed"},
    {.mode = FAILURE_CAA, .needle = "SERVFAIL", .also = "CAA"},
    {.mode = FAILURE_CAA, .needle = "looking up CAA"},
    // docs/rules/certificates.md#failure-authorization
    {.mode = FAILURE_AUTHORIZATION, .needle = "acme: authorization error"},
    // docs/rules/certificates.md#failure-http01-self-check
    {.mode = FAILURE_HTTP01_SELF_CHECK, .needle = "HTTP-01 self-check for "},
    {.mode = FAILURE_HTTP01_SELF_CHECK, .needle = "failed to perform self check GET request"},
    {.mode = FAILURE_HTTP01_SELF_CHECK, .needle = "wrong status code"},
    {.mode = FAILURE_HTTP01_SELF_CHECK, .needle = "did not get expected response"},
    {.mode = FAILURE_HTTP01_SELF_CHECK, .needle = "presented key ("},
    {.mode = FAILURE_HTTP01_SELF_CHECK, .needle = "cannot present HTTP-01"},
    // docs/rules/certificates.md#failure-dns01-propagation
    {.mode = FAILURE_DNS01_PROPAGATION, .needle = "DNS-01 self-check for "},
    // docs/rules/certificates.md#failure-dns-provider
    {.mode = FAILURE_DNS_PROVIDER, .needle = "AccessDenied"},
    {.mode = FAILURE_DNS_PROVIDER, .needle = "failed to determine Route 53 hosted zone"},
    {.mode = FAILURE_DNS_PROVIDER, .needle = "failed to change Route 53 record set"},
    {.mode = FAILURE_DNS_PROVIDER, .needle = "not found in Route 53"},
    {.mode = FAILURE_DNS_PROVIDER, .needle = "unable to assume role"},
    {.mode = FAILURE_DNS_PROVIDER, .needle = "cannot present DNS-01"},
    {.mode = FAILURE_DNS01_PROPAGATION, .needle = "not yet propagated"},
    {.mode = FAILURE_DNS01_PROPAGATION, .needle = "returned SERVFAIL"},
    // docs/rules/certificates.md#order-without-challenge
    {.mode = FAILURE_NO_SOLVER, .needle = "no configured challenge solvers"},
    // docs/rules/certificates.md#request-approval
    {.mode = FAILURE_APPROVAL, .needle = "is not approved yet"},
    {.mode = FAILURE_APPROVAL, .needle = "denied: "},
    {.mode = FAILURE_APPROVAL, .needle = "was denied by an approval controller"},
    // docs/rules/certificates.md#failure-common-name
    {.mode = FAILURE_COMMON_NAME, .needle = "commonName", .also = "64"},
    {.mode = FAILURE_COMMON_NAME, .needle = "commonName", .also = "not present in the list"},
    {.mode = FAILURE_COMMON_NAME, .needle = "common name", .also = "64"},
    {.mode = FAILURE_COMMON_NAME, .needle = "CommonName"},
    {.mode = FAILURE_COMMON_NAME, .needle = "Common Name"},
    // docs/rules/certificates.md#failure-key
    {.mode = FAILURE_KEY, .needle = "User intervention required: existing private key"},
    // docs/rules/certificates.md#failure-request
    {.mode = FAILURE_REQUEST, .needle = "Failed to generate CSR: "},
    {.mode = FAILURE_REQUEST, .needle = "Failed to create CertificateRequest: "},
    // docs/rules/certificates.md#failure-issuer
    {.mode = FAILURE_ISSUER, .needle = "Referenced \"", .also = "not found"},
    {.mode = FAILURE_ISSUER, .needle = "does not have a Ready status condition"},
};
// clang-format on

// Whether a text (NULL: none) has the words (docs/rules/certificates.md#match-by-substring).
static bool says(const struct failure_words *w, const char *t)
{
    return t != NULL && strstr(t, w->needle) != NULL &&
           (w->also == NULL || strstr(t, w->also) != NULL);
}

// Whether something else writes the Certificate's Secret too (docs/rules/certificates.md#failure-two-writers).
static bool two_writers(const struct mesh *m, const struct certificate *c)
{
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    bool overwritten =
        ready != NULL && ready->status == CONDITION_FALSE &&
        (str_eq(ready->reason, "SecretMismatch") || str_eq(ready->reason, "IncorrectIssuer"));
    return certificate_other_writer(m, c) != NULL ||
           (ready != NULL && str_eq(ready->reason, "IncorrectCertificate")) ||
           (overwritten && certificate_recent_requests(m, c) >= 3);
}

// docs/rules/certificates.md#failure-order
bool issuance_order_wedged(const struct mesh *m, const struct certificate_status *s)
{
    if (s->order == NULL || !str_eq(s->order->state, "pending") || s->nchallenges == 0 ||
        !challenge_failed(s->challenges[0])) {
        return false;
    }
    return s->order->o.created != TIME_NONE && mesh_reached(m, s->order->o.created + 121);
}

// Whether an issuer that is ready could not sign this request, or signed something useless.
static bool refused_by_issuer(const struct certificate_status *s, const struct deepest_reason *d)
{
    const struct condition *failed = certificate_failure(s->certificate);
    return (failed != NULL && str_eq(failed->reason, "InvalidCertificate")) ||
           (s->stage == STAGE_REQUEST && s->request != NULL && s->order == NULL && d->wrong);
}

enum failure_mode issuance_failure(const struct mesh *m, const struct certificate_status *s,
                                   const struct deepest_reason *d)
{
    const struct certificate *c = s->certificate;
    if (c->common_name != NULL && strlen(c->common_name) > 64) {
        return FAILURE_COMMON_NAME;
    }
    for (size_t i = 0; d->text != NULL && i < ARRAY_COUNT(recognisers); i++) {
        if (says(&recognisers[i], d->text) || says(&recognisers[i], d->full)) {
            enum failure_mode mode = recognisers[i].mode;
            bool waits = mode == FAILURE_APPROVAL || mode == FAILURE_ISSUER;
            return waits && !d->wrong ? FAILURE_NONE : mode;
        }
    }
    bool gone = s->issuer.known && s->issuer.object == NULL && d->wrong;
    if (s->stage == STAGE_ISSUER || gone || refused_by_issuer(s, d)) {
        return FAILURE_ISSUER;
    }
    if (s->nchallenges != 0 && str_eq(s->challenges[0]->state, "invalid")) {
        return FAILURE_AUTHORIZATION; // only the CA makes a challenge invalid
    }
    if (s->state != CERTIFICATE_READY && s->state != CERTIFICATE_RENEWING && two_writers(m, c)) {
        return FAILURE_TWO_WRITERS;
    }
    bool lost = s->order == NULL && s->stage == STAGE_ORDER && certificate_failure(c) != NULL;
    if (issuance_order_wedged(m, s) || lost ||
        (s->order != NULL && order_failed(s->order) && s->state != CERTIFICATE_READY)) {
        return FAILURE_ORDER;
    }
    if ((s->state == CERTIFICATE_EXPIRED && certificate_left_alone(m, s)) ||
        s->state == CERTIFICATE_OVERDUE) {
        return FAILURE_EXPIRED_READY;
    }
    return s->temporary ? FAILURE_TEMPORARY : FAILURE_NONE;
}
