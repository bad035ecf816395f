// SPDX-License-Identifier: Apache-2.0
// Issuances under way, and weights that move.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/flagger_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/cert/certificate_state.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/match_conditions.h"

#include "views/cell_internal.h"
#include "views/explanation.h"
#include "views/home_panels_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECENT_S = 24 * 3600, // weights that were written within it are moving
    BAR = 20,             // cells of the bar of weights
    MAX_LINES = 40,       // of the panel: more fit on no screen
};

// A rule that splits its requests, or an issuance.
struct move {
    int64_t at; // when it moved last, seconds
    const struct certificate_status *issuance;
    const struct virtualservice *vs; // of a split
    const struct http_rule *rule;
};
struct moves {
    struct move *at;
    uint32_t n, cap;
};

// --- what moves

static void add_issuances(const struct mesh *m, const char *ns, struct moves *out)
{
    struct certificate_list all;
    certificate_list_fill(m, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        const struct certificate_status *s = &all.at[i];
        const bool under_way = s->state == CERTIFICATE_ISSUING || s->state == CERTIFICATE_NEW ||
                               s->state == CERTIFICATE_RENEWING;
        if (under_way && (ns == NULL || strcmp(s->certificate->o.ns, ns) == 0)) {
            const int64_t at = s->since != TIME_NONE ? s->since : s->certificate->o.created;
            *ARENA_PUSH(m->arena, out->at, out->n, out->cap) =
                (struct move){.at = at, .issuance = s};
        }
    }
}

static bool splits(const struct http_rule *r)
{
    uint32_t some = 0;
    for (uint32_t i = 0; i < r->nroutes; i++) {
        some += r->routes[i].weight > 0;
    }
    return some > 1;
}

// Whether a Canary that is at work has moved the rule's weights.
static bool canary_moves(const struct mesh *m, const struct virtualservice *vs)
{
    const struct object *o = mesh_get(m, KIND_CANARY, vs->o.ns, vs->o.name);
    return o != NULL && str_eq(OBJECT_AS(canary, o)->phase, "Progressing");
}

static void add_splits(const struct mesh *m, const char *ns, struct moves *out)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        const int64_t at = vs->o.written != TIME_NONE ? vs->o.written : vs->o.created;
        if (ns != NULL && strcmp(vs->o.ns, ns) != 0) {
            continue;
        }
        for (uint32_t k = 0; k < vs->nhttp; k++) {
            if (splits(&vs->http[k]) && (at > m->now - RECENT_S || canary_moves(m, vs))) {
                *ARENA_PUSH(m->arena, out->at, out->n, out->cap) =
                    (struct move){.at = at, .vs = vs, .rule = &vs->http[k]};
            }
        }
    }
}

static const struct object *moved_object(const struct move *x)
{
    return x->issuance != NULL ? &x->issuance->certificate->o : &x->vs->o;
}

static int newest_first(const void *x, const void *y)
{
    const struct move *a = x, *b = y;
    if (a->at != b->at) {
        return a->at < b->at ? 1 : -1;
    }
    const struct object *p = moved_object(a), *q = moved_object(b);
    int c = strcmp(p->ns, q->ns);
    c = c != 0 ? c : strcmp(p->name, q->name);
    return c != 0 ? c : (a->rule > b->rule) - (a->rule < b->rule); // both of one array, or none
}

// --- lines

static const char *step_mark(const struct view_args *a, enum step_state s)
{
    switch (s) {
    case STEP_DONE:
        return verdict_mark(a, VERDICT_OK);
    case STEP_DOING:
        return verdict_mark(a, VERDICT_PENDING);
    case STEP_FAILED:
        return verdict_mark(a, VERDICT_BROKEN);
    case STEP_TODO:
    case STEP_NONE:
    case STEP_STATE_COUNT:
        break;
    }
    return a->options->ascii ? "." : "\xC2\xB7"; // middle dot
}

static enum role step_role(enum step_state s)
{
    return s == STEP_DONE     ? ROLE_TEXT
           : s == STEP_DOING  ? ROLE_PENDING
           : s == STEP_FAILED ? ROLE_BROKEN
                              : ROLE_DIM;
}

