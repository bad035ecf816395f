// SPDX-License-Identifier: Apache-2.0
// Certificates that have ended or end soon.
#include "kube/mesh/check/certificate_expiring.h"

#include "kube/base/arena.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/cert/certificate_state.h"
#include "kube/mesh/check/finding_codes.h"

#include <stdlib.h>
#include <string.h>

static int soonest_first(const void *x, const void *y)
{
    const struct certificate_status *a = x, *b = y;
    if (a->not_after != b->not_after) {
        return a->not_after < b->not_after ? -1 : 1;
    }
    int c = strcmp(a->certificate->o.ns, b->certificate->o.ns);
    return c != 0 ? c : strcmp(a->certificate->o.name, b->certificate->o.name);
}

static bool ends_within(const struct certificate_status *s, const struct certificate_within *within,
                        int64_t now)
{
    int64_t left = s->not_after != TIME_NONE ? s->not_after - now : INT64_MAX;
    if (within->percent == 0) {
        return left <= within->seconds;
    }
    int64_t life =
        s->not_before != TIME_NONE && s->not_after != TIME_NONE ? s->not_after - s->not_before : 0;
    return left <= 0 || left < life / 100 * within->percent;
}

void certificate_expiring(const struct mesh *m, const struct certificate_within *within,
                          struct findings *f)
{
    struct certificate_list list;
    certificate_list_fill(m, &list);
    struct certificate_status *soon = arena_calloc(m->arena, list.n, sizeof *soon);
    uint32_t n = 0;
    for (uint32_t i = 0; i < list.n; i++) {
        if (ends_within(&list.at[i], within, m->now)) {
            soon[n++] = list.at[i];
        }
    }
    qsort(soon, n, sizeof *soon, soonest_first);
    for (uint32_t i = 0; i < n; i++) {
        const struct object *o = &soon[i].certificate->o;
        bool past = soon[i].not_after <= m->now;
        finding_add_coded(f, m->arena, "GT0211", o, NULL,
                          arena_printf(m->arena, "%s %s (%s)", past ? "ended" : "ends",
                                       time_format(m->arena, soon[i].not_after),
                                       certificate_state_name(soon[i].state)),
                          soon[i].hint);
    }
}
