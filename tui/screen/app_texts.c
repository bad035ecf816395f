// SPDX-License-Identifier: Apache-2.0
// Text panes over the table: details, YAML, traces.
#include "kube/base/fail.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/text.h"

#include "tui/screen/app_internal.h"

#include <stdlib.h>

static void text_free(struct text_page *t)
{
    pane_release(&t->pane);
    free(t->key);
    free(t->title);
    free(t->request);
    free(t);
}

static void log_pane(struct app *a, enum text_kind kind, const char *key)
{
    static const char *const kind_names[] = {[TEXT_DETAIL] = "details",
                                             [TEXT_YAML] = "YAML",
                                             [TEXT_TRACE] = "trace",
                                             [TEXT_CONTEXTS] = "contexts"};
    struct view_args args;
    const void *row = key != NULL ? app_row(a, &args) : NULL;
    log_debug(LOG_AREA_SCREEN, "pane %s%s%s", kind_names[kind], row != NULL ? " of " : "",
              row != NULL ? app_row_title(a, &args, row, key) : "");
}

struct text_page *app_open_text(struct app *a, enum text_kind kind, const char *key)
{
    if (a->ntexts == MAX_TEXTS) {
        app_close_text(a);
    }
    if (log_area_on(LOG_AREA_SCREEN)) {
        log_pane(a, kind, key);
    }
    struct text_page *t = xcalloc(1, sizeof *t);
    t->kind = kind;
    set_str(&t->key, key);
    set_str(&t->title, key);
    pane_init(&t->pane);
    a->texts[a->ntexts++] = t;
    a->table_focus = a->help = false;
    return t;
}

void app_close_text(struct app *a)
{
    ASSERT(a->ntexts > 0);
    struct text_page *t = a->texts[--a->ntexts];
    if (t->kind == TEXT_YAML && t->pending && a->source.yaml_cancel != NULL) {
        a->source.yaml_cancel(a->source.self);
    }
    text_free(t);
    a->table_focus = false;
}

void app_close_texts(struct app *a)
{
    while (a->ntexts > 0) {
        app_close_text(a);
    }
}

static void refresh_detail(struct app *a, struct text_page *t)
{
    struct page *p = app_page(a);
    if (p->rows == NULL) {
        return;
    }
    long at = built_rows_find(p->rows, &a->frame, t->key, p->index);
    t->gone = at < 0;
    if (at < 0) {
        return; // the last details stay
    }
    struct view_args args = built_rows_args(p->rows, &a->frame, app_now(a));
    const void *row = p->rows->table.at[at];
    set_str(&t->title, app_row_title(a, &args, row, t->key));
    struct text_block *b = pane_begin(&t->pane);
    args.arena = b->arena;
    p->view->detail(&args, row, b);
    pane_end(&t->pane);
}

static void refresh_trace(struct app *a, struct text_page *t)
{
    if (a->snap == NULL || t->taken == a->taken) {
        return;
    }
    t->taken = a->taken;
    struct text_block *b = pane_begin(&t->pane);
    struct view_args args = {
        .snap = a->snap, .arena = b->arena, .now = app_now(a), .options = &a->o.options};
    a->source.trace(a->source.self, &args, t->request, b);
    pane_end(&t->pane);
}

void app_refresh_text(struct app *a, struct text_page *t)
{
    if (t->kind == TEXT_DETAIL) {
        refresh_detail(a, t);
    } else if (t->kind == TEXT_TRACE) {
        refresh_trace(a, t);
    }
}

static void fill_yaml(struct text_page *t, const struct yaml_answer *answer)
{
    t->pending = false;
    log_debug(LOG_AREA_SCREEN, "YAML: %zu bytes%s%.*s", answer->n,
              answer->failed ? ", failed: " : "", answer->failed ? (int)answer->n : 0,
              answer->text);
    if (!answer->failed) {
        pane_set_yaml(&t->pane, answer->text, answer->n);
        return;
    }
    struct text_block *b = pane_begin(&t->pane);
    block_line(b);
    block_put(b, ROLE_BROKEN, "%s", text_clean(b->arena, answer->text, answer->n, 0));
    pane_end(&t->pane);
}

void app_take_yaml(struct app *a, struct yaml_answer *answer)
{
    for (int i = a->ntexts - 1; i >= 0; i--) {
        if (a->texts[i]->kind == TEXT_YAML && a->texts[i]->pending) {
            fill_yaml(a->texts[i], answer);
            break;
        }
    }
    free(answer->text);
}