// From the last step that is done on: what came before it is done as well.
static void issuance_line(const struct view_args *a, const struct move *x, struct text_block *b)
{
    const struct certificate_status *s = x->issuance;
    int first = 0;
    for (int k = 0; k < STEP_COUNT; k++) {
        first = s->steps[k].state == STEP_DONE ? k : first;
    }
    block_put(b, ROLE_PENDING, "%s ", verdict_mark(a, VERDICT_PENDING));
    block_put(b, ROLE_DIM, "%4s ", explain_age(a, x->at, false));
    block_put(b, ROLE_NAME, "%s ", s->certificate->o.name);
    for (int k = first; k < STEP_COUNT; k++) {
        const enum step_state state = s->steps[k].state;
        if (state != STEP_NONE) {
            block_put(b, step_role(state), " %s%s", step_mark(a, state),
                      issuance_step_name((enum issuance_step)k));
        }
    }
}

static const char *cells(const struct view_args *a, const char *cell, int n)
{
    const char *text = "";
    for (int i = 0; i < n; i++) {
        text = arena_concat(a->arena, text, cell, NULL);
    }
    return text;
}

static const char *first_label(const struct view_args *a, const char *host)
{
    const char *dot = strchr(host, '.');
    return dot != NULL ? arena_strndup(a->arena, host, (size_t)(dot - host)) : host;
}

// "primary 60 ▆▆▆▆▂▂ 40 canary": the two with the most, the numbers never cut.
static void weights(const struct view_args *a, const struct http_rule *r, struct text_block *b)
{
    const struct route_destination *first = NULL, *second = NULL;
    int64_t sum = 0;
    for (uint32_t i = 0; i < r->nroutes; i++) {
        const struct route_destination *d = &r->routes[i];
        sum += d->weight > 0 ? d->weight : 0;
        if (first == NULL || d->weight > first->weight) {
            second = first;
            first = d;
        } else if (second == NULL || d->weight > second->weight) {
            second = d;
        }
    }
    if (first == NULL || second == NULL || sum == 0) {
        return; // it splits nothing
    }
    const bool ascii = a->options->ascii;
    const int filled = (int)(first->weight * BAR / sum);
    block_put(b, ROLE_TEXT, "%s ", first_label(a, str_or_empty(first->destination.host)));
    block_put(b, ROLE_NUMBER, "%" PRId64 " ", first->weight * 100 / sum);
    block_put(b, ROLE_HOST, "%s", cells(a, ascii ? "#" : "\xE2\x96\x86", filled));
    block_put(b, ROLE_PENDING, "%s", cells(a, ascii ? "=" : "\xE2\x96\x82", BAR - filled));
    block_put(b, ROLE_NUMBER, " %" PRId64, second->weight * 100 / sum);
    block_put(b, ROLE_TEXT, " %s", first_label(a, str_or_empty(second->destination.host)));
    if (r->nroutes > 2) {
        block_put(b, ROLE_DIM, " and %u more", (unsigned)(r->nroutes - 2));
    }
}

static void split_line(const struct view_args *a, const struct move *x, struct text_block *b)
{
    block_put(b, ROLE_PENDING, "%s ", a->options->ascii ? "%" : "\xE2\x87\x84"); // two arrows
    block_put(b, ROLE_DIM, "%4s ", explain_age(a, x->at, false));
    block_put(b, ROLE_HOST, "%s ",
              x->vs->hosts.n > 0 ? first_label(a, x->vs->hosts.at[0]) : x->vs->o.name);
    if (x->rule->nmatches > 0) {
        block_put(b, ROLE_TEXT, "%s ", match_conditions_text(a->arena, &x->rule->matches[0]));
    }
    block_put(b, ROLE_TEXT, " ");
    weights(a, x->rule, b);
    if (x->vs->o.writer != NULL) {
        block_put(b, ROLE_DIM, "  %s", x->vs->o.writer);
    }
}

void home_moving(const struct view_args *a, struct text_block *out)
{
    const struct mesh plain = view_mesh(a), m = mesh_with_memo(&plain);
    struct moves moves = {0};
    add_issuances(&m, a->ns, &moves);
    add_splits(&m, a->ns, &moves);
    if (moves.n > 1) {
        qsort(moves.at, moves.n, sizeof *moves.at, newest_first);
    }
    for (uint32_t i = 0; i < moves.n && i < MAX_LINES; i++) {
        block_line(out);
        if (moves.at[i].issuance != NULL) {
            issuance_line(a, &moves.at[i], out);
        } else {
            split_line(a, &moves.at[i], out);
        }
    }
}
