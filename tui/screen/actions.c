// SPDX-License-Identifier: Apache-2.0
// What keys do.
#include "tui/screen/actions.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tui/screen/ui_internal.h"

#include <stdlib.h>
#include <string.h>

// --- moving

enum { LEFT_STEP = 8 }; // columns

static void move_rows(struct ui *ui, long by)
{
    struct page *p = ui_page(ui);
    if (p->rows != NULL && p->rows->table.n > 0) {
        page_select(ui, p, (long)p->index + by);
    }
}

// Moves the cursor of the table, or the text that has the focus; PANE_FAR goes to an end.
static void move(struct ui *ui, long by)
{
    struct pane *pane = ui_pane_with_keys(ui);
    if (pane != NULL) {
        pane_scroll(pane, by);
    } else {
        move_rows(ui, by);
    }
}

// The lines that a page moves by: one less than it shows.
static long page_lines(struct ui *ui)
{
    struct pane *pane = ui_pane_with_keys(ui);
    int height = pane != NULL ? pane->height : ui_page(ui)->height;
    return height > 1 ? height - 1 : 1;
}

void action_down(struct ui *ui)
{
    move(ui, 1);
}

void action_up(struct ui *ui)
{
    move(ui, -1);
}

void action_top(struct ui *ui)
{
    move(ui, -PANE_FAR);
}

void action_bottom(struct ui *ui)
{
    move(ui, PANE_FAR);
}

void action_half_page_down(struct ui *ui)
{
    move(ui, (page_lines(ui) + 1) / 2);
}

void action_half_page_up(struct ui *ui)
{
    move(ui, -(page_lines(ui) + 1) / 2);
}

void action_page_down(struct ui *ui)
{
    move(ui, page_lines(ui));
}

void action_page_up(struct ui *ui)
{
    move(ui, -page_lines(ui));
}

void action_left(struct ui *ui)
{
    struct pane *pane = ui_pane_with_keys(ui);
    if (pane != NULL) {
        pane->left = pane->left > LEFT_STEP ? pane->left - LEFT_STEP : 0;
    }
}

void action_right(struct ui *ui)
{
    struct pane *pane = ui_pane_with_keys(ui);
    if (pane != NULL && !pane->wrap) {
        pane->left += LEFT_STEP;
    }
}

void action_next_fault(struct ui *ui)
{
    struct view_args args;
    struct page *p = ui_page(ui);
    const struct view *v = p->view;
    if (ui_row(ui, &args) == NULL || v->verdict == NULL) {
        ui_say(ui, ROLE_WARNING, "no row here has a state");
        return;
    }
    const uint32_t n = p->rows->table.n;
    for (uint32_t step = 1; step <= n; step++) {
        const uint32_t i = (p->index + step) % n;
        if (v->verdict(&args, p->rows->table.at[i]) >= VERDICT_WARNING) {
            page_select(ui, p, (long)i);
            return;
        }
    }
    ui_say(ui, ROLE_OK, "no row is broken or has a warning");
}

// --- sorting

static void sort_by(struct ui *ui, int column)
{
    struct page *p = ui_page(ui);
    p->order = (struct table_order){column, p->view->columns[column].descending};
    ui_build(ui, "another order");
}

// Sorts by the next column to the left (-1) or right (1) that is shown.
static void sort_step(struct ui *ui, int by)
{
    struct page *p = ui_page(ui);
    int n = p->view->ncolumns, c = p->order.column;
    for (int step = 0; step < n; step++) {
        c = c < 0 ? (by > 0 ? 0 : n - 1) : (c + by + n) % n;
        if (ui->wide || !p->view->columns[c].wide) {
            sort_by(ui, c);
            return;
        }
    }
}

void action_sort_left(struct ui *ui)
{
    sort_step(ui, -1);
}

void action_sort_right(struct ui *ui)
{
    sort_step(ui, 1);
}

void action_sort_invert(struct ui *ui)
{
    struct page *p = ui_page(ui);
    p->order.descending = !p->order.descending;
    ui_build(ui, "another order");
}

