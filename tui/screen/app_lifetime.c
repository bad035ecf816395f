// SPDX-License-Identifier: Apache-2.0
// The dashboard's state from its start to its end, and its drawing.
#include "kube/base/arena.h"
#include "kube/base/mem.h"

#include "views/view_list.h"

#include "tui/screen/app_internal.h"

#include <stdlib.h>

struct app *app_new(const struct app_options *o, const struct app_source *s, struct err *err)
{
    const struct view *const *all = o->views != NULL ? o->views : views;
    struct row_builder *builder = row_builder_new(err);
    if (builder == NULL) {
        return NULL;
    }
    struct app *a = xcalloc(1, sizeof *a);
    a->o = *o;
    a->o.options.ascii = o->ascii;
    a->source = *s;
    a->views = all;
    a->builder = builder;
    a->place = a->last_place = -1;
    arena_init(&a->frame);
    grid_init(&a->screen);
    grid_init(&a->shown);
    a->screen.ascii = o->ascii;
    prompt_init(&a->prompt);
    pane_init(&a->help_pane);
    set_str(&a->ns, o->ns);
    app_remember_ns(a, o->ns);
    app_go(a, o->view != NULL ? o->view : all[0], o->subject, NULL);
    app_wake(a);
    return a;
}

void app_free(struct app *a)
{
    if (a == NULL) {
        return;
    }
    app_free_pages(a);
    row_builder_free(a->builder);
    pane_release(&a->help_pane);
    prompt_release(&a->prompt);
    snapshot_unref(a->snap);
    arena_release(&a->frame);
    grid_release(&a->screen);
    grid_release(&a->shown);
    free(a);
}

void app_resize(struct app *a, int rows, int columns)
{
    grid_resize(&a->screen, rows, columns);
}

// Tells the source which rows are on the screen.
static void report_drawn(struct app *a)
{
    const struct page *p = app_page(a);
    if (a->source.drawn == NULL || p->rows == NULL) {
        return;
    }
    const struct table *t = &p->rows->table;
    uint32_t top = p->top < t->n ? p->top : t->n;
    uint32_t height = p->height > 0 ? (uint32_t)p->height : 0;
    struct view_args args = built_rows_args(p->rows, &a->frame, app_now(a));
    a->source.drawn(a->source.self, p->view, &args, t->at + top,
                    t->n - top < height ? t->n - top : height);
}

const struct grid *app_draw(struct app *a)
{
    arena_clear(&a->frame);
    if (a->screen.rows > 0 && a->screen.columns > 0) {
        draw_screen(a, &a->screen);
        report_drawn(a);
    }
    return &a->screen;
}
