// SPDX-License-Identifier: Apache-2.0
// Why a certificate is not there: the deepest reason in one sentence.
#include "kube/mesh/cert/issuance_reason.h"

#include "kube/base/text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/acme_solver.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/issuance_failure.h"
#include "kube/mesh/cert/issuance_steps.h"
#include "kube/mesh/cert/issuer.h"

#include <string.h>
#include <strings.h>

// --- texts

static const char *issuance_strip(const char *t)
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
        for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
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

// What follows the URL in "failed to perform self check GET request '{url}': Get "{url}": {error}".
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

// What a cloud's client says differs with each call, so the status has "<redacted ...>" in its place and only
// the event has the words.
static const char *provider_words(const struct mesh *m, const struct challenge *c)
{
    const struct event *e =
        strstr(c->reason, "<redacted ") != NULL ? newest_event(m, &c->o, "PresentError") : NULL;
    return e != NULL && !str_empty(e->message) ? e->message : c->reason;
}

static const char *challenge_sentence(const struct mesh *m, const struct challenge *c)
{
    static const char head[] = "Waiting for ", tail[] = " challenge propagation: ";
    struct arena *a = m->arena;
    const char *t = c->reason;
    if (c->o.deleted != TIME_NONE && mesh_reached(m, c->o.deleted + 121) && c->finalizers.n != 0) {
        return arena_printf(a, "Challenge %s stuck deleting: %s", c->o.name, issuance_strip(t));
    }
    const char *check = str_starts(t, head) ? strstr(t, tail) : NULL;
    if (check != NULL && strncasecmp(t + sizeof head - 1, "http-01", 7) == 0) { // "http-01" of old
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
        t = issuance_strip(t);
        return c->dns_name != NULL && strstr(t, c->dns_name) == NULL
                   ? arena_printf(a, "%s for %s failed: %s", challenge_type(c),
                                  challenge_name(a, c), t)
                   : t;
    }
    if (!c->presented && c->processing) {
        return arena_printf(a, "cannot present %s: %s", challenge_type(c),
                            issuance_strip(provider_words(m, c)));
    }
    return issuance_strip(t);
}

// --- the deepest reason

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
    const char *message = i->message != NULL ? i->message : "";
    const char *said = issuance_strip(message);
    if (str_starts(said, "secrets \"")) {
        said = arena_printf(a, "secret \"%s", said + strlen("secrets \""));
    }
    d.text = arena_printf(a, "%s not ready: %s", issuer_title(a, i), said);
    d.full = arena_printf(a, "%s not ready: %s", issuer_title(a, i), message);
    return d;
}

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
        d.text = arena_printf(a, "invalid request: %s", d.full != NULL ? d.full : "");
    } else if (!request_approved(r)) {
        d.text =
            arena_printf(a, "CertificateRequest %s/%s is not approved yet", r->o.ns, r->o.name);
        d.full = d.text;
        d.wrong = r->o.created != TIME_NONE && mesh_reached(m, r->o.created + 61);
    } else if (ready != NULL && ready->status != CONDITION_TRUE && !str_empty(ready->message)) {
        d.full = ready->message;
        d.text = issuance_strip(ready->message);
        bool plain = str_starts(d.text, "Waiting ") || str_starts(d.text, "Created Order") ||
                     str_starts(d.text, "certificate is requested") || // Venafi's
                     str_starts(d.text, "certificate still in a pending state");
        // The request keeps what it said of its issuer until somebody looks at it again.
        bool of_issuer =
            str_starts(d.text, "Referenced issuer ") || str_starts(d.text, "Referenced \"");
        d.wrong = !plain && !(of_issuer && s->issuer.known && s->issuer.ready);
        if (!plain && !str_eq(ready->reason, "Failed")) {
            d.text = arena_printf(a, "CertificateRequest %s/%s: %s", r->o.ns, r->o.name, d.text);
        }
    } else if (ready != NULL && ready->status == CONDITION_TRUE) {
        d.text = "issued, waiting to be stored in the Secret";
        d.full = ready->message;
        d.wrong = false;
    } else {
        d.text =
            arena_printf(a, "CertificateRequest %s/%s waits for its issuer", r->o.ns, r->o.name);
        d.full = d.text;
        d.wrong = false;
    }
    return d;
}

// "DoesNotExist: the Secret does not exist", as the Issuing or Ready condition has it.
static const char *condition_sentence(struct arena *a, const struct condition *c)
{
    static const char head[] = "Issuing certificate as ";
    const char *message = c->message != NULL ? c->message : "";
    if (str_starts(message, head)) {
        message = arena_printf(a, "the %s", message + sizeof head - 1);
    }
    bool said = str_empty(c->reason) || str_starts(message, c->reason);
    return said ? message : arena_printf(a, "%s: %s", c->reason, message);
}

// A wait that was asked for (waitInsteadOfSelfCheck), not a check that fails.
static bool waits_only(const struct challenge *c)
{
    return str_starts(c->reason, "Waiting ") && strstr(c->reason, "without self-check") != NULL;
}

// The worst challenge where it has failed but says nothing, else the order; NULL where neither has failed.
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

