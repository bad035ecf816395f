// SPDX-License-Identifier: Apache-2.0
// Tries, renewals and ends of Certificates, in the order in which they come.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/certificate_cause.h"
#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/core/mesh_memo.h"

#include "views/detail_internal.h"
#include "views/explanation.h"
#include "views/home_panels_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LINES = 40 }; // of the panel: more fit on no screen

struct coming {
    int64_t at; // seconds
    enum next_event event;
    const struct certificate_status *s;
};

static int next_first(const void *x, const void *y)
{
    const struct coming *a = x, *b = y;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    int c = strcmp(a->s->certificate->o.ns, b->s->certificate->o.ns);
    return c != 0 ? c : strcmp(a->s->certificate->o.name, b->s->certificate->o.name);
}

static void put_event(const struct view_args *a, const struct coming *c, struct text_block *b)
{
    const struct certificate_status *s = c->s;
    const int64_t refused = certificate_refused_until(s);
    if (c->event == NEXT_TRY) {
        block_put(b, ROLE_TEXT, "tries again");
        if (refused != TIME_NONE && refused > c->at) {
            block_put(b, ROLE_WARNING, ": will be refused until %s", detail_instant(a, refused));
        }
    } else if (c->event == NEXT_RENEWAL) {
        block_put(b, ROLE_TEXT, "renews");
    } else {
        block_put(b, ROLE_WARNING, "ends, and no renewal is under way");
    }
}

void home_coming(const struct view_args *a, struct text_block *out)
{
    const struct mesh plain = view_mesh(a), m = mesh_with_memo(&plain);
    struct certificate_list all;
    certificate_list_fill(&m, &all);
    struct coming *at = arena_calloc(a->arena, all.n, sizeof *at);
    uint32_t n = 0;
    for (uint32_t i = 0; i < all.n; i++) {
        const struct certificate_status *s = &all.at[i];
        int64_t when;
        const enum next_event event = certificate_next_event(a, s, &when);
        if (event != NEXT_NONE && (a->ns == NULL || strcmp(s->certificate->o.ns, a->ns) == 0)) {
            at[n++] = (struct coming){when, event, s};
        }
    }
    if (n > 1) {
        qsort(at, n, sizeof *at, next_first);
    }
    for (uint32_t i = 0; i < n && i < MAX_LINES; i++) {
        block_line(out);
        block_put(out, ROLE_DIM, "%-9s ", explain_in(a, at[i].at));
        block_put(out, ROLE_NAME, "%s ", at[i].s->certificate->o.name);
        put_event(a, &at[i], out);
    }
}
