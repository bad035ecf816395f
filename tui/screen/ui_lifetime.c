// SPDX-License-Identifier: Apache-2.0
// The dashboard's state from its start to its end, and its drawing.
#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/thread.h"

#include "views/view_list.h"

#include "tui/screen/ui_internal.h"

#include <stdlib.h>

struct ui *ui_new(const struct ui_options *o, const struct ui_source *s, struct err *err)
{
    const struct view *const *all = o->views != NULL ? o->views : views;
    struct row_builder *builder = row_builder_new(err);
    if (builder == NULL) {
        return NULL;
    }
    struct ui *ui = xcalloc(1, sizeof *ui);
    ui->o = *o;
    ui->o.options.ascii = o->ascii;
    ui->source = *s;
    ui->views = all;
    ui->builder = builder;
    ui->place = ui->last_place = -1;
    arena_init(&ui->frame);
    grid_init(&ui->screen);
    grid_init(&ui->part);
    arena_init(&ui->explained.arena);
    ui->beside = xcalloc(1, sizeof *ui->beside);
    ui->screen.ascii = o->ascii;
    prompt_init(&ui->prompt);
    pane_init(&ui->help_pane);
    set_str(&ui->ns, o->ns);
    ui_remember_ns(ui, o->ns);
    ui_go(ui, o->view != NULL ? o->view : all[0], o->subject, NULL);
    ui_wake(ui);
    return ui;
}

void ui_free(struct ui *ui)
{
    if (ui == NULL) {
        return;
    }
    ui_free_pages(ui);
    row_builder_free(ui->builder);
    pane_release(&ui->help_pane);
    prompt_release(&ui->prompt);
    snapshot_unref(ui->snap);
    arena_release(&ui->frame);
    grid_release(&ui->screen);
    grid_release(&ui->part);
    arena_release(&ui->explained.arena);
    free(ui->beside);
    if (!thread_any_left_behind()) { // the builder's job has our options
        free(ui);
    }
}

void ui_resize(struct ui *ui, int rows, int columns)
{
    const struct view *before = ui_beside(ui);
    grid_resize(&ui->screen, rows, columns);
    if (ui_beside(ui) != before) {
        ui_build(ui, "another width");
    }
}

// Reports to the source which rows are on the screen.
static void report_drawn(struct ui *ui)
{
    const struct page *p = ui_page(ui);
    if (ui->source.drawn == NULL || p->rows == NULL) {
        return;
    }
    const struct table *t = &p->rows->table;
    uint32_t top = p->top < t->n ? p->top : t->n;
    uint32_t height = p->height > 0 ? (uint32_t)p->height : 0;
    struct view_args args = built_rows_args(p->rows, &ui->frame, ui_now(ui));
    ui->source.drawn(ui->source.self, p->view, &args, t->at + top,
                     t->n - top < height ? t->n - top : height);
}

const struct grid *ui_draw(struct ui *ui)
{
    arena_clear(&ui->frame);
    if (ui->screen.rows > 0 && ui->screen.columns > 0) {
        draw_screen(ui, &ui->screen);
        report_drawn(ui);
    }
    return &ui->screen;
}
