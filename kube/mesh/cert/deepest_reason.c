// SPDX-License-Identifier: Apache-2.0
// Looks for the deepest object of an issuance that says why it does not continue: challenges, order, issuer, request.
#include "kube/mesh/cert/deepest_reason.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/acme_solver.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/controller_flags.h"
#include "kube/mesh/cert/issuance_steps.h"
#include "kube/mesh/cert/issuer.h"

#include <string.h>

// Seconds after which nothing more is expected: of another project's controller that has a request, and of cert-manager
// when it has to store what was issued.
enum { FOREIGN_S = 1800, STORED_S = 300 };

const char *reason_strip(const char *t)
{
    static const char *const heads[] = {
        "The certificate request has failed to complete and will be retried: ",
        "Error accepting authorization: ",
        "Error accepting challenge: ",
        "Error presenting challenge: ",
        "Error getting keypair for CA issuer: ",
        "acme: ",
    };
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
            if (str_starts(t, heads[i]) && t[strlen(heads[i])] != '\0') {
                t += strlen(heads[i]);
                again = true;
            }
        }
        static const char order[] = "Failed to wait for order resource ", state[] = "\" state: ";
        const char *end = str_starts(t, order) ? strstr(t, state) : NULL;
        if (end != NULL && end[sizeof state - 1] != '\0') {
            t = end + sizeof state - 1;
            again = true;
        }
    }
    return t;
}

// The error of "failed to perform self check GET request '{url}': Get "{url}": {error}"; another text as it is.
static const char *self_check_error(const char *t)
{
    static const char check[] = "failed to perform self check GET request ";
    const char *at = strstr(t, check);
    if (at == NULL) {
        return t;
    }
    const char *error = strstr(at, "': ");
    if (error == NULL) {
        return at;
    }
    error += 3;
    if (str_starts(error, "Get \"")) {
        const char *end = strstr(error, "\": ");
        error = end != NULL ? end + 3 : error;
    }
    return error;
}

// The words of a DNS provider. The status has "<redacted ...>" for what differs with each call; only the event has it
// (docs/rules/certificates.md#challenge-redacted).
static const char *provider_words(const struct mesh *m, const struct challenge *c)
{
    const struct event *e =
        strstr(c->reason, "<redacted ") != NULL ? newest_event(m, &c->o, "PresentError") : NULL;
    return e != NULL && !str_empty(e->message) ? e->message : c->reason;
}

// What a challenge says, in a sentence.
static const char *challenge_sentence(const struct mesh *m, const struct challenge *c)
{
    static const char head[] = "Waiting for ", tail[] = " challenge propagation: ";
    struct arena *a = m->arena;
    const char *t = c->reason;
    // docs/rules/certificates.md#challenge-finalizers
    if (challenge_stuck_deleting(m, c)) {
        return arena_printf(a, "Challenge %s stuck deleting: %s", c->o.name, reason_strip(t));
    }
    const char *check = str_starts(t, head) ? strstr(t, tail) : NULL;
    if (check != NULL && str_same_case(t + sizeof head - 1, "http-01", 7)) { // "http-01" of old
        const char *rest = check + sizeof tail - 1;
        if (str_starts(rest, "did not get expected response")) {
            rest = "did not get expected response";
        }
        return arena_printf(a, "HTTP-01 self-check for %s fails: %s",
                            c->dns_name != NULL ? c->dns_name : c->o.name, self_check_error(rest));
    }
    if (check != NULL) {
        return arena_printf(a, "DNS-01 self-check for %s fails: %s", challenge_name(a, c),
                            check + sizeof tail - 1);
    }
    if (str_starts(t, "Waiting ")) {
        return t;
    }
    if (challenge_failed(c)) {
        t = reason_strip(t);
        return c->dns_name != NULL && strstr(t, c->dns_name) == NULL
                   ? arena_printf(a, "%s for %s failed: %s", challenge_type(c),
                                  challenge_name(a, c), t)
                   : t;
    }
    if (!c->presented && c->processing) {
        return arena_printf(a, "cannot present %s: %s", challenge_type(c),
                            reason_strip(provider_words(m, c)));
    }
    return reason_strip(t);
}

