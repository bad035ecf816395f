// SPDX-License-Identifier: Apache-2.0
// Works out when each step of an issuance ended, and describes its progress.
#include "kube/mesh/cert/issuance_steps.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/core/mesh_objects.h"

#include <string.h>

// --- steps

// Which steps are done, and when each ended, TIME_NONE: unknown.
struct step_ends {
    int64_t at[STEP_COUNT];
    bool done[STEP_COUNT];
};

static void set_done(struct step_ends *e, enum issuance_step s, int64_t when)
{
    e->done[s] = true;
    e->at[s] = when;
}

// When an event with that reason was last seen, TIME_NONE if there is none.
static int64_t time_of_event(const struct mesh *m, const struct object *o, const char *reason)
{
    const struct event *e = newest_event(m, o, reason);
    return e != NULL ? event_time(e) : TIME_NONE;
}

static void challenge_ends(const struct mesh *m, const struct certificate_status *s,
                           struct step_ends *e)
{
    bool all_presented = s->nchallenges != 0, all_valid = s->nchallenges != 0;
    int64_t presented = TIME_NONE, valid = TIME_NONE;
    for (uint32_t i = 0; i < s->nchallenges; i++) {
        const struct challenge *c = s->challenges[i];
        bool is_valid = str_eq(c->state, "valid");
        all_presented = all_presented && (is_valid || challenge_presented(m, c));
        all_valid = all_valid && is_valid;
        int64_t t =
            c->presented_at != TIME_NONE ? c->presented_at : time_of_event(m, &c->o, "Presented");
        presented = t > presented ? t : presented;
        t = time_of_event(m, &c->o, "DomainVerified");
        valid = t > valid ? t : valid;
    }
    const char *state = s->order->state;
    bool past = str_eq(state, "ready") || str_eq(state, "processing") || str_eq(state, "valid");
    if (all_presented || past) {
        set_done(e, STEP_PRESENTED, presented);
    }
    if (all_valid || past) {
        set_done(e, STEP_PROPAGATING, valid);
        set_done(e, STEP_VALID, valid);
    }
}

static void find_ends(const struct mesh *m, const struct certificate_status *s, struct step_ends *e)
{
    const struct certificaterequest *r = s->request;
    for (int i = 0; i < STEP_COUNT; i++) {
        e->at[i] = TIME_NONE;
        e->done[i] = false;
    }
    if (r == NULL) {
        return;
    }
    set_done(e, STEP_REQUESTED, r->o.created);
    const struct condition *approved = condition_find(&r->conditions, "Approved");
    if (request_approved(r)) {
        set_done(e, STEP_APPROVED, approved != NULL ? approved->last_transition : r->o.created);
    }
    if (s->order != NULL) {
        if (!str_empty(s->order->state) && !(order_failed(s->order) && s->nchallenges == 0)) {
            set_done(e, STEP_ORDERED, s->order->o.created);
        }
        challenge_ends(m, s, e);
    }
    const struct condition *ready = condition_find(&r->conditions, "Ready");
    if (ready != NULL && ready->status == CONDITION_TRUE) {
        for (int i = STEP_ORDERED; s->order != NULL && i < STEP_FINALISED; i++) {
            e->done[i] = true;
        }
        set_done(e, STEP_FINALISED, ready->last_transition);
        if (s->stage == STAGE_ISSUED) {
            const struct event *stored = newest_event(m, &s->certificate->o, "Issuing");
            bool about_end = stored != NULL && stored->message != NULL &&
                             strstr(stored->message, "successfully issued") != NULL;
            set_done(e, STEP_STORED, about_end ? event_time(stored) : ready->last_transition);
        }
    }
}

void issuance_steps(const struct mesh *m, struct certificate_status *s)
{
    struct step_ends e;
    find_ends(m, s, &e);
    bool acme =
        s->order != NULL || (s->issuer.object != NULL && s->issuer.object->type == ISSUER_ACME);
    bool failed =
        certificate_failure(s->certificate) != NULL &&
        !(s->request != NULL && request_is_newer_than_failure(s->certificate, s->request));
    bool working = s->stage != STAGE_ISSUED && s->certificate->conditions.n != 0;
    int64_t before = s->stage == STAGE_ISSUED ? TIME_NONE : s->since;
    bool open = false; // an earlier step is not done
    for (int i = 0; i < STEP_COUNT; i++) {
        struct issuance_step_time *step = &s->steps[i];
        step->seconds = -1;
        if (i >= STEP_ORDERED && i < STEP_FINALISED && !acme) {
            step->state = STEP_NONE;
            continue;
        }
        if (e.done[i]) {
            step->state = STEP_DONE;
            if (e.at[i] != TIME_NONE && before != TIME_NONE && e.at[i] >= before) {
                step->seconds = e.at[i] - before;
            }
            before = e.at[i] != TIME_NONE ? e.at[i] : before;
        } else if (!open && working) {
            step->state = failed ? STEP_FAILED : STEP_DOING;
            if (before != TIME_NONE && m->now >= before && !failed) {
                step->seconds = m->now - before;
            }
            open = true;
        } else {
            step->state = STEP_TODO;
        }
    }
}

