// SPDX-License-Identifier: Apache-2.0
// The view `status`: the state of what is read of each kind.
#include "kube/base/text.h"

#include "views/view_internal.h"

#include <inttypes.h>

enum {
    COL_RESOURCE,
    COL_GROUP,
    COL_VERSION,
    COL_STATE,
    COL_OBJECTS,
    COL_SINCE,
    COL_NEXT,
    COL_REASON
};

// clang-format off
static const struct column columns[] = {
    {"RESOURCE", "resource", 'R', 8, 24, ALIGN_LEFT, SORT_TEXT, false, false, "the resource"},
    {"GROUP", "group", 0, 4, 28, ALIGN_LEFT, SORT_TEXT, true, false, "its API group; empty for the core group"},
    {"VERSION", "version", 'V', 2, 10, ALIGN_LEFT, SORT_TEXT, false, false, "the version that is read"},
    {"STATE", "state", 'S', 7, 14, ALIGN_LEFT, SORT_NUMBER, false, true, "syncing, live, stale, forbidden, not-installed, or off where nothing asks for it"},
    {"OBJECTS", "objects", 'O', 7, 15, ALIGN_RIGHT, SORT_NUMBER, false, true, "objects held, of how many while the first list is under way"},
    {"SINCE", "since", 0, 5, 8, ALIGN_RIGHT, SORT_NUMBER, false, false, "how long it has been in this state"},
    {"NEXT TRY", "nextTry", 0, 8, 8, ALIGN_RIGHT, SORT_NUMBER, false, false, "when the server is asked again"},
    {"REASON", "reason", 0, 10, 0, ALIGN_LEFT, SORT_TEXT, false, false, "why it is not live, and what would help"},
};
// clang-format on

static struct view_rows list(const struct view_args *a)
{
    const void **at = arena_alloc(a->arena, KIND_COUNT * sizeof *at);
    struct view_rows rows = {at, 0};
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *s = &a->snap->states[k];
        if (kinds[k].reading != READ_FILES || s->objects > 0) {
            at[rows.n++] = &kinds[k];
        }
    }
    return rows;
}

static const struct kind_state *state_of(const struct view_args *a, const void *row)
{
    return &a->snap->states[(const struct kind_info *)row - kinds];
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    static const enum verdict verdicts[] = {VERDICT_UNKNOWN, VERDICT_PENDING, VERDICT_OK,
                                            VERDICT_BROKEN,  VERDICT_WARNING, VERDICT_UNKNOWN};
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
    return arena_printf(a->arena, "%s%s%ld %s left out: too large or unreadable", s->reason,
                        s->reason[0] != '\0' ? "; " : "", s->dropped,
                        s->dropped == 1 ? "object" : "objects");
}

static struct cell cell(const struct view_args *a, const void *row, int column)
{
    const struct kind_info *k = row;
    const struct kind_state *s = state_of(a, row);
    switch (column) {
    case COL_RESOURCE:
        return cell_text(k->resource, ROLE_NAME);
    case COL_GROUP:
        return cell_text(group_of(a, row), ROLE_TEXT);
    case COL_VERSION:
        return cell_text(s->version, ROLE_TEXT);
    case COL_STATE: {
        struct cell c = cell_text(sync_state_name(s->state), role_of_verdict(verdict(a, row)));
        c.sort = verdict(a, row);
        return c;
    }
    case COL_OBJECTS: {
        struct cell c = cell_number(a, s->objects);
        if (s->state == SYNC_SYNCING && s->expected > 0) {
            c.text = arena_printf(a->arena, "%ld of %ld", s->objects, s->expected);
        }
        return c;
    }
    case COL_SINCE:
        return cell_age(a, s->since);
    case COL_NEXT: {
        struct cell c = cell_age(a, TIME_NONE);
        if (s->next_try != TIME_NONE) {
            int64_t in = s->next_try > a->now ? s->next_try - a->now : 0;
            c = (struct cell){arena_printf(a->arena, "in %s", duration_short(a->arena, in)),
                              ROLE_TEXT, in};
        }
        return c;
    }
    default:
        return cell_text(reason_of(a, s), ROLE_TEXT);
    }
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
    json_put(j, "expected", s->expected >= 0 ? json_new_int(s->expected) : json_new_null());
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
        detail_field(b, "since", ROLE_TEXT, "%s", time_local(a->arena, s->since));
    }
    if (s->next_try != TIME_NONE) {
        detail_field(b, "next try", ROLE_TEXT, "%s", time_local(a->arena, s->next_try));
    }
    if (reason_of(a, s)[0] != '\0') {
        detail_field(b, "reason", ROLE_TEXT, "%s", reason_of(a, s));
    }
}

const struct view view_status = {
    .name = "status",
    .title = "Status",
    .help = "what is read of each kind, and how fresh it is",
    .json_kind = "StatusList",
    .needs = 0,
    .reads = KIND_SET_ALL,
    .columns = columns,
    .ncolumns = sizeof columns / sizeof *columns,
    .sort_column = -1,
    .list = list,
    .cell = cell,
    .key = key,
    .verdict = verdict,
    .detail = detail,
    .json = json,
};
