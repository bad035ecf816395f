// SPDX-License-Identifier: Apache-2.0
// Works out a Certificate's times, state and stage.
#include "kube/mesh/cert/certificate_status.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/x509.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/controller_flags.h"
#include "kube/mesh/cert/issuance_reason.h"
#include "kube/mesh/cert/issuance_steps.h"

#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 24 * HOUR }; // in seconds

// --- times (docs/rules/certificates.md#renewal-time, docs/rules/certificates.md#back-off)

int64_t certificate_renewal_time(int64_t not_before, int64_t not_after, int64_t renew_before,
                                 int64_t percentage)
{
    if (not_before == TIME_NONE || not_after == TIME_NONE || not_after <= not_before ||
        not_before < -((int64_t)1 << 50) || not_after > ((int64_t)1 << 50)) {
        return TIME_NONE;
    }
    // In milliseconds, for a renewBefore may be finer than a second. The result is cut to whole seconds.
    int64_t life = (not_after - not_before) * 1000;
    int64_t before = life / 3;
    if (renew_before != DURATION_NONE && renew_before > 0 && renew_before < life) {
        before = renew_before;
    } else if (percentage > 0 && percentage < 100) {
        before = life / 100 * percentage + life % 100 * percentage / 100;
    }
    return not_before + (life - before) / 1000;
}

int64_t certificate_backoff(int64_t attempts, int64_t min, int64_t max)
{
    int64_t delay = min;
    for (int64_t i = 1; i < attempts && delay < max && delay > 0; i++) {
        delay *= 2;
    }
    delay = delay > max ? max : delay;
    return delay < min ? min : delay;
}

// When the controller may try again after the last failure.
static int64_t back_off_end(const struct mesh *m, const struct certificate *c)
{
    const struct controller_flags *f = controller_flags_of(m);
    return c->last_failure +
           certificate_backoff(c->failed_attempts, f->backoff_min, f->backoff_max);
}

// --- temporary and staging

// Whether the issuer of a chain's leaf has a name that begins so.
static bool leaf_issuer_starts(const struct mesh *m, const char *pem, const char *head)
{
    struct x509_chain chain;
    return x509_read_pem(m->arena, pem, strlen(pem), &chain, NULL) &&
           (str_starts(chain.cert[0].issuer_cn, head) || str_starts(chain.cert[0].issuer_o, head));
}

// The Secret's annotations decide where they can be read, else the Certificate's condition
// (docs/rules/certificates.md#temporary-certificate).
static bool is_temporary(const struct mesh *m, const struct certificate *c)
{
    const char *asked = object_certmanager_mark(&c->o, "issue-temporary-certificate");
    bool wanted = str_eq(asked, "true");
    const struct object *o =
        c->secret_name != NULL ? mesh_get(m, KIND_SECRET, c->o.ns, c->secret_name) : NULL;
    if (o != NULL) {
        const struct secret *secret = OBJECT_AS(secret, o);
        if (secret->tls_crt != NULL &&
            leaf_issuer_starts(m, secret->tls_crt, "cert-manager.local")) {
            return true;
        }
        bool written = str_eq(object_certmanager_mark(o, "certificate-name"), c->o.name);
        bool signer = object_certmanager_mark(o, "issuer-name") != NULL;
        bool mark = str_eq(object_certmanager_mark(o, "subject-serialnumber"), "1234567890");
        if (written) {
            return !signer && (mark || wanted);
        }
    }
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    return wanted && c->revision < 0 && c->not_after != TIME_NONE && o == NULL && ready != NULL &&
           str_eq(ready->reason, "IncorrectIssuer") && ready->message != NULL &&
           strstr(ready->message, "\"Issuer.cert-manager.io/\"") != NULL;
}

// By the issuer's server or, if the issuer now has another CA, by the leaf
// (docs/rules/certificates.md#staging-certificate).
static bool is_staging(const struct mesh *m, const struct certificate_status *s)
{
    const struct issuer *i = s->issuer.object;
    if (i != NULL && acme_environment_of(i->server) == ACME_STAGING) {
        return true;
    }
    bool maybe = i == NULL || acme_environment_of(i->server) == ACME_PRODUCTION;
    const struct certificaterequest *r =
        maybe ? certificate_current_request(m, s->certificate) : NULL;
    return r != NULL && r->certificate != NULL && x509_leaf_mentions(r->certificate, "(STAGING)");
}

