// SPDX-License-Identifier: Apache-2.0
// The view `events`: what the controllers report.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/kubernetes_objects.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"

#include <stdlib.h>
#include <string.h>

static const struct event *event_of(const void *row)
{
    return OBJECT_AS(event, row);
}

static int newest_first(const void *x, const void *y)
{
    const struct event *a = event_of(*(const void *const *)x),
                       *b = event_of(*(const void *const *)y);
    if (a->last != b->last) {
        return a->last < b->last ? 1 : -1;
    }
    int c = strcmp(a->o.ns, b->o.ns);
    return c != 0 ? c : strcmp(a->o.name, b->o.name);
}

static struct view_rows list(const struct view_args *a)
{
    const struct pmap *m = &a->snap->objects[KIND_EVENT];
    const void **at = arena_calloc(a->arena, m->count, sizeof *at);
    struct view_rows rows = {at, 0};
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, m); (v = pmap_next(&it)) != NULL;) {
        const struct event *e = event_of(v);
        if ((a->ns == NULL || str_eq(e->o.ns, a->ns)) &&
            (a->subject == NULL || str_eq(e->about_uid, a->subject))) {
            at[rows.n++] = v;
        }
    }
    qsort(at, rows.n, sizeof *at, newest_first);
    return rows;
}

static const char *about(const struct view_args *a, const struct event *e)
{
    return arena_printf(a->arena, "%s %s", str_or_empty(e->about_kind),
                        str_or_empty(e->about_name));
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return str_eq(event_of(row)->type, "Warning") ? VERDICT_WARNING : VERDICT_OK;
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return row;
}

static struct cell last_cell(const struct view_args *a, const void *row)
{
    const struct event *e = event_of(row);
    return cell_age(a, e->last);
}

static struct cell type_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct event *e = event_of(row);
    enum role role = str_eq(e->type, "Warning") ? ROLE_WARNING : ROLE_TEXT;
    return cell_text(e->type, role);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct event *e = event_of(row);
    enum role role = str_eq(e->type, "Warning") ? ROLE_WARNING : ROLE_TEXT;
    return cell_text(e->reason, role);
}

static struct cell namespace_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct event *e = event_of(row);
    return cell_text(e->about_ns != NULL ? e->about_ns : e->o.ns, ROLE_TEXT);
}

static struct cell object_cell(const struct view_args *a, const void *row)
{
    const struct event *e = event_of(row);
    return cell_text(about(a, e), ROLE_NAME);
}

static struct cell count_cell(const struct view_args *a, const void *row)
{
    const struct event *e = event_of(row);
    return cell_number(a, e->count > 0 ? e->count : 1);
}

static struct cell message_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct event *e = event_of(row);
    return cell_text(e->message, ROLE_TEXT);
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct event *e = event_of(row);
    block_line(b);
    block_put(b, ROLE_TITLE, "%s ", e->reason != NULL ? e->reason : "Event");
    block_put(b, ROLE_NAME, "%s", about(a, e));
    detail_field(b, "type", str_eq(e->type, "Warning") ? ROLE_WARNING : ROLE_TEXT, "%s",
                 str_or_empty(e->type));
    if (e->last != TIME_NONE) {
        detail_field(b, "last seen", ROLE_TEXT, "%s (%s ago)", detail_instant(a, e->last),
                     duration_short(a->arena, a->now - e->last));
    }
    if (e->source != NULL) {
        detail_field(b, "from", ROLE_TEXT, "%s", e->source);
    }
    detail_field(b, "message", ROLE_TEXT, "%s", str_or_empty(e->message));
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct event *e = event_of(row);
    struct json *j = json_new_object();
    json_put_string(j, "namespace", e->o.ns);
    json_put_string(j, "type", e->type);
    json_put_string(j, "reason", e->reason);
    json_put_string(j, "message", e->message);
    struct json *o = json_put(j, "object", json_new_object());
    json_put_string(o, "kind", e->about_kind);
    json_put_string(o, "namespace", e->about_ns);
    json_put_string(o, "name", e->about_name);
    json_put_string(j, "source", e->source);
    json_put_int(j, "count", e->count > 0 ? e->count : 1);
    json_put_time(j, "first", e->first, a->arena);
    json_put_time(j, "last", e->last, a->arena);
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "LAST", .field = "last", .key = 'L', .cell = last_cell, .min = 4, .max = 7,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "how long ago it was last seen"},
    {.title = "TYPE", .field = "type", .key = 'T', .cell = type_cell, .min = 7, .max = 7,
     .descending = true, .help = "Normal or Warning"},
    {.title = "REASON", .field = "reason", .key = 'R', .cell = reason_cell, .min = 8, .max = 22,
     .help = "the controller's word for what happened"},
    {.title = "NAMESPACE", .field = "namespace", .key = 'S', .cell = namespace_cell, .min = 6, .max = 24,
     .wide = true, .help = "namespace of the object"},
    {.title = "OBJECT", .field = "object", .key = 'O', .cell = object_cell, .min = 12, .max = 44,
     .help = "kind and name of the object it is about"},
    {.title = "COUNT", .field = "count", .key = 'C', .cell = count_cell, .min = 5, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "how often it was seen"},
    {.title = "MESSAGE", .field = "message", .cell = message_cell, .min = 16,
     .help = "the message"},
};
// clang-format on

const struct view view_events = {
    .name = "events",
    .title = "Events",
    .help = "what the controllers said of certificates, and of the object whose page is open",
    .json_kind = "EventList",
    .needs = KIND_BIT(KIND_EVENT),
    // whose Events are read
    .reads = KIND_BIT(KIND_CERTIFICATE) | KIND_BIT(KIND_ORDER),
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .verdict = verdict,
    .object = object,
    .detail = detail,
    .json = json,
};
