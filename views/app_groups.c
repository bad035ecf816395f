// SPDX-License-Identifier: Apache-2.0
// The rows of the apps view sorted by a key and found by it.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/mesh/chain/app_rows.h"

#include "views/app_groups_internal.h"
#include "views/cell_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *key_of(const struct app_row *r, enum app_group_key key)
{
    return key == APP_GROUP_NS ? r->ns : str_or_empty(r->gateway);
}

static int by_key_and_host(const void *x, const void *y, enum app_group_key key)
{
    const struct app_row *a = *(const struct app_row *const *)x;
    const struct app_row *b = *(const struct app_row *const *)y;
    int c = strcmp(key_of(a, key), key_of(b, key));
    return c != 0 ? c : strcmp(a->host, b->host);
}

static int by_ns(const void *x, const void *y)
{
    return by_key_and_host(x, y, APP_GROUP_NS);
}

static int by_gateway(const void *x, const void *y)
{
    return by_key_and_host(x, y, APP_GROUP_GATEWAY);
}

struct app_group app_groups_sorted(const struct view_args *a, enum app_group_key key)
{
    const struct app_row **at = arena_calloc(a->arena, app_rows_count(a->snap), sizeof *at);
    struct app_group all = {at, 0};
    struct app_rows_iter it;
    const struct app_row *r;
    for (app_rows_begin(&it, a->snap); (r = app_rows_next(&it)) != NULL;) {
        at[all.n++] = r;
    }
    qsort(at, all.n, sizeof *at, key == APP_GROUP_NS ? by_ns : by_gateway);
    return all;
}

struct app_group app_group_find(const struct app_group *sorted, enum app_group_key key,
                                const char *value)
{
    uint32_t low = 0, high = sorted->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (strcmp(key_of(sorted->at[mid], key), value) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    struct app_group found = {sorted->at + low, 0};
    while (low + found.n < sorted->n &&
           strcmp(key_of(sorted->at[low + found.n], key), value) == 0) {
        found.n++;
    }
    return found;
}

void app_group_detail(const struct view_args *a, struct text_block *b, const struct app_group *g,
                      uint32_t most)
{
    for (uint32_t i = 0; i < g->n && i < most; i++) {
        enum verdict v = (enum verdict)g->at[i]->state;
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
        block_put(b, ROLE_HOST, "%s", g->at[i]->host);
        block_put(b, ROLE_DIM, "  %s", g->at[i]->reason);
    }
}