// --- the state (docs/rules/certificates.md#certificate-state)

static bool back_off_over(const struct mesh *m, const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    return c->last_failure == TIME_NONE || mesh_reached(m, back_off_end(m, c));
}

// Relative to the lifetime, which may be 6 days or 90 (docs/rules/certificates.md#relative-expiry).
static enum verdict expiry_of(const struct mesh *m, const struct certificate_status *s)
{
    if (s->not_after == TIME_NONE) {
        return VERDICT_UNKNOWN;
    }
    int64_t life = s->not_before != TIME_NONE && s->not_before < s->not_after
                       ? s->not_after - s->not_before
                       : 0;
    return m->now >= s->not_after || s->not_after - m->now < life / 6 ? VERDICT_BROKEN
           : s->renews != TIME_NONE && m->now >= s->renews            ? VERDICT_WARNING
                                                                      : VERDICT_OK;
}

// While a certificate is issued. Of a renewal the colour says how long it has taken
// (docs/rules/certificates.md#issuance-patience).
static enum certificate_state state_of_issuing(const struct mesh *m, struct certificate_status *s,
                                               const struct condition *issuing)
{
    int64_t since = issuing->last_transition;
    if (certificate_is_ready(s->certificate)) {
        int64_t age = since != TIME_NONE ? m->now - since : 0;
        s->colour = age > 30 * MINUTE   ? VERDICT_BROKEN
                    : age > 10 * MINUTE ? VERDICT_WARNING
                                        : VERDICT_OK;
        return CERTIFICATE_RENEWING;
    }
    return since != TIME_NONE && mesh_reached(m, since + 30 * MINUTE) ? CERTIFICATE_STUCK
                                                                      : CERTIFICATE_ISSUING;
}

// Ready, and nothing in progress. Overdue an hour after the renewal time (docs/rules/certificates.md#overdue).
static enum certificate_state state_of_ready(const struct mesh *m, struct certificate_status *s)
{
    if (s->renews != TIME_NONE && mesh_reached(m, s->renews + HOUR + 1) && back_off_over(m, s)) {
        s->colour = s->expiry; // a warning at least: the renewal is past
        return CERTIFICATE_OVERDUE;
    }
    return s->staging ? CERTIFICATE_STAGING : CERTIFICATE_READY;
}

static enum certificate_state state_of(const struct mesh *m, struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    const struct condition *issuing = condition_find(&c->conditions, "Issuing");
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    if (c->o.deleted != TIME_NONE) {
        return CERTIFICATE_DELETING;
    }
    // Even if Ready (docs/rules/certificates.md#expiry-by-clock).
    if (mesh_reached(m, c->not_after)) {
        return CERTIFICATE_EXPIRED;
    }
    if (s->temporary) {
        return CERTIFICATE_TEMPORARY;
    }
    if (certificate_failure(c) != NULL) {
        return certificate_is_ready(c) ? CERTIFICATE_RENEW_FAIL : CERTIFICATE_FAILED;
    }
    if (issuing != NULL && issuing->status == CONDITION_TRUE) {
        return state_of_issuing(m, s, issuing);
    }
    if (certificate_is_ready(c)) {
        return state_of_ready(m, s);
    }
    // False, whatever the reason (docs/rules/certificates.md#unknown-reasons); or Unknown: a controller cannot say.
    if (ready != NULL) {
        return CERTIFICATE_NOT_READY;
    }
    if (c->o.source != NULL && str_empty(c->o.uid) && c->o.created == TIME_NONE) {
        return CERTIFICATE_UNKNOWN; // no cluster has ever set its status
    }
    bool fresh = c->o.created != TIME_NONE && !mesh_reached(m, c->o.created + MINUTE);
    return fresh ? CERTIFICATE_NEW : CERTIFICATE_NOT_PICKED_UP;
}

// --- the stage

// Whether an Order failed after its challenges, at the certificate.
static bool failed_late(const struct order *o)
{
    static const char *const late[] = {"Failed to finalize Order",
                                       "Failed to retrieve signed certificate",
                                       "Invalid certificate retrieved"};
    for (size_t i = 0; i < ARRAY_COUNT(late); i++) {
        if (o->reason != NULL && str_contains_case(o->reason, late[i])) {
            return true;
        }
    }
    return false;
}