// Whether the order waits because no solver can prove a name. *event is the event that shows it, NULL: none.
static bool no_solver(const struct mesh *m, const struct certificate_status *s,
                      const struct event **event)
{
    const struct order *o = s->order;
    *event = NULL;
    if (o == NULL || s->nchallenges != 0 || !str_eq(o->state, "pending")) {
        return false;
    }
    *event = newest_event(m, &o->o, "Solver");
    return *event != NULL || (o->o.created != TIME_NONE && mesh_reached(m, o->o.created + 61) &&
                              acme_solver_unsolved_name(s) != NULL);
}

static struct deepest_reason solver_reason(const struct mesh *m, const struct certificate_status *s,
                                           const struct event *event)
{
    static const char tail[] = "no configured challenge solvers can be used for this challenge";
    const char *name = acme_solver_unsolved_name(s);
    const char *said = event != NULL && event->message != NULL ? event->message : tail;
    const char *last = strstr(said, "no configured challenge solvers");
    last = last != NULL ? last : said;
    struct deepest_reason d = {NULL, said, true};
    bool wild = name != NULL && str_starts(name, "*.");
    d.text = arena_printf(
        m->arena, "no %ssolver for %s%s: %s", wild ? "DNS-01 " : "",
        name != NULL ? name
                     : arena_printf(m->arena, "Order %s/%s", s->order->o.ns, s->order->o.name),
        wild ? "; wildcards need one" : "", last);
    return d;
}

static struct deepest_reason issuer_reason(const struct mesh *m, const struct certificate_status *s)
{
    struct arena *a = m->arena;
    const struct issuer_status *i = &s->issuer;
    struct deepest_reason d = {NULL, NULL, true};
    if (i->object == NULL) {
        d.text = arena_printf(a, "%s not found", issuer_title(a, i));
        d.full = d.text;
        return d;
    }
    const char *message = str_or_empty(i->message);
    const char *said = reason_strip(message);
    if (str_starts(said, "secrets \"")) {
        said = arena_printf(a, "secret \"%s", said + strlen("secrets \""));
    }
    d.text = arena_printf(a, "%s not ready: %s", issuer_title(a, i), said);
    d.full = arena_printf(a, "%s not ready: %s", issuer_title(a, i), message);
    return d;
}

// The certificate is issued: what keeps it from being stored (docs/rules/certificates.md#failure-store). `ready`: of
// the request.
static struct deepest_reason storing_reason(const struct mesh *m,
                                            const struct certificate_status *s,
                                            const struct condition *ready)
{
    const struct certificate *c = s->certificate;
    const struct event *e = newest_event(m, &c->o, "KeystorePasswordSecretNotFound");
    struct deepest_reason d = {"issued, waiting to be stored in the Secret", ready->message, false};
    if (e != NULL && !str_empty(e->message) &&
        (s->since == TIME_NONE || event_time(e) >= s->since)) {
        return (struct deepest_reason){e->message, e->message, true};
    }
    // Of a cluster only Secrets with certificates are read.
    bool all = m->snap->cluster.from_files && mesh_complete(m, KIND_SECRET);
    for (uint32_t i = 0; all && i < c->keystore_secrets.n; i++) {
        const char *name = c->keystore_secrets.at[i];
        if (mesh_get(m, KIND_SECRET, c->o.ns, name) == NULL) {
            d.text = arena_printf(m->arena, "keystore password Secret \"%s\" not found", name);
            d.full = d.text;
            d.wrong = true;
            return d;
        }
    }
    if (certificate_failure(c) == NULL && ready->last_transition != TIME_NONE &&
        mesh_reached(m, ready->last_transition + STORED_S)) {
        d.text = arena_printf(m->arena, "issued %s, but not stored in Secret %s/%s",
                              time_format(m->arena, ready->last_transition), c->o.ns,
                              str_or_empty(c->secret_name));
        d.wrong = true;
    }
    return d;
}

