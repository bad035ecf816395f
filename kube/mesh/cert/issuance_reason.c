// SPDX-License-Identifier: Apache-2.0
// Makes the reason of a Certificate from its state, its conditions and the deepest reason.
#include "kube/mesh/cert/issuance_reason.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/controller_flags.h"
#include "kube/mesh/cert/deepest_reason.h"
#include "kube/mesh/cert/issuance_failure.h"
#include "kube/mesh/cert/issuance_hint.h"

// A condition Issuing or Ready in a sentence: "DoesNotExist: the Secret does not exist".
static const char *condition_sentence(struct arena *a, const struct condition *c)
{
    static const char head[] = "Issuing certificate as ";
    const char *message = str_or_empty(c->message);
    if (str_starts(message, head)) {
        message = arena_printf(a, "the %s", message + sizeof head - 1);
    }
    bool there = str_empty(c->reason) || str_starts(message, c->reason);
    return there ? message : arena_printf(a, "%s: %s", c->reason, message);
}

static const char *join_text(struct arena *a, const char *head, const char *tail)
{
    return str_empty(tail) ? head : arena_printf(a, "%s; %s", head, tail);
}

// What to ask where nothing moves, or the answer.
static const char *is_it_running(const struct mesh *m)
{
    const char *stopped = controller_stopped(m);
    return stopped != NULL ? stopped : "is cert-manager running?";
}

// A sentence, and the full text that it was made from. NULL: none.
struct reason_text {
    const char *text, *full;
};

// The Certificate reports a failure, and there may be a newer request.
static struct reason_text failed_reason(const struct mesh *m, const struct certificate_status *s,
                                        const struct deepest_reason *d)
{
    const struct condition *failed = certificate_failure(s->certificate);
    const char *reported = failed->message != NULL ? reason_strip(failed->message) : failed->reason;
    struct reason_text r = {d->text, d->full};
    bool newer = s->request != NULL && d->text != NULL &&
                 request_is_newer_than_failure(s->certificate, s->request);
    if (newer) {
        bool denied =
            !str_eq(failed->reason, "Failed") && !str_eq(failed->reason, "InvalidCertificate");
        r.text = arena_printf(m->arena, "%s; the Certificate still reports an older request: %s%s",
                              d->text, denied ? "denied: " : "", reported);
    } else if (d->text == NULL || !d->wrong) {
        r.text = reported;
    }
    r.full = failed->message != NULL ? failed->message : r.text;
    return r;
}

// The Certificate is being issued, or made again.
static struct reason_text issuing_reason(const struct mesh *m, const struct certificate_status *s,
                                         const struct deepest_reason *d)
{
    const struct condition *issuing = condition_find(&s->certificate->conditions, "Issuing");
    struct reason_text r = {d->text, d->full};
    if (issuing == NULL || issuing->status != CONDITION_TRUE ||
        (d->wrong && s->stage != STAGE_CERTIFICATE)) {
        return r;
    }
    // Say why a certificate is issued again; the first issuance needs no explanation.
    const char *why = condition_sentence(m->arena, issuing);
    bool first = s->certificate->revision < 0 && str_eq(issuing->reason, "DoesNotExist");
    if (d->text == NULL) {
        r.text = why;
    } else if (!first || (s->request == NULL && s->order == NULL && !d->wrong)) {
        r.text = join_text(m->arena, why, d->text);
    }
    r.full = r.full != NULL ? r.full : issuing->message;
    return r;
}

// What the state itself says, before or in place of `r`, the reason of an issuance.
static struct reason_text state_reason(const struct mesh *m, const struct certificate_status *s,
                                       const struct deepest_reason *d, struct reason_text r)
{
    struct arena *a = m->arena;
    const struct certificate *c = s->certificate;
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    switch (s->state) {
    case CERTIFICATE_DELETING:
        r.text = arena_printf(a, "being deleted since %s", time_format(a, c->o.deleted));
        break;
    case CERTIFICATE_EXPIRED: {
        const char *doubt =
            certificate_left_alone(m, s)
                ? arena_printf(a, " (controller still says Ready: %s)", is_it_running(m))
                : "";
        const char *expired = arena_printf(a, "expired %s%s", time_format(a, c->not_after), doubt);
        r.text = join_text(a, expired, r.text);
        break;
    }
    case CERTIFICATE_TEMPORARY:
        r.text = join_text(a, "temporary self-signed certificate, not trusted", r.text);
        break;
    case CERTIFICATE_NOT_READY:
        if (ready != NULL) {
            r.text = join_text(a, condition_sentence(a, ready), d->wrong ? d->text : NULL);
            r.full = d->wrong && !str_empty(ready->message) ? join_text(a, ready->message, d->full)
                     : d->wrong                             ? d->full
                                                            : ready->message;
        }
        break;
    case CERTIFICATE_OVERDUE:
        r.text = arena_printf(a, "renewal was due %s", time_format(a, s->renews));
        if (controller_stopped(m) != NULL) {
            r.text = join_text(a, r.text, controller_stopped(m));
        }
        break;
    case CERTIFICATE_STAGING:
        r.text = s->issuer.object != NULL &&
                         acme_environment_of(s->issuer.object->server) == ACME_PRODUCTION
                     ? "still the staging certificate, though the issuer is production now; renew "
                       "it"
                     : "issued by Let's Encrypt staging, which browsers do not trust";
        break;
    case CERTIFICATE_UNKNOWN:
        r.text = "from a file, without a status: its issuance is not known";
        break;
    case CERTIFICATE_NEW:
        r.text = "no controller has looked at it yet";
        break;
    case CERTIFICATE_NOT_PICKED_UP:
        r.text = arena_printf(a, "no controller has handled this: %s", is_it_running(m));
        break;
    default:
        break;
    }
    return r;
}

void issuance_reason(const struct mesh *m, struct certificate_status *s)
{
    const struct condition *issuing = condition_find(&s->certificate->conditions, "Issuing");
    const struct condition *failed = certificate_failure(s->certificate);
    bool moving = failed != NULL || (issuing != NULL && issuing->status == CONDITION_TRUE);
    bool joined = s->request != NULL || s->order != NULL;
    struct deepest_reason d = {NULL, NULL, false};
    if (moving || (s->state == CERTIFICATE_NOT_READY && joined)) {
        d = deepest_reason_find(m, s);
    }
    if (failed != NULL && d.text == NULL && !str_empty(failed->message)) {
        // The request was deleted or may not be read: the Certificate itself still says why.
        d = (struct deepest_reason){reason_strip(failed->message), failed->message, true};
    }
    struct reason_text r =
        state_reason(m, s, &d, failed != NULL ? failed_reason(m, s, &d) : issuing_reason(m, s, &d));
    s->failing = d.wrong && failed == NULL;
    s->mode = issuance_failure(m, s, &d);
    s->hint = issuance_hint(m, s, &d);
    s->reason = r.text != NULL ? acme_mask(m->arena, r.text) : "";
    s->full = r.full != NULL ? acme_mask(m->arena, r.full) : s->reason;
}