void action_sort_name(struct ui *ui)
{
    static const char *const fields[] = {"name", "host"};
    const struct view *v = ui_page(ui)->view;
    for (size_t f = 0; f < ARRAY_COUNT(fields); f++) {
        for (int c = 0; c < v->ncolumns; c++) {
            if (strcmp(v->columns[c].field, fields[f]) == 0) {
                sort_by(ui, c);
                return;
            }
        }
    }
    sort_by(ui, 0);
}

void action_sort_letter(struct ui *ui)
{
    const struct view *v = ui_page(ui)->view;
    for (int c = 0; c < v->ncolumns; c++) {
        if (v->columns[c].key != 0 && (uint32_t)(unsigned char)v->columns[c].key == ui->key) {
            sort_by(ui, c);
            return;
        }
    }
}

// --- the row

static const char no_row[] = "there is no row here";

void action_details(struct ui *ui)
{
    struct view_args args;
    const void *row = ui_row(ui, &args);
    const struct view *v = ui_page(ui)->view;
    if (row == NULL) {
        ui_say(ui, ROLE_WARNING, "%s", no_row);
        return;
    }
    ui_remember_ns(ui, view_row_ns(v, &args, row));
    const char *key = arena_strdup(&ui->frame, view_row_key(v, &args, row));
    struct text_page *t = ui_text(ui);
    if (t != NULL && t->kind == TEXT_DETAIL && str_eq(t->key, key)) {
        ui->table_focus = false;
        return;
    }
    ui_open_text(ui, TEXT_DETAIL, key);
}

static const struct object *row_object(struct ui *ui, struct view_args *args, const void **row)
{
    const struct view *v = ui_page(ui)->view;
    *row = ui_row(ui, args);
    if (*row == NULL) {
        ui_say(ui, ROLE_WARNING, "%s", no_row);
        return NULL;
    }
    const struct object *o = v->object != NULL ? v->object(args, *row) : NULL;
    if (o == NULL) {
        ui_say(ui, ROLE_WARNING, "this row has no object");
    }
    return o;
}

void action_yaml(struct ui *ui)
{
    struct view_args args;
    const void *row;
    const struct object *o = row_object(ui, &args, &row);
    if (o == NULL) {
        return;
    }
    if (ui->source.yaml_open == NULL) {
        ui_say(ui, ROLE_WARNING, "YAML is not available here");
        return;
    }
    struct text_page *t = ui_open_text(ui, TEXT_YAML, view_row_key(ui_page(ui)->view, &args, row));
    set_str(&t->title, object_title(&ui->frame, o));
    t->pane.wrap = false;
    t->pending = true;
    ui->source.yaml_open(ui->source.self, o);
}

void action_events(struct ui *ui)
{
    struct view_args args;
    const void *row;
    const struct object *o = row_object(ui, &args, &row);
    if (o == NULL) {
        return;
    }
    const char *subject = o->uid;
    const struct view *v = ui->source.events != NULL
                               ? ui->source.events(ui->source.self, &args, o, &subject)
                               : ui_view(ui, "events");
    if (v == NULL) {
        ui_say(ui, ROLE_WARNING, "there are no events here");
        return;
    }
    // Files have no events of their objects; without a uid the view would show all.
    if (str_empty(subject)) {
        ui_say(ui, ROLE_WARNING, "no events are known for %s", object_title(&ui->frame, o));
        return;
    }
    ui_push(ui, v, subject, object_title(&ui->frame, o));
}

// Only this key and --probe-tls make handshakes: they reach production gateways.
void action_probe(struct ui *ui)
{
    struct view_args args;
    const void *row = ui_row(ui, &args);
    if (ui->source.probe == NULL) {
        ui_say(ui, ROLE_WARNING, "probing needs a cluster");
    } else if (row == NULL) {
        ui_say(ui, ROLE_WARNING, "%s", no_row);
    } else {
        const char *said = ui->source.probe(ui->source.self, ui_page(ui)->view, &args, row);
        ui_say(ui, ROLE_TEXT, "%s", said);
    }
}

