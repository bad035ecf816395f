// SPDX-License-Identifier: Apache-2.0
// Building the rows of the table on top, and finding the row under its cursor in them.
#include "kube/base/clock.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"

#include "tui/screen/ui_internal.h"

#include <string.h>

enum {
    FIND_WITHOUT_HASH = 1000, // rows among which a key is found without hashes
    AGE_SHARE = 1000,         // a rebuild only for ages waits this many times the cost of the last,
    AGE_MIN_MS = 10000,       // and at least this long
};

const struct view *ui_beside(const struct ui *ui)
{
    const struct view *v = ui->depth > 0 ? ui->stack[ui->depth - 1]->view : NULL;
    if (v == NULL || v->npanels == 0 || ui->screen.columns < BESIDE_MIN_COLUMNS) {
        return NULL;
    }
    return ui_view(ui, "apps");
}

void ui_build(struct ui *ui, const char *why)
{
    struct page *p = ui_page(ui);
    if (ui->snap == NULL) {
        return;
    }
    struct row_job job = {.snap = snapshot_ref(ui->snap),
                          .view = p->view,
                          .ns = ui->ns,
                          .subject = p->subject,
                          .filter = p->filter,
                          .order = p->order,
                          .find = p->selected != NULL || ui->ntexts > 0,
                          .now = ui_now(ui),
                          .options = &ui->o.options,
                          .page = p->id,
                          .beside = ui_beside(ui),
                          .why = why};
    row_builder_submit(ui->builder, &job);
    ui->want_build = false;
    ui->awaited = true;
}

void ui_build_later(struct ui *ui, int64_t after, const char *why)
{
    if (!ui->want_build || after < ui->build_after) {
        ui->build_after = after;
        ui->build_why = why;
    }
    ui->want_build = true;
}

static void find_cursor(struct ui *ui, struct page *p)
{
    uint32_t n = p->rows->table.n;
    long at = p->selected != NULL ? built_rows_find(p->rows, &ui->frame, p->selected, p->index) : 0;
    p->lost = at < 0 && p->follow;
    if (at >= 0) {
        p->index = (uint32_t)at;
    }
    if (p->index >= n) {
        p->index = n > 0 ? n - 1 : 0;
    }
    // The row is gone: the cursor moves to its neighbour. An empty table keeps the key: a list that is
    // read anew, or a filter that is being typed, brings the row back.
    if (at < 0 && !p->follow && n > 0) {
        set_str(&p->selected, built_rows_key(p->rows, &ui->frame, p->index));
    }
}

static void take_rows(struct ui *ui, struct built_rows *r)
{
    struct page *p = ui_page(ui);
    ui->build_cost = r->cost_ms;
    ui->built_at = clock_mono_ms();
    if (r->job.page != p->id) {
        row_builder_discard(ui->builder, r);
        return;
    }
    // The cursor was moved since the job was given: finding a row among many needs the hashes.
    if (r->hash == NULL && p->selected != NULL && r->table.n > FIND_WITHOUT_HASH) {
        row_builder_discard(ui->builder, r);
        ui_build(ui, "the cursor moved");
        return;
    }
    row_builder_discard(ui->builder, p->rows);
    ui->explained.rows = NULL; // the memory of rows that are gone may be that of others
    p->rows = r;
    find_cursor(ui, p);
    int64_t wait = ui->build_cost * AGE_SHARE;
    ui_build_later(ui, ui->built_at + (wait > AGE_MIN_MS ? wait : AGE_MIN_MS), "time passed");
}

bool ui_settle(struct ui *ui, int wait_ms)
{
    struct built_rows *r = row_builder_take(ui->builder, wait_ms);
    if (r != NULL) {
        take_rows(ui, r);
    }
    return !row_builder_busy(ui->builder);
}

void page_select(struct ui *ui, struct page *p, long index)
{
    ASSERT(p->rows != NULL && p->rows->table.n > 0);
    long n = (long)p->rows->table.n;
    index = index >= n ? n - 1 : index;
    p->index = index < 0 ? 0 : (uint32_t)index;
    p->lost = false;
    set_str(&p->selected, built_rows_key(p->rows, &ui->frame, p->index));
    if (p->follow) {
        p->follow_line = (int)(p->index >= p->top ? p->index - p->top : 0);
    }
    struct text_page *t = ui_text(ui);
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

const char *ui_row_title(struct ui *ui, const struct view_args *args, const void *row,
                         const char *key)
{
    const struct view *v = ui_page(ui)->view;
    const char *title = v->called != NULL ? v->called(args, row)
                        : v->host != NULL ? v->host(args, row)
                                          : NULL;
    const struct object *o = v->object != NULL ? v->object(args, row) : NULL;
    return title != NULL ? title : o != NULL ? object_title(&ui->frame, o) : key;
}

const void *ui_row(struct ui *ui, struct view_args *args)
{
    struct page *p = ui_page(ui);
    if (p->rows == NULL || p->index >= p->rows->table.n || p->lost) {
        return NULL;
    }
    *args = built_rows_args(p->rows, &ui->frame, ui_now(ui));
    // Keys in a text pane act on the row of the pane, which the cursor may have lost.
    struct text_page *t = ui_text(ui);
    if (t != NULL && t->key != NULL && ui_text_has_keys(ui)) {
        long at = built_rows_find(p->rows, &ui->frame, t->key, p->index);
        return at >= 0 ? p->rows->table.at[at] : NULL;
    }
    return p->rows->table.at[p->index];
}
