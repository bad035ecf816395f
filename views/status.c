// SPDX-License-Identifier: Apache-2.0
// The view `status`: the state of what is read of each kind.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

// The row of documents of files that are not judged.
static const struct kind_info left_out = {.resource = "not judged", .groups = {{.group = ""}}};

static struct view_rows list(const struct view_args *a)
{
    const void **at = arena_calloc(a->arena, KIND_COUNT + 1, sizeof *at);
    struct view_rows rows = {at, 0};
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *s = &a->snap->states[k];
        if (kinds[k].reading != READ_FILES || s->objects > 0) {
            at[rows.n++] = &kinds[k];
        }
    }
    if (a->snap->cluster.left_out > 0) {
        at[rows.n++] = &left_out;
    }
    return rows;
}

static const struct kind_state *state_of(const struct view_args *a, const void *row)
{
    if (row == &left_out) {
        const struct cluster_info *c = &a->snap->cluster;
        struct kind_state *s = arena_alloc(a->arena, sizeof *s);
        *s = (struct kind_state){.state = SYNC_OFF,
                                 .objects = c->left_out,
                                 .expected = -1,
                                 .since = TIME_NONE,
                                 .next_try = TIME_NONE};
        static_assert(sizeof s->reason >= sizeof c->left_out_kinds, "the kinds fit");
        memcpy(s->reason, c->left_out_kinds, sizeof c->left_out_kinds);
        return s;
    }
    return &a->snap->states[(const struct kind_info *)row - kinds];
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    static const enum verdict verdicts[] = {
        [SYNC_OFF] = VERDICT_UNKNOWN,       [SYNC_SYNCING] = VERDICT_PENDING,
        [SYNC_LIVE] = VERDICT_OK,           [SYNC_STALE] = VERDICT_BROKEN,
        [SYNC_FORBIDDEN] = VERDICT_WARNING, [SYNC_NOT_INSTALLED] = VERDICT_UNKNOWN,
    };
    static_assert(ARRAY_COUNT(verdicts) == SYNC_NOT_INSTALLED + 1,
                  "a sync state without a verdict");
    const struct kind_state *s = state_of(a, row);
    return s->state == SYNC_LIVE && s->dropped > 0 ? VERDICT_WARNING : verdicts[s->state];
}

static const char *group_of(const struct view_args *a, const void *row)
{
    const struct kind_state *s = state_of(a, row);
    return s->group[0] != '\0' ? s->group : ((const struct kind_info *)row)->groups[0].group;
}

static const char *reason_of(const struct view_args *a, const struct kind_state *s)
{
    if (s->dropped == 0) {
        return s->reason;
    }
    return arena_printf(a->arena, "%s%s%s left out: %s%s", s->reason,
                        s->reason[0] != '\0' ? "; " : "",
                        str_plural(a->arena, s->dropped, "object", "objects"), s->left_out,
                        s->dropped > 1 ? " and more" : "");
}

static struct cell resource_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct kind_info *k = row;
    return cell_text(k->resource, ROLE_NAME);
}

static struct cell group_cell(const struct view_args *a, const void *row)
{
    return cell_text(group_of(a, row), ROLE_TEXT);
}

static struct cell version_cell(const struct view_args *a, const void *row)
{
    const struct kind_state *s = state_of(a, row);
    return cell_text(s->version, ROLE_TEXT);
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    const struct kind_state *s = state_of(a, row);
    struct cell c = cell_text(sync_state_name(s->state), role_of_verdict(verdict(a, row)));
    c.sort = verdict(a, row);
    return c;
}

static struct cell objects_cell(const struct view_args *a, const void *row)
{
    const struct kind_state *s = state_of(a, row);
    struct cell c = cell_number(a, s->objects);
    if (s->state == SYNC_SYNCING && s->expected > 0) {
        c.text = arena_printf(a->arena, "%ld of %ld", s->objects, s->expected);
    }
    return c;
}

static struct cell since_cell(const struct view_args *a, const void *row)
{
    const struct kind_state *s = state_of(a, row);
    return cell_age(a, s->since);
}