// Why there is no request though one is to be made: only an event of the Certificate says it.
static struct deepest_reason certificate_event_reason(const struct mesh *m,
                                                      const struct certificate_status *s)
{
    static const char *const reasons[] = {"CannotRegenerateKey", "RequestFailed"};
    struct deepest_reason d = {NULL, NULL, false};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons && d.text == NULL; i++) {
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

static struct deepest_reason deepest_of(const struct mesh *m, const struct certificate_status *s)
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
    }
    if (s->issuer.known && s->issuer.object == NULL && s->order != NULL) {
        return issuer_reason(m, s); // taken away meanwhile: nothing goes on without it
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

// --- the whole

static const char *join_text(struct arena *a, const char *head, const char *tail)
{
    return str_empty(tail) ? head : arena_printf(a, "%s; %s", head, tail);
}

static void working_reason(const struct mesh *m, struct certificate_status *s,
                           const struct deepest_reason *d, const char **text, const char **full)
{
    const struct certificate *c = s->certificate;
    const struct condition *issuing = condition_find(&c->conditions, "Issuing");
    const struct condition *failed = certificate_failure(c);
    *text = d->text;
    *full = d->full;
    if (failed != NULL) {
        bool old =
            s->request != NULL && d->text != NULL && request_is_newer_than_failure(c, s->request);
        if (old) {
            const char *said =
                failed->message != NULL ? issuance_strip(failed->message) : failed->reason;
            bool denied =
                !str_eq(failed->reason, "Failed") && !str_eq(failed->reason, "InvalidCertificate");
            *text =
                arena_printf(m->arena, "%s; the Certificate still tells of an older request: %s%s",
                             d->text, denied ? "denied: " : "", said);
        } else if (d->text == NULL || !d->wrong) {
            *text = failed->message != NULL ? issuance_strip(failed->message) : failed->reason;
        }
        *full = failed->message != NULL ? failed->message : *text;
    } else if (issuing != NULL && issuing->status == CONDITION_TRUE &&
               (!d->wrong || s->stage == STAGE_CERTIFICATE)) {
        // Why something that was there is made again; the first issuing needs no explanation.
        const char *why = condition_sentence(m->arena, issuing);
        bool first = c->revision < 0 && str_eq(issuing->reason, "DoesNotExist");
        *text = first && d->text != NULL ? d->text
                : d->text != NULL        ? join_text(m->arena, why, d->text)
                                         : why;
        *full = *full != NULL ? *full : issuing->message;
    }
}

void issuance_reason(const struct mesh *m, struct certificate_status *s)
{
    struct arena *a = m->arena;
    const struct certificate *c = s->certificate;
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    const struct condition *issuing = condition_find(&c->conditions, "Issuing");
    bool working =
        certificate_failure(c) != NULL || (issuing != NULL && issuing->status == CONDITION_TRUE);
    struct deepest_reason d = {NULL, NULL, false};
    if (working ||
        (s->state == CERTIFICATE_NOT_READY && (s->request != NULL || s->order != NULL))) {
        d = deepest_of(m, s);
    }
    const struct condition *failed = certificate_failure(c);
    if (failed != NULL && d.text == NULL && !str_empty(failed->message)) {
        // The request is collected or may not be read: the Certificate itself still says why.
        d = (struct deepest_reason){issuance_strip(failed->message), failed->message, true};
    }
    const char *text = NULL, *full = NULL;
    working_reason(m, s, &d, &text, &full);
    switch (s->state) {
    case CERTIFICATE_DELETING:
        text = arena_printf(a, "being deleted since %s", time_format(a, c->o.deleted));
        break;
    case CERTIFICATE_EXPIRED:
        text =
            join_text(a,
                      arena_printf(a, "expired %s%s", time_format(a, c->not_after),
                                   certificate_is_ready(c)
                                       ? " (controller still says Ready: is cert-manager running?)"
                                       : ""),
                      text);
        break;
    case CERTIFICATE_TEMPORARY:
        text = join_text(a, "temporary self-signed certificate, not trusted", text);
        break;
    case CERTIFICATE_NOT_READY:
        if (ready != NULL) {
            text = join_text(a, condition_sentence(a, ready), d.wrong ? d.text : NULL);
            full = d.wrong && !str_empty(ready->message) ? join_text(a, ready->message, d.full)
                   : d.wrong                             ? d.full
                                                         : ready->message;
        }
        break;
    case CERTIFICATE_OVERDUE:
        text = arena_printf(a, "renewal was due %s", time_format(a, s->renews));
        break;
    case CERTIFICATE_STAGING:
        text = s->issuer.object != NULL &&
                       acme_environment(s->issuer.object->server) == ACME_PRODUCTION
                   ? "still the staging certificate, though the issuer is production now; renew it"
                   : "issued by Let's Encrypt staging, which browsers do not trust";
        break;
    case CERTIFICATE_UNKNOWN:
        text = "from a file, without a status: its issuance is not known";
        break;
    case CERTIFICATE_NEW:
        text = "no controller has looked at it yet";
        break;
    case CERTIFICATE_NOT_PICKED_UP:
        text = "no controller has handled this (cert-manager down, or issuerRef.group foreign)";
        break;
    default:
        break;
    }
    s->mode = issuance_failure(m, s, &d);
    s->hint = issuance_hint(m, s, &d);
    s->reason = text != NULL ? acme_mask(a, text) : "";
    s->full = full != NULL ? acme_mask(a, full) : s->reason;
}