// The first condition of the request that counts (docs/rules/certificates.md#request-state).
static struct deepest_reason request_reason(const struct mesh *m,
                                            const struct certificate_status *s)
{
    struct arena *a = m->arena;
    const struct certificaterequest *r = s->request;
    struct deepest_reason d = {NULL, NULL, true};
    const struct condition *denied = condition_find(&r->conditions, "Denied");
    const struct condition *invalid = condition_find(&r->conditions, "InvalidRequest");
    const struct condition *ready = condition_find(&r->conditions, "Ready");
    if (denied != NULL && denied->status == CONDITION_TRUE) {
        d.full = !str_empty(denied->message) ? denied->message : denied->reason;
        d.text = arena_printf(a, "denied: %s", d.full != NULL ? d.full : "no reason given");
    } else if (invalid != NULL && invalid->status == CONDITION_TRUE) {
        d.full = !str_empty(invalid->message) ? invalid->message : invalid->reason;
        d.text = arena_printf(a, "invalid request: %s", str_or_empty(d.full));
    } else if (!request_approved(r)) {
        d.text =
            arena_printf(a, "CertificateRequest %s/%s is not approved yet", r->o.ns, r->o.name);
        d.full = d.text;
        d.wrong = r->o.created != TIME_NONE && mesh_reached(m, r->o.created + 61);
    } else if (ready != NULL && ready->status != CONDITION_TRUE && !str_empty(ready->message)) {
        d.full = ready->message;
        d.text = reason_strip(ready->message);
        bool plain = str_starts(d.text, "Waiting ") || str_starts(d.text, "Created Order") ||
                     str_starts(d.text, "certificate is requested") || // Venafi's
                     str_starts(d.text, "certificate still in a pending state");
        // The request keeps its message about the issuer until a controller looks at it again.
        bool of_issuer =
            str_starts(d.text, "Referenced issuer ") || str_starts(d.text, "Referenced \"");
        d.wrong = !plain && !(of_issuer && s->issuer.known && s->issuer.ready);
        if (!plain && !str_eq(ready->reason, "Failed")) {
            d.text = arena_printf(a, "CertificateRequest %s/%s: %s", r->o.ns, r->o.name, d.text);
        }
    } else if (ready != NULL && ready->status == CONDITION_TRUE) {
        d = storing_reason(m, s, ready);
    } else if (issuer_is_foreign(&s->issuer) && r->o.created != TIME_NONE &&
               mesh_reached(m, r->o.created + FOREIGN_S)) {
        // docs/rules/certificates.md#issuer-reference
        d.text = arena_printf(a, "%s has not answered CertificateRequest %s/%s",
                              issuer_title(a, &s->issuer), r->o.ns, r->o.name);
        d.full = d.text;
    } else {
        d.text = arena_printf(a, "CertificateRequest %s/%s waits for %s", r->o.ns, r->o.name,
                              issuer_is_foreign(&s->issuer) ? issuer_title(a, &s->issuer)
                                                            : "its issuer");
        d.full = d.text;
        d.wrong = false;
    }
    return d;
}

// Whether the challenge waits as configured (waitInsteadOfSelfCheck), not because a check fails.
static bool waits_only(const struct challenge *c)
{
    return str_starts(c->reason, "Waiting ") && strstr(c->reason, "without self-check") != NULL;
}

// A sentence that the worst challenge or the order has failed, for where neither says why. NULL if neither has failed.
static const char *failed_silently(const struct mesh *m, const struct certificate_status *s)
{
    const struct challenge *c = s->nchallenges != 0 ? s->challenges[0] : NULL;
    if (c != NULL && challenge_failed(c)) {
        return arena_printf(m->arena, "%s for %s is %s", challenge_type(c),
                            challenge_name(m->arena, c), c->state);
    }
    return s->order != NULL && order_failed(s->order)
               ? arena_printf(m->arena, "Order %s/%s is %s", s->order->o.ns, s->order->o.name,
                              s->order->state)
               : NULL;
}