// The view of what is related to the row under the cursor, with its subject and the row's key; NULL: nothing is known.
static const struct view *related_to_row(struct ui *ui, const char **subject, const char **key)
{
    struct view_args args;
    const void *row = ui_row(ui, &args);
    *subject = *key = NULL;
    return row != NULL && ui->source.related != NULL
               ? ui->source.related(ui->source.self, ui_page(ui)->view, &args, row, subject, key)
               : NULL;
}

void action_related(struct ui *ui)
{
    const char *subject, *key;
    const struct view *to = related_to_row(ui, &subject, &key);
    if (to == NULL) {
        ui_say(ui, ROLE_WARNING, "nothing is known to be related to this row");
        return;
    }
    ui_push(ui, to, subject, NULL);
    set_str(&ui_page(ui)->selected, key);
}

void action_applications(struct ui *ui)
{
    const struct view *apps = ui_view(ui, "apps");
    if (apps == NULL) {
        ui_say(ui, ROLE_WARNING, "there are no applications here");
        return;
    }
    const char *subject, *key;
    const struct view *to = related_to_row(ui, &subject, &key);
    ui_push(ui, apps, NULL, NULL);
    set_str(&ui_page(ui)->selected, to == apps ? key : NULL);
}

void action_mark(struct ui *ui)
{
    struct view_args args;
    struct page *p = ui_page(ui);
    const void *row = ui_row(ui, &args);
    if (row == NULL) {
        return;
    }
    const char *key = view_row_key(p->view, &args, row);
    for (uint32_t i = 0; i < p->nmarks; i++) {
        if (strcmp(p->marks[i], key) == 0) {
            free(p->marks[i]);
            p->marks[i] = p->marks[--p->nmarks];
            move_rows(ui, 1);
            return;
        }
    }
    *ARRAY_PUSH(p->marks, p->nmarks, p->cap_marks) = xstrdup(key);
    move_rows(ui, 1);
}

// --- filter

void filter_rows(struct ui *ui, const char *words)
{
    set_str(&ui_page(ui)->filter, words);
    ui_build(ui, "another filter");
}

void action_clear_filter(struct ui *ui)
{
    filter_rows(ui, NULL);
}

// --- panes, prompts, state

void action_back(struct ui *ui)
{
    struct page *p = ui_page(ui);
    if (ui->help) {
        ui->help = false;
    } else if (ui_pane_with_keys(ui) != NULL && ui_text(ui)->pane.search != NULL) {
        pane_set_search(&ui_text(ui)->pane, NULL);
    } else if (ui_text(ui) != NULL) {
        ui_close_text(ui);
    } else if (p->filter != NULL) {
        filter_rows(ui, NULL);
    } else if (!ui_pop(ui)) {
        ui_say(ui, ROLE_DIM, "this is the first view; q quits");
    }
}

void action_close(struct ui *ui)
{
    if (ui->help) {
        ui->help = false;
    } else if (ui_text(ui) != NULL) {
        ui_close_text(ui);
    } else if (!ui_pop(ui)) {
        ui->ended = true;
    }
}

static void open_prompt(struct ui *ui, enum prompt_kind kind, const char *text)
{
    ui->message[0] = '\0';
    prompt_open(&ui->prompt, kind, text);
}

void action_command_prompt(struct ui *ui)
{
    open_prompt(ui, PROMPT_COMMAND, "");
}

void action_filter_prompt(struct ui *ui)
{
    open_prompt(ui, PROMPT_FILTER, ui_page(ui)->filter);
}

void action_search_prompt(struct ui *ui)
{
    open_prompt(ui, PROMPT_SEARCH, "");
}

void action_trace_prompt(struct ui *ui)
{
    if (ui->source.trace == NULL) {
        ui_say(ui, ROLE_WARNING, "tracing is not available here");
        return;
    }
    struct view_args args;
    const struct view *v = ui_page(ui)->view;
    const void *row = ui_row(ui, &args);
    const char *host = row != NULL && v->host != NULL ? v->host(&args, row) : NULL;
    open_prompt(ui, PROMPT_TRACE,
                host != NULL ? arena_printf(&ui->frame, "https://%s/", host) : "https://");
}

