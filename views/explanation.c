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

enum next_event certificate_next_event(const struct view_args *a,
                                       const struct certificate_status *s, int64_t *at)
{
    *at = TIME_NONE;
    if (s->next_try != TIME_NONE) {
        *at = s->next_try > a->now ? s->next_try : a->now;
        return NEXT_TRY;
    }
    if (s->failing || (s->request != NULL && s->stage != STAGE_ISSUED)) {
        return NEXT_NONE;
    }
    if (s->renews != TIME_NONE && s->renews > a->now) {
        *at = s->renews;
        return NEXT_RENEWAL;
    }
    if (s->not_after != TIME_NONE && s->not_after > a->now) {
        *at = s->not_after;
        return NEXT_END;
    }
    return NEXT_NONE;
}

static const char *next_of_failed(const struct view_args *a, const struct certificate_status *s,
                                  int64_t at)
{
    const char *tries = arena_printf(a->arena, "cert-manager tries again %s", explain_in(a, at));
    const int64_t refused = certificate_refused_until(s);
    if (refused != TIME_NONE && refused > at) {
        return arena_printf(a->arena, "%s: it will be refused until %s", tries,
                            detail_instant(a, refused));
    }
    return tries;
}

// Of a Certificate whose next event has no instant.
static const char *next_without_time(const struct view_args *a, const struct certificate_status *s)
{
    if (s->failing) {
        return "cert-manager keeps trying; it goes on when the reason is mended";
    }
    if (s->request == NULL || s->stage == STAGE_ISSUED) {
        return "nothing is planned: it stays so until it is mended";
    }
    const struct mesh m = view_mesh(a);
    const char *progress = issuance_progress(&m, s);
    return progress != NULL ? progress
                            : arena_printf(a->arena, "the issuance goes on: %s",
                                           certificate_stage_name(s->stage));
}

const char *explain_next(const struct view_args *a, const struct certificate_status *s)
{
    int64_t at;
    switch (certificate_next_event(a, s, &at)) {
    case NEXT_TRY:
        return next_of_failed(a, s, at);
    case NEXT_RENEWAL:
        return arena_printf(a->arena, "it is renewed %s", explain_in(a, at));
    case NEXT_END:
        return arena_printf(a->arena, "no renewal is under way; it ends %s", explain_in(a, at));
    case NEXT_NONE:
        break;
    }
    return next_without_time(a, s);
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

// The Certificate tells more than the link: what it waits for, and what comes next.
static struct explanation explain_certificate(const struct view_args *a, const struct cause *c,
                                              const struct certificate_status *s)
{
    return (struct explanation){.why = arena_printf(a->arena, "%s: %s",
                                                    certificate_state_name(s->state),
                                                    !str_empty(s->reason) ? s->reason : c->words),
                                .todo = str_or_empty(s->hint),
                                .next = explain_next(a, s)};
}

struct explanation explain_cause(const struct view_args *a, const struct cause *c)
{
    const struct certificate_status *s = c->field[0] == '\0' ? status_of(a, c) : NULL;
    if (s != NULL) {
        return explain_certificate(a, c, s);
    }
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
    return e;
}

void explanation_line(struct text_block *b, const char *name, enum role role, const char *text)
{
    if (text[0] != '\0') {
        block_line(b);
        block_put(b, ROLE_TITLE, "%-6s", name);
        block_put(b, role, "%s", text);
    }
}