// Why there is no request though one should be made: only an event of the Certificate says it
// (docs/rules/certificates.md#certificate-events).
static struct deepest_reason certificate_event_reason(const struct mesh *m,
                                                      const struct certificate_status *s)
{
    static const char *const reasons[] = {"CannotRegenerateKey", "RequestFailed"};
    struct deepest_reason d = {NULL, NULL, false};
    for (size_t i = 0; i < ARRAY_COUNT(reasons) && d.text == NULL; i++) {
        const struct event *e = newest_event(m, &s->certificate->o, reasons[i]);
        if (e != NULL && !str_empty(e->message) && !event_is_noise(e) &&
            (s->since == TIME_NONE || event_time(e) >= s->since)) {
            d.text = e->message;
            d.full = e->message;
            d.wrong = true;
        }
    }
    return d;
}

// That there is no request though one has been due for two minutes. Otherwise the text is NULL.
static struct deepest_reason no_request_reason(const struct mesh *m,
                                               const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    struct deepest_reason d = {NULL, NULL, false};
    if (s->since == TIME_NONE || !mesh_reached(m, s->since + 121)) {
        return d;
    }
    if (!mesh_complete(m, KIND_CERTIFICATEREQUEST)) {
        d.text =
            m->snap->cluster.from_files ? "its CertificateRequest is not in these files" : NULL;
    } else {
        const char *stopped = controller_stopped(m);
        d.text =
            arena_printf(m->arena, "no CertificateRequest has been made for %s/%s%s%s", c->o.ns,
                         c->o.name, stopped != NULL ? "; " : "", str_or_empty(stopped));
        d.wrong = true;
    }
    d.full = d.text;
    return d;
}

struct deepest_reason deepest_reason_find(const struct mesh *m, const struct certificate_status *s)
{
    struct deepest_reason d = {NULL, NULL, false};
    const struct event *event;
    for (uint32_t i = 0; i < s->nchallenges; i++) {
        const struct challenge *c = s->challenges[i];
        if (!str_eq(c->state, "valid") && !str_empty(c->reason)) {
            d.text = challenge_sentence(m, c);
            d.full = c->reason;
            d.wrong = !waits_only(c);
            return d;
        }
    }
    if (s->order != NULL && !str_empty(s->order->reason)) {
        d.text = s->order->reason;
        d.full = s->order->reason;
        d.wrong = true;
        return d;
    }
    if (no_solver(m, s, &event)) {
        return solver_reason(m, s, event);
    }
    if (s->stage == STAGE_ISSUER) {
        return issuer_reason(m, s);
    }
    const char *silent = failed_silently(m, s);
    if (silent != NULL) {
        return (struct deepest_reason){silent, silent, true};
    }
    if (s->request == NULL && s->order == NULL && certificate_failure(s->certificate) == NULL) {
        struct deepest_reason e = certificate_event_reason(m, s);
        if (e.text != NULL) {
            return e;
        }
        e = no_request_reason(m, s);
        if (e.text != NULL) {
            return e;
        }
    }
    if (s->issuer.known && s->issuer.object == NULL && s->order != NULL) {
        return issuer_reason(m, s); // deleted meanwhile: nothing continues without it
    }
    const char *moving = issuance_progress(m, s);
    struct deepest_reason r = s->request != NULL ? request_reason(m, s) : d;
    if (r.wrong && s->issuer.known && !s->issuer.ready && r.full != NULL &&
        str_starts(r.full, "Referenced ") && strstr(r.full, "ssuer") != NULL) {
        return issuer_reason(m, s);
    }
    if (r.wrong || moving == NULL) {
        d = r;
    }
    if (d.text == NULL && moving != NULL) {
        d.text = moving;
        d.full = r.full != NULL ? r.full : moving;
    }
    return d;
}