static enum certificate_stage stage_of_order(const struct certificate_status *s)
{
    const struct order *o = s->order;
    if (order_failed(o)) {
        bool challenge = s->nchallenges != 0 && challenge_failed(s->challenges[0]);
        return challenge ? STAGE_CHALLENGE : failed_late(o) ? STAGE_FINALIZE : STAGE_ORDER;
    }
    if (str_eq(o->state, "ready") || str_eq(o->state, "processing") || str_eq(o->state, "valid")) {
        return STAGE_FINALIZE;
    }
    return s->nchallenges != 0 ? STAGE_CHALLENGE : STAGE_ORDER;
}

static enum certificate_stage stage_of_request(const struct certificate_status *s)
{
    const struct certificaterequest *r = s->request;
    const struct condition *ready = condition_find(&r->conditions, "Ready");
    if (condition_is_true(&r->conditions, "Denied") ||
        condition_is_true(&r->conditions, "InvalidRequest")) {
        return STAGE_REQUEST;
    }
    if (s->order != NULL) {
        return stage_of_order(s);
    }
    if (ready != NULL && ready->status == CONDITION_TRUE) {
        return STAGE_FINALIZE;
    }
    if (ready != NULL && str_eq(ready->reason, "Failed")) {
        return ready->message != NULL && strstr(ready->message, "order resource") != NULL
                   ? STAGE_ORDER
                   : STAGE_REQUEST;
    }
    if (!request_approved(r)) {
        return STAGE_REQUEST;
    }
    // Where Orders may not be read, the request's message still mentions one.
    if (ready != NULL && ready->message != NULL &&
        (strstr(ready->message, "issuance from order ") != NULL ||
         str_starts(ready->message, "Created Order resource"))) {
        return STAGE_ORDER;
    }
    return s->issuer.known && !s->issuer.ready ? STAGE_ISSUER : STAGE_REQUEST;
}

// `moving`: an issuance is in progress or has failed.
static enum certificate_stage stage_of(const struct certificate_status *s, bool moving)
{
    if (!moving) {
        return s->certificate->conditions.n == 0 ||
                       (s->state != CERTIFICATE_EXPIRED && !certificate_is_ready(s->certificate))
                   ? STAGE_CERTIFICATE
                   : STAGE_ISSUED;
    }
    if (s->request != NULL) {
        return stage_of_request(s);
    }
    if (s->order != NULL) {
        return stage_of_order(s);
    }
    const struct condition *failed = certificate_failure(s->certificate);
    if (failed != NULL && failed->message != NULL) { // its request is gone
        return strstr(failed->message, "order resource") != NULL ? STAGE_ORDER : STAGE_REQUEST;
    }
    return s->issuer.known && !s->issuer.ready ? STAGE_ISSUER : STAGE_CERTIFICATE;
}

// Whether the last issuance failed. Controllers before v0.15 have no condition Issuing
// (docs/rules/certificates.md#absent-fields): only the time of the failure shows it.
static bool has_failed(const struct certificate *c)
{
    bool old = condition_find(&c->conditions, "Issuing") == NULL && c->last_failure != TIME_NONE &&
               !certificate_is_ready(c);
    return certificate_failure(c) != NULL || old;
}

// When the controller tries again after a failure.
static int64_t next_try(const struct mesh *m, const struct certificate *c, int64_t renews)
{
    int64_t next = back_off_end(m, c);
    // A Ready certificate is not due: after a failed manual renewal the next try comes at the regular renewal time
    // (docs/rules/certificates.md#next-try).
    return certificate_is_ready(c) && renews != TIME_NONE && renews > next ? renews : next;
}

// When the renewal is due. A window that the CA suggests comes first, unless it is that of an earlier certificate: the
// renewal then is due when the window starts (docs/rules/certificates.md#renewal-time).
static int64_t renewal_due(const struct certificate *c)
{
    if (certificate_renewal_disabled(c)) {
        return TIME_NONE;
    }
    if (c->ari_start != TIME_NONE && c->not_before != TIME_NONE && c->ari_start > c->not_before) {
        return c->ari_start;
    }
    return c->renewal_time != TIME_NONE
               ? c->renewal_time
               : certificate_renewal_time(c->not_before, c->not_after, c->renew_before,
                                          c->renew_before_percentage);
}

static void make_worse(struct certificate_status *s, enum verdict v)
{
    s->verdict = v > s->verdict ? v : s->verdict;
    s->colour = v > s->colour ? v : s->colour;
}

