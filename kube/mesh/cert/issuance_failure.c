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

// The first that fits counts: a Challenge that cannot be deleted before why its cleaning up fails; what a CA says
// about a limit or CAA before what it says about a name.
// clang-format off
static const struct failure_words recognisers[] = {
    {FAILURE_CHALLENGE_DELETING, "stuck deleting: ", NULL},
    {FAILURE_RATE_LIMITED,      "acme:error:rateLimited", NULL},
    {FAILURE_CAA,               "acme:error:caa", NULL},
    {FAILURE_CAA,               "CAA record for", "prevents issuance"},
    {FAILURE_CAA,               "CAA self-check failed", NULL},
    {FAILURE_CAA,               "SERVFAIL", "CAA"},
    {FAILURE_AUTHORIZATION,     "acme: authorization error", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "HTTP-01 self-check for ", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "failed to perform self check GET request", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "wrong status code", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "did not get expected response", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "presented key (", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "cannot present HTTP-01", NULL},
    {FAILURE_DNS01_PROPAGATION, "DNS-01 self-check for ", NULL},
    {FAILURE_DNS_PROVIDER,      "AccessDenied", NULL},
    {FAILURE_DNS_PROVIDER,      "failed to determine Route 53 hosted zone", NULL},
    {FAILURE_DNS_PROVIDER,      "failed to change Route 53 record set", NULL},
    {FAILURE_DNS_PROVIDER,      "not found in Route 53", NULL},
    {FAILURE_DNS_PROVIDER,      "unable to assume role", NULL},
    {FAILURE_DNS_PROVIDER,      "cannot present DNS-01", NULL},
    {FAILURE_DNS01_PROPAGATION, "not yet propagated", NULL},
    {FAILURE_DNS01_PROPAGATION, "returned SERVFAIL", NULL},
    {FAILURE_NO_SOLVER,         "no configured challenge solvers", NULL},
    {FAILURE_APPROVAL,          "is not approved yet", NULL},
    {FAILURE_APPROVAL,          "denied: ", NULL},
    {FAILURE_APPROVAL,          "was denied by an approval controller", NULL},
    {FAILURE_COMMON_NAME,       "commonName", "64"},
    {FAILURE_COMMON_NAME,       "commonName", "not present in the list"},
    {FAILURE_COMMON_NAME,       "common name", "64"},
    {FAILURE_COMMON_NAME,       "CommonName", NULL},
    {FAILURE_COMMON_NAME,       "Common Name", NULL},
    {FAILURE_KEY,               "User intervention required: existing private key", NULL},
    {FAILURE_REQUEST,           "Failed to generate CSR: ", NULL},
    {FAILURE_REQUEST,           "Failed to create CertificateRequest: ", NULL},
    {FAILURE_ISSUER,            "Referenced \"", "not found"},
    {FAILURE_ISSUER,            "does not have a Ready status condition", NULL},
};
// clang-format on

// Whether a text (NULL: none) has the words.
static bool says(const struct failure_words *w, const char *t)
{
    return t != NULL && strstr(t, w->needle) != NULL &&
           (w->also == NULL || strstr(t, w->also) != NULL);
}

// Whether something else writes the Certificate's Secret too.
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

bool issuance_order_wedged(const struct mesh *m, const struct certificate_status *s)
{
    if (s->order == NULL || !str_eq(s->order->state, "pending") || s->nchallenges == 0 ||
        !challenge_failed(s->challenges[0])) {
        return false;
    }
    return s->order->o.created != TIME_NONE && mesh_reached(m, s->order->o.created + 121);
}

// Whether an issuer that is ready could not sign this request, or what it signed is of no use.
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
    if ((s->state == CERTIFICATE_EXPIRED && certificate_is_ready(c)) ||
        s->state == CERTIFICATE_OVERDUE) {
        return FAILURE_EXPIRED_READY;
    }
    return s->temporary ? FAILURE_TEMPORARY : FAILURE_NONE;
}
