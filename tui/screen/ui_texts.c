// SPDX-License-Identifier: Apache-2.0
// Text panes over the table: details, YAML, traces.
#include "kube/base/fail.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/text.h"

#include "tui/screen/ui_internal.h"

#include <stdlib.h>

static void text_free(struct text_page *t)
{
    pane_release(&t->pane);
    free(t->key);
    free(t->title);
    free(t->request);
    free(t);
}

static void log_pane(struct ui *ui, enum text_kind kind, const char *key)
{
    static const char *const kind_names[] = {[TEXT_DETAIL] = "details",
                                             [TEXT_YAML] = "YAML",
                                             [TEXT_TRACE] = "trace",
                                             [TEXT_CONTEXTS] = "contexts"};
    struct view_args args;
    const void *row = key != NULL ? ui_row(ui, &args) : NULL;
    log_debug(LOG_AREA_SCREEN, "pane %s%s%s", kind_names[kind], row != NULL ? " of " : "",
              row != NULL ? ui_row_title(ui, &args, row, key) : "");
}

struct text_page *ui_open_text(struct ui *ui, enum text_kind kind, const char *key)
{
    if (ui->ntexts == MAX_TEXTS) {
        ui_close_text(ui);
    }
    if (log_area_on(LOG_AREA_SCREEN)) {
        log_pane(ui, kind, key);
    }
    struct text_page *t = xcalloc(1, sizeof *t);
    t->kind = kind;
    set_str(&t->key, key);
    set_str(&t->title, key);
    pane_init(&t->pane);
    ui->texts[ui->ntexts++] = t;
    ui->table_focus = ui->help = false;
    return t;
}

void ui_close_text(struct ui *ui)
{
    ASSERT(ui->ntexts > 0);
    struct text_page *t = ui->texts[--ui->ntexts];
    if (t->kind == TEXT_YAML && t->pending && ui->source.yaml_cancel != NULL) {
        ui->source.yaml_cancel(ui->source.self);
    }
    text_free(t);
    ui->table_focus = false;
}

void ui_close_texts(struct ui *ui)
{
    while (ui->ntexts > 0) {
        ui_close_text(ui);
    }
}

static void refresh_detail(struct ui *ui, struct text_page *t)
{
    struct page *p = ui_page(ui);
    if (p->rows == NULL) {
        return;
    }
    long at = built_rows_find(p->rows, &ui->frame, t->key, p->index);
    t->gone = at < 0;
    if (at < 0) {
        return; // keep the last details
    }
    struct view_args args = built_rows_args(p->rows, &ui->frame, ui_now(ui));
    const void *row = p->rows->table.at[at];
    set_str(&t->title, ui_row_title(ui, &args, row, t->key));
    struct text_block *b = pane_begin(&t->pane);
    args.arena = b->arena;
    p->view->detail(&args, row, b);
    pane_end(&t->pane);
}

static void refresh_trace(struct ui *ui, struct text_page *t)
{
    if (ui->snap == NULL || t->taken == ui->taken) {
        return;
    }
    t->taken = ui->taken;
    struct text_block *b = pane_begin(&t->pane);
    struct view_args args = {
        .snap = ui->snap, .arena = b->arena, .now = ui_now(ui), .options = &ui->o.options};
    ui->source.trace(ui->source.self, &args, t->request, b);
    pane_end(&t->pane);
}

void ui_refresh_text(struct ui *ui, struct text_page *t)
{
    if (t->kind == TEXT_DETAIL) {
        refresh_detail(ui, t);
    } else if (t->kind == TEXT_TRACE) {
        refresh_trace(ui, t);
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

void ui_take_yaml(struct ui *ui, struct yaml_answer *answer)
{
    for (int i = ui->ntexts - 1; i >= 0; i--) {
        if (ui->texts[i]->kind == TEXT_YAML && ui->texts[i]->pending) {
            fill_yaml(ui->texts[i], answer);
            break;
        }
    }
    free(answer->text);
}