void open_trace(struct ui *ui, const char *request)
{
    if (ui->source.trace == NULL) {
        ui_say(ui, ROLE_WARNING, "tracing is not available here");
        return;
    }
    if (request[0] == '\0') {
        ui_say(ui, ROLE_WARNING, "type a URL to trace, such as https://host/path");
        return;
    }
    struct text_page *t = ui_open_text(ui, TEXT_TRACE, NULL);
    set_str(&t->request, request);
    set_str(&t->title, request);
}

static void find_hit(struct ui *ui, bool forward, bool from_here)
{
    struct pane *p = ui_pane_with_keys(ui);
    if (p == NULL || p->search == NULL) {
        ui_say(ui, ROLE_WARNING, "there is no search yet; / starts one");
    } else if (!pane_find(p, forward, from_here)) {
        ui_say_typed(ui, ROLE_WARNING, "what is searched is not in the text",
                     "'%.60s' is not in the text", p->search);
    }
}

void search_text(struct ui *ui, const char *text)
{
    struct pane *p = ui_pane_with_keys(ui);
    if (p != NULL) {
        pane_set_search(p, text);
        find_hit(ui, true, true);
    }
}

void action_next_hit(struct ui *ui)
{
    find_hit(ui, true, false);
}

void action_previous_hit(struct ui *ui)
{
    find_hit(ui, false, false);
}

void action_relist(struct ui *ui)
{
    if (ui->source.relist == NULL) {
        ui_say(ui, ROLE_WARNING, "nothing can be listed again here");
        return;
    }
    const struct view *v = ui_page(ui)->view;
    ui->source.relist(ui->source.self, v->needs | v->reads);
    ui_say(ui, ROLE_DIM, "listing again");
}

void action_pause(struct ui *ui)
{
    ui->paused_at = clock_now();
    ui->paused = !ui->paused;
    if (!ui->paused) {
        ui_wake(ui);
        ui_build(ui, "no pause");
    }
}

void action_wide(struct ui *ui)
{
    ui->wide = !ui->wide;
}

void action_header(struct ui *ui)
{
    ui->header_hidden = !ui->header_hidden;
}

void action_repaint(struct ui *ui)
{
    ui->repaint = true;
}

void action_quit(struct ui *ui)
{
    ui->ended = true;
}

void action_follow(struct ui *ui)
{
    struct page *p = ui_page(ui);
    p->follow = !p->follow;
    p->follow_line = (int)(p->index - p->top);
    if (p->follow && p->rows != NULL && p->rows->table.n > 0) {
        page_select(ui, p, (long)p->index);
    }
    p->lost = false;
}

void action_recent_namespace(struct ui *ui)
{
    int i = (int)(ui->key - '1');
    if (i < 0 || i >= MAX_RECENT || ui->recent[i] == NULL) {
        ui_say(ui, ROLE_WARNING, "no namespace has this number yet; ':ns NAME' gives it one");
    } else {
        ui_set_ns(ui, ui->recent[i]);
    }
}

void action_all_namespaces(struct ui *ui)
{
    ui_set_ns(ui, NULL);
}

void action_history_back(struct ui *ui)
{
    ui_go_place(ui, ui->place - 1);
}

void action_history_forward(struct ui *ui)
{
    ui_go_place(ui, ui->place + 1);
}

void action_last_view(struct ui *ui)
{
    ui_go_place(ui, ui->last_place);
}

void action_help(struct ui *ui)
{
    ui->help = !ui->help;
    pane_scroll(&ui->help_pane, -PANE_FAR);
}

void action_next_pane(struct ui *ui)
{
    ui->table_focus = ui_text(ui) != NULL && !ui->table_focus;
}

void action_wrap(struct ui *ui)
{
    struct pane *pane = ui_pane_with_keys(ui);
    if (pane != NULL) {
        pane->wrap = !pane->wrap;
        pane->left = 0;
        pane->part = 0;
    }
}

void action_fold(struct ui *ui)
{
    struct pane *pane = ui_pane_with_keys(ui);
    if (pane != NULL && pane_has_fold(pane)) {
        pane_toggle_fold(pane);
    }
}