static struct cell next_try_cell(const struct view_args *a, const void *row)
{
    const struct kind_state *s = state_of(a, row);
    struct cell c = cell_age(a, TIME_NONE);
    if (s->next_try != TIME_NONE) {
        int64_t in = s->next_try > a->now ? s->next_try - a->now : 0;
        c = (struct cell){arena_printf(a->arena, "in %s", duration_short(a->arena, in)), ROLE_TEXT,
                          in};
    }
    return c;
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    const struct kind_state *s = state_of(a, row);
    return cell_text(reason_of(a, s), ROLE_TEXT);
}

static const char *key(const struct view_args *a, const void *row)
{
    const struct kind_info *k = row;
    const char *group = k->groups[0].group;
    return arena_printf(a->arena, "%s%s%s", k->resource, group[0] != '\0' ? "." : "", group);
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct kind_info *k = row;
    const struct kind_state *s = state_of(a, row);
    struct json *j = json_new_object();
    json_put_string(j, "group", group_of(a, row));
    json_put_string(j, "version", s->version[0] != '\0' ? s->version : NULL);
    json_put_string(j, "resource", k->resource);
    json_put_string(j, "state", sync_state_name(s->state));
    json_put_int(j, "objects", s->objects);
    json_put_count(j, "expected", s->expected);
    json_put_time(j, "since", s->since, a->arena);
    json_put_string(j, "reason", reason_of(a, s));
    json_put_time(j, "nextTry", s->next_try, a->arena);
    return j;
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct kind_info *k = row;
    const struct kind_state *s = state_of(a, row);
    block_line(b);
    block_put(b, ROLE_TITLE, "%s ", k->resource);
    block_put(b, ROLE_DIM, "%s", group_of(a, row));
    detail_field(b, "state", role_of_verdict(verdict(a, row)), "%s", sync_state_name(s->state));
    detail_field(b, "objects", ROLE_NUMBER, "%ld", s->objects);
    if (s->since != TIME_NONE) {
        detail_field(b, "since", ROLE_TEXT, "%s", detail_instant(a, s->since));
    }
    if (s->next_try != TIME_NONE) {
        detail_field(b, "next try", ROLE_TEXT, "%s", detail_instant(a, s->next_try));
    }
    if (reason_of(a, s)[0] != '\0') {
        detail_field(b, "reason", ROLE_TEXT, "%s", reason_of(a, s));
    }
    if (a->snap->cluster.skew != 0) {
        detail_field(b, "connection", ROLE_WARNING, "%s", a->snap->cluster.connection);
    }
}

// clang-format off
static const struct column columns[] = {
    {.title = "RESOURCE", .field = "resource", .key = 'R', .cell = resource_cell, .min = 8, .max = 24,
     .help = "the resource"},
    {.title = "GROUP", .field = "group", .cell = group_cell, .min = 4, .max = 28,
     .wide = true, .help = "its API group; empty for the core group"},
    {.title = "VERSION", .field = "version", .key = 'V', .cell = version_cell, .min = 2, .max = 10,
     .help = "the version that is read"},
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 7, .max = 14,
     .sort = SORT_NUMBER, .descending = true, .help = "syncing, live, stale, forbidden, not-installed, or off where nothing asks for it"},
    {.title = "OBJECTS", .field = "objects", .key = 'O', .cell = objects_cell, .min = 7, .max = 15,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "objects held, of how many while the first list is under way"},
    {.title = "SINCE", .field = "since", .cell = since_cell, .min = 5, .max = 8,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "how long it has been in this state"},
    {.title = "NEXT TRY", .field = "nextTry", .cell = next_try_cell, .min = 8, .max = 8,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "when the server is asked again"},
    {.title = "REASON", .field = "reason", .cell = reason_cell, .min = 10,
     .help = "why it is not live, and what would help"},
};
// clang-format on

const struct view view_status = {
    .name = "status",
    .title = "Status",
    .help = "what is read of each kind, and how fresh it is",
    .json_kind = "StatusList",
    .needs = 0,
    .reads = KIND_SET_ALL,
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .key = key,
    .verdict = verdict,
    .detail = detail,
    .json = json,
};
