// SPDX-License-Identifier: Apache-2.0
// The rows of the apps view gathered by what they share.
#include "views/app_groups.h"

#include "kube/mesh/chain/app_rows.h"

#include <stdlib.h>
#include <string.h>

const char *app_key_ns(const struct app_row *r)
{
    return r->ns;
}

const char *app_key_gateway(const struct app_row *r)
{
    return r->gateway != NULL ? r->gateway : "";
}

static int by_ns(const void *x, const void *y)
{
    const struct app_row *a = *(const struct app_row *const *)x;
    const struct app_row *b = *(const struct app_row *const *)y;
    int c = strcmp(app_key_ns(a), app_key_ns(b));
    return c != 0 ? c : strcmp(a->host, b->host);
}

static int by_gateway(const void *x, const void *y)
{
    const struct app_row *a = *(const struct app_row *const *)x;
    const struct app_row *b = *(const struct app_row *const *)y;
    int c = strcmp(app_key_gateway(a), app_key_gateway(b));
    return c != 0 ? c : strcmp(a->host, b->host);
}

struct app_rows app_rows_sorted(const struct view_args *a, app_key key)
{
    const struct app_row **at = arena_alloc(a->arena, (app_rows_count(a->snap) + 1) * sizeof *at);
    struct app_rows rows = {at, 0};
    struct app_rows_iter it;
    const struct app_row *r;
    for (app_rows_begin(&it, a->snap); (r = app_rows_next(&it)) != NULL;) {
        at[rows.n++] = r;
    }
    qsort(at, rows.n, sizeof *at, key == app_key_ns ? by_ns : by_gateway);
    return rows;
}

struct app_rows app_rows_of(const struct app_rows *s, app_key key, const char *value)
{
    uint32_t low = 0, high = s->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (strcmp(key(s->at[mid]), value) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    struct app_rows r = {s->at + low, 0};
    while (low + r.n < s->n && strcmp(key(s->at[low + r.n]), value) == 0) {
        r.n++;
    }
    return r;
}
