// SPDX-License-Identifier: Apache-2.0
// What the views share: rows of objects, cells, detail lines.
#include "kube/base/text.h"

#include "kube/mesh/core/object_order.h"

#include "views/view_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct view_rows rows_of_kind(const struct view_args *a, enum kind k)
{
    const struct pmap *m = &a->snap->objects[k];
    const void **at = arena_alloc(a->arena, (m->count + 1) * sizeof *at);
    struct view_rows rows = {at, 0};
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, m); (v = pmap_next(&it)) != NULL;) {
        const struct object *o = v;
        if (a->ns == NULL || !kinds[k].namespaced || strcmp(o->ns, a->ns) == 0) {
            at[rows.n++] = o;
        }
    }
    qsort(at, rows.n, sizeof *at, object_id_order);
    return rows;
}

const struct object *object_row_object(const struct view_args *a, const void *row)
{
    (void)a;
    return row;
}

struct mesh mesh_of(const struct view_args *a)
{
    return (struct mesh){.snap = a->snap, .arena = a->arena, .now = a->now};
}

struct cell cell_text(const char *text, enum role role)
{
    return (struct cell){.text = text != NULL ? text : "", .role = role};
}

struct cell cell_number(const struct view_args *a, int64_t n)
{
    return (struct cell){
        .text = arena_printf(a->arena, "%" PRId64, n), .role = ROLE_NUMBER, .sort = n};
}

struct cell cell_age(const struct view_args *a, int64_t since)
{
    if (since == TIME_NONE) {
        return (struct cell){.text = "", .role = ROLE_DIM, .sort = INT64_MAX};
    }
    return (struct cell){.text = duration_short(a->arena, a->now - since),
                         .role = ROLE_TEXT,
                         .sort = a->now - since};
}

const char *verdict_mark(const struct view_args *a, enum verdict v)
{
    static const char *const marks[] = {"?", "\xE2\x9C\x93", "\xE2\x97\x8B", "\xE2\x9A\xA0",
                                        "\xE2\x9C\x97"};
    static const char *const ascii[] = {"?", "+", "o", "!", "x"};
    return a->options->ascii ? ascii[v] : marks[v];
}

struct cell cell_verdict(const struct view_args *a, enum verdict v)
{
    return (struct cell){.text =
                             arena_printf(a->arena, "%s %s", verdict_mark(a, v), verdict_name(v)),
                         .role = role_of_verdict(v),
                         .sort = v};
}

const char *join(struct arena *a, const struct str_list *l)
{
    if (l->n == 1) {
        return l->at[0];
    }
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < l->n; i++) {
        buf_addf(&b, "%s%s", i == 0 ? "" : ", ", l->at[i]);
    }
    const char *text = arena_strndup(a, b.data != NULL ? b.data : "", b.len);
    buf_release(&b);
    return text;
}

void detail_heading(struct text_block *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    if (b->n != 0) {
        block_line(b);
    }
    block_line(b);
    block_put(b, ROLE_TITLE, "%s", text);
}

void detail_field(struct text_block *b, const char *name, enum role role, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    block_line(b);
    block_put(b, ROLE_DIM, "  %-16s ", name);
    block_put(b, role, "%s", text);
}

void detail_object(const struct view_args *a, struct text_block *b, const struct object *o)
{
    block_line(b);
    block_put(b, ROLE_TITLE, "%s ", kinds[o->kind].kind);
    block_put(b, ROLE_NAME, "%s", object_id(a->arena, o));
    if (o->created != TIME_NONE) {
        detail_field(b, "created", ROLE_TEXT, "%s ago (%s)",
                     duration_short(a->arena, a->now - o->created),
                     time_local(a->arena, o->created));
    }
    if (o->writer != NULL) {
        detail_field(b, "last writer", ROLE_TEXT, "%s%s%s%s", o->writer,
                     o->written != TIME_NONE ? ", " : "",
                     o->written != TIME_NONE ? duration_short(a->arena, a->now - o->written) : "",
                     o->written != TIME_NONE ? " ago" : "");
    }
    if (o->deleted != TIME_NONE) {
        detail_field(b, "deleting", ROLE_PENDING, "for %s",
                     duration_short(a->arena, a->now - o->deleted));
    }
    if (o->file != NULL) {
        detail_field(b, "file", ROLE_TEXT, "%s:%d", o->file, o->line);
    }
}

static int by_last(const void *x, const void *y)
{
    const struct event *a = *(const struct event *const *)x, *b = *(const struct event *const *)y;
    return (a->last > b->last) - (a->last < b->last);
}

void detail_events(const struct view_args *a, struct text_block *b, const struct object *o)
{
    const struct posting *p =
        str_empty(o->uid) ? NULL : snapshot_index(a->snap, INDEX_EVENT_BY_OBJECT, o->uid, "");
    if (p == NULL) {
        return;
    }
    const struct event **e = arena_alloc(a->arena, p->n * sizeof *e);
    for (uint32_t i = 0; i < p->n; i++) {
        e[i] = OBJECT_AS(event, p->at[i]);
    }
    qsort(e, p->n, sizeof *e, by_last);
    detail_heading(b, "Events");
    for (uint32_t i = 0; i < p->n; i++) {
        block_line(b);
        block_put(b, ROLE_DIM, "  %6s ago  ",
                  e[i]->last != TIME_NONE ? duration_short(a->arena, a->now - e[i]->last) : "?");
        block_put(b, str_eq(e[i]->type, "Warning") ? ROLE_WARNING : ROLE_TEXT, "%s",
                  e[i]->reason != NULL ? e[i]->reason : "");
        if (e[i]->count > 1) {
            block_put(b, ROLE_DIM, " x%" PRId64, e[i]->count);
        }
        block_put(b, ROLE_TEXT, "  %s", e[i]->message != NULL ? e[i]->message : "");
    }
}

void json_put_time(struct json *o, const char *key, int64_t t, struct arena *a)
{
    json_put_string(o, key, t != TIME_NONE ? time_format(a, t) : NULL);
}

struct json *json_list(const struct str_list *l)
{
    struct json *j = json_new_array();
    for (uint32_t i = 0; i < l->n; i++) {
        json_push(j, json_new_string(l->at[i]));
    }
    return j;
}
