// SPDX-License-Identifier: Apache-2.0
// Why, what to do, what next: from the chain of a host, the status of a Certificate, or a finding.
#include "views/explanation.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/certificate_cause.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/issuance_steps.h"
#include "kube/mesh/core/mesh_memo.h"

#include "views/detail_internal.h"

#include <string.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

// A length of time in its largest unit, of which there are at least two.
static const char *one_unit(struct arena *a, int64_t s)
{
    return s < 2 * MINUTE ? arena_printf(a, "%ds", (int)s)
           : s < 2 * HOUR ? arena_printf(a, "%dm", (int)(s / MINUTE))
           : s < 2 * DAY  ? arena_printf(a, "%dh", (int)(s / HOUR))
                          : duration_short(a, s - s % DAY);
}

const char *explain_age(const struct view_args *a, int64_t since, bool at_most)
{
    if (since == TIME_NONE) {
        return "";
    }
    const char *age = one_unit(a->arena, a->now > since ? a->now - since : 0);
    return at_most ? arena_concat(a->arena, "<", age, NULL) : age;
}

const char *explain_in(const struct view_args *a, int64_t t)
{
    const int64_t s = t - a->now;
    if (s <= 0) {
        return "now";
    }
    if (s < 2 * HOUR || s >= DAY) {
        return arena_concat(a->arena, "in ", one_unit(a->arena, s), NULL);
    }
    return arena_printf(a->arena, "in %dh%02dm", (int)(s / HOUR), (int)(s % HOUR / MINUTE));
}

static const char *next_of_failed(const struct view_args *a, const struct certificate_status *s)
{
    const char *tries =
        arena_printf(a->arena, "cert-manager tries again %s", explain_in(a, s->next_try));
    const int64_t refused = certificate_refused_until(s);
    if (refused != TIME_NONE && refused > s->next_try) {
        return arena_printf(a->arena, "%s: it will be refused until %s", tries,
                            detail_instant(a, refused));
    }
    return tries;
}

const char *explain_next(const struct view_args *a, const struct certificate_status *s, int64_t *at)
{
    const struct mesh m = view_mesh(a);
    *at = TIME_NONE;
    if (s->next_try != TIME_NONE) {
        *at = s->next_try > a->now ? s->next_try : a->now;
        return next_of_failed(a, s);
    }
    const bool under_way = s->request != NULL && s->stage != STAGE_ISSUED && !s->failing;
    if (s->failing) {
        return "cert-manager keeps trying; it goes on when the reason is mended";
    }
    if (under_way) {
        const char *progress = issuance_progress(&m, s);
        return progress != NULL ? progress
                                : arena_printf(a->arena, "the issuance goes on: %s",
                                               certificate_stage_name(s->stage));
    }
    if (s->renews != TIME_NONE && s->renews > a->now) {
        *at = s->renews;
        return arena_printf(a->arena, "it is renewed %s", explain_in(a, s->renews));
    }
    if (s->not_after != TIME_NONE && s->not_after > a->now) {
        *at = s->not_after;
        return arena_printf(a->arena, "no renewal is under way; it ends %s",
                            explain_in(a, s->not_after));
    }
    return "nothing is planned: it stays so until it is mended";
}

static const struct certificate_status *status_of(const struct view_args *a, const struct cause *c)
{
    const struct mesh plain = view_mesh(a), m = mesh_with_memo(&plain);
    const struct object *o =
        c->kind == KIND_CERTIFICATE ? mesh_get(&m, c->kind, c->ns, c->name) : NULL;
    if (o == NULL) {
        return NULL;
    }
    struct certificate_status *s = arena_alloc(a->arena, sizeof *s);
    certificate_status_fill(&m, OBJECT_AS(certificate, o), s);
    return s;
}

// The link of the chain that a row's fault is about; NULL if the chain is gone, or the link is well by now.
static const struct chain_link *link_of(const struct view_args *a, const struct cause *c)
{
    const struct app_fault *f = cause_fault(c, c->rows[0]);
    const struct mesh m = view_mesh(a);
    const struct chain *chain = app_chain(&m, c->rows[0], a->options->dns);
    const struct chain_link *l = chain != NULL && f != NULL ? &chain->link[f->link] : NULL;
    return l != NULL && l->state > VERDICT_OK ? l : NULL;
}

static const char *stays(const struct cause *c)
{
    return c->link == LINK_DNS ? "external-dns looks again by itself; resolvers may keep the old "
                                 "answer for its TTL"
           : c->link == LINK_NAMESPACE && c->state == VERDICT_PENDING
               ? "its objects go when the finalizers have ended"
               : "nothing happens by itself: it stays so until it is mended";
}

struct explanation explain_cause(const struct view_args *a, const struct cause *c)
{
    struct explanation e = {.why = c->words, .todo = "", .next = stays(c)};
    if (c->finding != NULL) {
        e.why = c->finding->message;
        e.todo = str_or_empty(c->finding->hint);
    }
    const struct chain_link *l = c->nrows > 0 ? link_of(a, c) : NULL;
    if (l != NULL) {
        e.why = str_or_empty(l->reason);
        e.todo = l->fault.todo != NULL ? l->fault.todo : e.todo;
    }
    const struct certificate_status *s = status_of(a, c);
    if (s != NULL && c->field[0] == '\0') {
        int64_t at;
        e.why = arena_printf(a->arena, "%s: %s", certificate_state_name(s->state),
                             !str_empty(s->reason) ? s->reason : c->words);
        e.todo = str_or_empty(s->hint);
        e.next = explain_next(a, s, &at);
    }
    return e;
}