// --- progress in words, where nothing is wrong

enum { MOST_CHALLENGES = 60 }; // --max-concurrent-challenges, by default

// "queued", with the Challenge that it waits for: cert-manager works on one Challenge of a name and type at a time
// (docs/rules/certificates.md#challenge-queue).
static const char *queued_behind(const struct mesh *m, const struct challenge *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_CHALLENGE, &n);
    uint32_t working = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct challenge *x = OBJECT_AS(challenge, all[i]);
        working += x->processing ? 1 : 0;
        if (x == c || !x->processing || !str_eq(x->dns_name, c->dns_name) ||
            !str_eq(x->type, c->type)) {
            continue;
        }
        const struct object *order =
            x->o.nowners != 0 ? mesh_get(m, KIND_ORDER, x->o.ns, x->o.owners[0].name) : NULL;
        const char *certificate =
            order != NULL ? object_certmanager_mark(order, "certificate-name") : NULL;
        return arena_printf(m->arena, "queued after Challenge %s/%s%s%s", x->o.ns, x->o.name,
                            certificate != NULL ? " of Certificate " : "",
                            str_or_empty(certificate));
    }
    return working < MOST_CHALLENGES
               ? "queued"
               : arena_printf(m->arena, "queued: %u Challenges are worked on at a time", working);
}

static const char *challenge_progress(const struct mesh *m, const struct certificate_status *s)
{
    struct arena *a = m->arena;
    uint32_t presented = 0, waiting = 0, valid = 0;
    const struct challenge *first = NULL, *next = NULL;
    for (uint32_t i = 0; i < s->nchallenges; i++) {
        const struct challenge *c = s->challenges[i];
        if (str_eq(c->state, "valid")) {
            valid++;
        } else if (challenge_presented(m, c)) {
            first = first == NULL ? c : first;
            presented++;
        } else {
            next = next == NULL ? c : next;
            waiting++;
        }
    }
    if (first != NULL) {
        const char *more = presented > 1 ? arena_printf(a, " and %u more", presented - 1) : "";
        const char *queued = waiting == 0 ? ""
                             : waiting == 1 && s->nchallenges == 2
                                 ? "; the other challenge is queued"
                                 : arena_printf(a, "; %u challenges are queued", waiting);
        return arena_printf(a, "%s presented for %s%s, waiting%s", challenge_type(first),
                            challenge_name(a, first), more, queued);
    }
    if (next != NULL) {
        const char *place = next->processing ? "being presented" : queued_behind(m, next);
        return arena_printf(a, "%s for %s is %s%s", challenge_type(next), challenge_name(a, next),
                            place, valid != 0 ? arena_printf(a, "; %u valid", valid) : "");
    }
    if (s->nchallenges != 0) {
        return arena_printf(a, "all challenges valid, Order %s/%s goes on", s->order->o.ns,
                            s->order->o.name);
    }
    return NULL;
}

static const char *order_progress(const struct mesh *m, const struct certificate_status *s)
{
    const struct order *o = s->order;
    struct arena *a = m->arena;
    if (str_empty(o->state)) {
        bool old = o->o.created != TIME_NONE && mesh_reached(m, o->o.created + 5);
        return arena_printf(
            a, "Order %s/%s %s", o->o.ns, o->o.name,
            old ? "has no state: the ACME server has not answered, it may be out of reach"
                : "waits for the ACME server");
    }
    if (s->stage == STAGE_FINALIZE) {
        return arena_printf(a, "Order %s/%s is %s, waiting for the certificate", o->o.ns, o->o.name,
                            o->state);
    }
    return arena_printf(a, "Order %s/%s is %s", o->o.ns, o->o.name, o->state);
}

const char *issuance_progress(const struct mesh *m, const struct certificate_status *s)
{
    const char *moving = challenge_progress(m, s);
    return moving == NULL && s->order != NULL ? order_progress(m, s) : moving;
}
