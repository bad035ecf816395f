// SPDX-License-Identifier: Apache-2.0
// What part of a host's rules each service takes.
#include "kube/mesh/route/route_share.h"

#include "kube/base/arena.h"
#include "kube/base/string_map.h"

#include <stdlib.h>
#include <string.h>

static int by_percent(const void *x, const void *y)
{
    const struct route_share *a = x;
    const struct route_share *b = y;
    if (a->percent != b->percent) {
        return a->percent > b->percent ? -1 : 1;
    }
    return strcmp(a->destination, b->destination);
}

static void add_share(struct string_map *seen, struct route_share *at, uint32_t *n,
                      const char *destination, double percent, bool rest)
{
    struct route_share **place = (struct route_share **)string_map_at(seen, destination);
    if (*place == NULL) {
        at[*n] = (struct route_share){.destination = destination};
        *place = &at[(*n)++];
    }
    (*place)->percent += percent;
    (*place)->rules++;
    (*place)->rest |= rest;
}

const struct route_share *route_shares(struct arena *a, const struct route_row *rows, uint32_t n,
                                       uint32_t *count)
{
    size_t most = 1;
    uint32_t live = 0;
    for (uint32_t i = 0; i < n; i++) {
        most += rows[i].ntargets + 1;
        live += rows[i].order >= 0 && rows[i].shadowed_vs == NULL;
    }
    struct route_share *at = arena_calloc(a, most, sizeof *at);
    struct string_map seen;
    string_map_init(&seen, a);
    *count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct route_row *r = &rows[i];
        if (r->order < 0 || r->shadowed_vs != NULL) {
            continue;
        }
        bool rest = r->conditions.n == 0;
        if (r->action != ACTION_ROUTE) {
            add_share(&seen, at, count, "", 100.0 / live, rest);
        }
        for (uint32_t k = 0; k < r->ntargets; k++) {
            if (r->targets[k].percent > 0) {
                add_share(&seen, at, count, r->targets[k].to.host, r->targets[k].percent / live,
                          rest);
            }
        }
    }
    qsort(at, *count, sizeof *at, by_percent);
    return at;
}