// Judges what the state does not say: whether a certificate that still works will go on doing so.
static void judge_renewal(const struct mesh *m, struct certificate_status *s)
{
    struct arena *a = m->arena;
    int64_t life =
        s->not_before != TIME_NONE && s->not_after != TIME_NONE ? s->not_after - s->not_before : 0;
    if (s->state == CERTIFICATE_RENEWING && s->since != TIME_NONE) {
        // docs/rules/certificates.md#renewal-hangs
        if ((s->failing && mesh_reached(m, s->since + 30 * MINUTE)) ||
            mesh_reached(m, s->since + DAY)) {
            make_worse(s, VERDICT_WARNING);
        }
    } else if (s->state == CERTIFICATE_RENEW_FAIL && s->not_after != TIME_NONE &&
               s->next_try > s->not_after) {
        make_worse(s, VERDICT_BROKEN);
        s->reason = arena_printf(a, "%s; it ends %s, before the next try", s->reason,
                                 time_format(a, s->not_after));
        const char *renew = arena_printf(a, "renew it by hand: cmctl renew %s -n %s",
                                         s->certificate->o.name, s->certificate->o.ns);
        s->hint = s->hint != NULL ? arena_printf(a, "%s; then %s", s->hint, renew) : renew;
    } else if (s->state == CERTIFICATE_READY && life > 0 &&
               certificate_renewal_disabled(s->certificate) &&
               mesh_reached(m, s->not_after - life / 3)) {
        // docs/rules/certificates.md#renewal-disabled
        make_worse(s, VERDICT_WARNING);
        s->reason = arena_printf(a, "its renewal is disabled, and it ends %s",
                                 time_format(a, s->not_after));
        s->full = s->reason;
        s->hint = arena_printf(a,
                               "renew it by hand (cmctl renew %s -n %s), or set "
                               "spec.renewal.policy to RenewBefore",
                               s->certificate->o.name, s->certificate->o.ns);
    }
}

// cert-manager itself looked for the issuer and found none: it is missing, even if the files are an excerpt
// (docs/rules/certificates.md#issuer-reference).
static bool reported_missing(const struct certificate_status *s)
{
    const struct condition *ready =
        s->request != NULL ? condition_find(&s->request->conditions, "Ready") : NULL;
    const char *message = ready != NULL ? str_or_empty(ready->message) : "";
    return s->issuer.object == NULL && str_starts(message, "Referenced \"") &&
           strstr(message, "not found") != NULL;
}

void certificate_status_fill(const struct mesh *m, const struct certificate *c,
                             struct certificate_status *out)
{
    memset(out, 0, sizeof *out);
    out->certificate = c;
    out->reason = out->full = "";
    out->next_try = out->since = TIME_NONE;
    out->not_before = c->not_before;
    out->not_after = c->not_after;
    out->revision = c->revision;
    out->attempts = c->failed_attempts > 0 ? c->failed_attempts : 0;
    out->renews = renewal_due(c);
    const struct condition *issuing = condition_find(&c->conditions, "Issuing");
    bool moving =
        certificate_failure(c) != NULL || (issuing != NULL && issuing->status == CONDITION_TRUE);
    bool working = moving || !certificate_is_ready(c);
    if (issuing != NULL) {
        out->since = issuing->last_transition;
    }
    certificate_join(m, out, working);
    if (m->snap->cluster.from_files && reported_missing(out)) {
        out->issuer.known = true;
    }
    out->temporary = is_temporary(m, c);
    out->staging = is_staging(m, out);
    out->expiry = expiry_of(m, out);
    out->colour = VERDICT_UNKNOWN;
    out->state = state_of(m, out);
    out->verdict = certificate_state_verdict(out->state);
    if (out->colour == VERDICT_UNKNOWN) {
        out->colour = out->verdict;
    }
    // One that is not ready, and has neither a request nor an order, is at no stage of an issuance.
    bool joined = out->request != NULL || out->order != NULL;
    out->stage = stage_of(out, moving || (working && joined));
    if (has_failed(c)) {
        out->attempts = out->attempts > 0 ? out->attempts : 1;
        out->next_try = next_try(m, c, out->renews);
    }
    issuance_reason(m, out);
    judge_renewal(m, out);
    issuance_steps(m, out);
}
