// SPDX-License-Identifier: Apache-2.0
// Building the rows of the table on top, and finding the row under its cursor in them.
#include "kube/base/clock.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"

#include "tui/screen/app_internal.h"

#include <string.h>

enum {
    FIND_WITHOUT_HASH = 1000, // rows among which a key is found without hashes
    AGE_SHARE =
        1000, // a rebuild only because time passed waits this many times what the last one took,
    AGE_MIN_MS = 10000, // and at least so long
};

void app_build(struct app *a, const char *why)
{
    struct page *p = app_page(a);
    if (a->snap == NULL) {
        return;
    }
    struct row_job job = {.snap = snapshot_ref(a->snap),
                          .view = p->view,
                          .ns = a->ns,
                          .subject = p->subject,
                          .filter = p->filter,
                          .order = p->order,
                          .find = p->selected != NULL || a->ntexts > 0,
                          .now = app_now(a),
                          .options = &a->o.options,
                          .page = p->id,
                          .why = why};
    row_builder_submit(a->builder, &job);
    a->want_build = false;
    a->awaited = true;
}

void app_build_later(struct app *a, int64_t after, const char *why)
{
    if (!a->want_build || after < a->build_after) {
        a->build_after = after;
        a->build_why = why;
    }
    a->want_build = true;
}

static void find_cursor(struct app *a, struct page *p)
{
    uint32_t n = p->rows->table.n;
    long at = p->selected != NULL ? built_rows_find(p->rows, &a->frame, p->selected, p->index) : 0;
    p->lost = at < 0 && p->follow;
    if (at >= 0) {
        p->index = (uint32_t)at;
    }
    if (p->index >= n) {
        p->index = n > 0 ? n - 1 : 0;
    }
    // The row is gone: its neighbour takes its place. An empty table keeps the key: a list that is
    // read anew, or a filter that is being typed, brings the row back.
    if (at < 0 && !p->follow && n > 0) {
        set_str(&p->selected, built_rows_key(p->rows, &a->frame, p->index));
    }
}

static void take_rows(struct app *a, struct built_rows *r)
{
    struct page *p = app_page(a);
    a->build_cost = r->cost_ms;
    a->built_at = clock_mono_ms();
    if (r->job.page != p->id) {
        row_builder_discard(a->builder, r);
        return;
    }
    // The cursor was moved since the job was given: finding a row among many needs the hashes.
    if (r->hash == NULL && p->selected != NULL && r->table.n > FIND_WITHOUT_HASH) {
        row_builder_discard(a->builder, r);
        app_build(a, "the cursor moved");
        return;
    }
    row_builder_discard(a->builder, p->rows);
    p->rows = r;
    find_cursor(a, p);
    int64_t wait = a->build_cost * AGE_SHARE;
    app_build_later(a, a->built_at + (wait > AGE_MIN_MS ? wait : AGE_MIN_MS), "time passed");
}

bool app_settle(struct app *a, int wait_ms)
{
    struct built_rows *r = row_builder_take(a->builder, wait_ms);
    if (r != NULL) {
        take_rows(a, r);
    }
    return !row_builder_busy(a->builder);
}

void page_select(struct app *a, struct page *p, long index)
{
    ASSERT(p->rows != NULL && p->rows->table.n > 0);
    long n = (long)p->rows->table.n;
    index = index >= n ? n - 1 : index;
    p->index = index < 0 ? 0 : (uint32_t)index;
    p->lost = false;
    set_str(&p->selected, built_rows_key(p->rows, &a->frame, p->index));
    if (p->follow) {
        p->follow_line = (int)(p->index >= p->top ? p->index - p->top : 0);
    }
    struct text_page *t = app_text(a);
    if (t != NULL && t->kind == TEXT_DETAIL && !str_eq(t->key, p->selected)) {
        set_str(&t->key, p->selected);
        pane_scroll(&t->pane, -PANE_FAR);
    }
}

bool page_marked(const struct page *p, const char *key)
{
    for (uint32_t i = 0; i < p->nmarks; i++) {
        if (strcmp(p->marks[i], key) == 0) {
            return true;
        }
    }
    return false;
}

const char *app_row_title(struct app *a, const struct view_args *args, const void *row,
                          const char *key)
{
    const struct view *v = app_page(a)->view;
    const char *title = v->called != NULL ? v->called(args, row)
                        : v->host != NULL ? v->host(args, row)
                                          : NULL;
    const struct object *o = v->object != NULL ? v->object(args, row) : NULL;
    return title != NULL ? title : o != NULL ? object_title(&a->frame, o) : key;
}

const void *app_row(struct app *a, struct view_args *args)
{
    struct page *p = app_page(a);
    if (p->rows == NULL || p->index >= p->rows->table.n || p->lost) {
        return NULL;
    }
    *args = built_rows_args(p->rows, &a->frame, app_now(a));
    // Keys in a text pane are about the row of the pane, which the cursor may have lost.
    struct text_page *t = app_text(a);
    if (t != NULL && t->key != NULL && app_text_has_keys(a)) {
        long at = built_rows_find(p->rows, &a->frame, t->key, p->index);
        return at >= 0 ? p->rows->table.at[at] : NULL;
    }
    return p->rows->table.at[p->index];
}
