// SPDX-License-Identifier: Apache-2.0
// What keys do.
#include "tui/screen/actions.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tui/screen/app_internal.h"

#include <stdlib.h>
#include <string.h>

// --- moving

enum { LEFT_STEP = 8 }; // columns

static void move_rows(struct app *a, long by)
{
    struct page *p = app_page(a);
    if (p->rows != NULL && p->rows->table.n > 0) {
        page_select(a, p, (long)p->index + by);
    }
}

// Moves what has the keys; PANE_FAR goes to an end.
static void move(struct app *a, long by)
{
    struct pane *pane = app_pane_with_keys(a);
    if (pane != NULL) {
        pane_scroll(pane, by);
    } else {
        move_rows(a, by);
    }
}

// Lines of a page: one stays in view.
static long page_lines(struct app *a)
{
    struct pane *pane = app_pane_with_keys(a);
    int height = pane != NULL ? pane->height : app_page(a)->height;
    return height > 1 ? height - 1 : 1;
}

void action_down(struct app *a)
{
    move(a, 1);
}

void action_up(struct app *a)
{
    move(a, -1);
}

void action_top(struct app *a)
{
    move(a, -PANE_FAR);
}

void action_bottom(struct app *a)
{
    move(a, PANE_FAR);
}

void action_half_page_down(struct app *a)
{
    move(a, (page_lines(a) + 1) / 2);
}

void action_half_page_up(struct app *a)
{
    move(a, -(page_lines(a) + 1) / 2);
}

void action_page_down(struct app *a)
{
    move(a, page_lines(a));
}

void action_page_up(struct app *a)
{
    move(a, -page_lines(a));
}

void action_left(struct app *a)
{
    struct pane *pane = app_pane_with_keys(a);
    if (pane != NULL) {
        pane->left = pane->left > LEFT_STEP ? pane->left - LEFT_STEP : 0;
    }
}

void action_right(struct app *a)
{
    struct pane *pane = app_pane_with_keys(a);
    if (pane != NULL && !pane->wrap) {
        pane->left += LEFT_STEP;
    }
}

// --- sorting

static void sort_by(struct app *a, int column)
{
    struct page *p = app_page(a);
    p->order = (struct table_order){column, p->view->columns[column].descending};
    app_build(a, "another order");
}

// Sorts by the next column to the left (-1) or right (1) that is shown.
static void sort_step(struct app *a, int by)
{
    struct page *p = app_page(a);
    int n = p->view->ncolumns, c = p->order.column;
    for (int step = 0; step < n; step++) {
        c = c < 0 ? (by > 0 ? 0 : n - 1) : (c + by + n) % n;
        if (a->wide || !p->view->columns[c].wide) {
            sort_by(a, c);
            return;
        }
    }
}

void action_sort_left(struct app *a)
{
    sort_step(a, -1);
}

void action_sort_right(struct app *a)
{
    sort_step(a, 1);
}

void action_sort_invert(struct app *a)
{
    struct page *p = app_page(a);
    p->order.descending = !p->order.descending;
    app_build(a, "another order");
}

void action_sort_name(struct app *a)
{
    static const char *const fields[] = {"name", "host"};
    const struct view *v = app_page(a)->view;
    for (size_t f = 0; f < ARRAY_COUNT(fields); f++) {
        for (int c = 0; c < v->ncolumns; c++) {
            if (strcmp(v->columns[c].field, fields[f]) == 0) {
                sort_by(a, c);
                return;
            }
        }
    }
    sort_by(a, 0);
}

void action_sort_letter(struct app *a)
{
    const struct view *v = app_page(a)->view;
    for (int c = 0; c < v->ncolumns; c++) {
        if (v->columns[c].key != 0 && (uint32_t)(unsigned char)v->columns[c].key == a->key) {
            sort_by(a, c);
            return;
        }
    }
}

// --- the row

static const char no_row[] = "there is no row here";

void action_details(struct app *a)
{
    struct view_args args;
    const void *row = app_row(a, &args);
    const struct view *v = app_page(a)->view;
    if (row == NULL) {
        app_say(a, ROLE_WARNING, "%s", no_row);
        return;
    }
    app_remember_ns(a, view_row_ns(v, &args, row));
    const char *key = arena_strdup(&a->frame, view_row_key(v, &args, row));
    struct text_page *t = app_text(a);
    if (t != NULL && t->kind == TEXT_DETAIL && str_eq(t->key, key)) {
        a->table_focus = false;
        return;
    }
    app_open_text(a, TEXT_DETAIL, key);
}

static const struct object *row_object(struct app *a, struct view_args *args, const void **row)
{
    const struct view *v = app_page(a)->view;
    *row = app_row(a, args);
    if (*row == NULL) {
        app_say(a, ROLE_WARNING, "%s", no_row);
        return NULL;
    }
    const struct object *o = v->object != NULL ? v->object(args, *row) : NULL;
    if (o == NULL) {
        app_say(a, ROLE_WARNING, "this row has no object");
    }
    return o;
}

void action_yaml(struct app *a)
{
    struct view_args args;
    const void *row;
    const struct object *o = row_object(a, &args, &row);
    if (o == NULL) {
        return;
    }
    if (a->source.yaml_open == NULL) {
        app_say(a, ROLE_WARNING, "YAML is not available here");
        return;
    }
    struct text_page *t = app_open_text(a, TEXT_YAML, view_row_key(app_page(a)->view, &args, row));
    set_str(&t->title, object_title(&a->frame, o));
    t->pane.wrap = false;
    t->pending = true;
    a->source.yaml_open(a->source.self, o);
}

void action_events(struct app *a)
{
    struct view_args args;
    const void *row;
    const struct object *o = row_object(a, &args, &row);
    if (o == NULL) {
        return;
    }
    const char *subject = o->uid;
    const struct view *v = NULL;
    if (a->source.events != NULL) {
        v = a->source.events(a->source.self, &args, o, &subject);
    } else {
        for (const struct view *const *at = a->views; *at != NULL; at++) {
            v = strcmp((*at)->name, "events") == 0 ? *at : v;
        }
    }
    if (v == NULL) {
        app_say(a, ROLE_WARNING, "there are no events here");
        return;
    }
    // Files have no events of their objects; without a uid the view would show all.
    if (str_empty(subject)) {
        app_say(a, ROLE_WARNING, "no events are known for %s", object_title(&a->frame, o));
        return;
    }
    app_push(a, v, subject, object_title(&a->frame, o));
}

// Only this key and --probe-tls make handshakes: they reach production gateways.
void action_probe(struct app *a)
{
    struct view_args args;
    const void *row = app_row(a, &args);
    if (a->source.probe == NULL) {
        app_say(a, ROLE_WARNING, "probing needs a cluster");
    } else if (row == NULL) {
        app_say(a, ROLE_WARNING, "%s", no_row);
    } else {
        const char *said = a->source.probe(a->source.self, app_page(a)->view, &args, row);
        app_say(a, ROLE_TEXT, "%s", said);
    }
}

void action_related(struct app *a)
{
    struct view_args args;
    const void *row = app_row(a, &args);
    const char *subject = NULL, *key = NULL;
    const struct view *to =
        row != NULL && a->source.related != NULL
            ? a->source.related(a->source.self, app_page(a)->view, &args, row, &subject, &key)
            : NULL;
    if (to == NULL) {
        app_say(a, ROLE_WARNING, "nothing is known to be related to this row");
        return;
    }
    app_push(a, to, subject, NULL);
    set_str(&app_page(a)->selected, key);
}

void action_mark(struct app *a)
{
    struct view_args args;
    struct page *p = app_page(a);
    const void *row = app_row(a, &args);
    if (row == NULL) {
        return;
    }
    const char *key = view_row_key(p->view, &args, row);
    for (uint32_t i = 0; i < p->nmarks; i++) {
        if (strcmp(p->marks[i], key) == 0) {
            free(p->marks[i]);
            p->marks[i] = p->marks[--p->nmarks];
            move_rows(a, 1);
            return;
        }
    }
    *ARRAY_PUSH(p->marks, p->nmarks, p->cap_marks) = xstrdup(key);
    move_rows(a, 1);
}

// --- filter

void filter_rows(struct app *a, const char *words)
{
    set_str(&app_page(a)->filter, words);
    app_build(a, "another filter");
}

void action_clear_filter(struct app *a)
{
    filter_rows(a, NULL);
}

// --- panes, prompts, state

void action_back(struct app *a)
{
    struct page *p = app_page(a);
    if (a->help) {
        a->help = false;
    } else if (app_pane_with_keys(a) != NULL && app_text(a)->pane.search != NULL) {
        pane_set_search(&app_text(a)->pane, NULL);
    } else if (app_text(a) != NULL) {
        app_close_text(a);
    } else if (p->filter != NULL) {
        filter_rows(a, NULL);
    } else if (!app_pop(a)) {
        app_say(a, ROLE_DIM, "this is the first view; q quits");
    }
}

void action_close(struct app *a)
{
    if (a->help) {
        a->help = false;
    } else if (app_text(a) != NULL) {
        app_close_text(a);
    } else if (!app_pop(a)) {
        a->ended = true;
    }
}

static void open_prompt(struct app *a, enum prompt_kind kind, const char *text)
{
    a->message[0] = '\0';
    prompt_open(&a->prompt, kind, text);
}

void action_command_prompt(struct app *a)
{
    open_prompt(a, PROMPT_COMMAND, "");
}

void action_filter_prompt(struct app *a)
{
    open_prompt(a, PROMPT_FILTER, app_page(a)->filter);
}

void action_search_prompt(struct app *a)
{
    open_prompt(a, PROMPT_SEARCH, "");
}

void action_trace_prompt(struct app *a)
{
    if (a->source.trace == NULL) {
        app_say(a, ROLE_WARNING, "tracing is not available here");
        return;
    }
    struct view_args args;
    const struct view *v = app_page(a)->view;
    const void *row = app_row(a, &args);
    const char *host = row != NULL && v->host != NULL ? v->host(&args, row) : NULL;
    open_prompt(a, PROMPT_TRACE,
                host != NULL ? arena_printf(&a->frame, "https://%s/", host) : "https://");
}

void open_trace(struct app *a, const char *request)
{
    if (a->source.trace == NULL) {
        app_say(a, ROLE_WARNING, "tracing is not available here");
        return;
    }
    struct text_page *t = app_open_text(a, TEXT_TRACE, NULL);
    set_str(&t->request, request);
    set_str(&t->title, request);
}

static void find_hit(struct app *a, bool forward, bool from_here)
{
    struct pane *p = app_pane_with_keys(a);
    if (p == NULL || p->search == NULL) {
        app_say(a, ROLE_WARNING, "there is no search yet; / starts one");
    } else if (!pane_find(p, forward, from_here)) {
        app_say_typed(a, ROLE_WARNING, "what is searched is not in the text",
                      "'%.60s' is not in the text", p->search);
    }
}

void search_text(struct app *a, const char *text)
{
    struct pane *p = app_pane_with_keys(a);
    if (p != NULL) {
        pane_set_search(p, text);
        find_hit(a, true, true);
    }
}

void action_next_hit(struct app *a)
{
    find_hit(a, true, false);
}

void action_previous_hit(struct app *a)
{
    find_hit(a, false, false);
}

void action_relist(struct app *a)
{
    if (a->source.relist == NULL) {
        app_say(a, ROLE_WARNING, "nothing can be listed again here");
        return;
    }
    const struct view *v = app_page(a)->view;
    a->source.relist(a->source.self, v->needs | v->reads);
    app_say(a, ROLE_DIM, "listing again");
}

void action_pause(struct app *a)
{
    a->paused_at = clock_now();
    a->paused = !a->paused;
    if (!a->paused) {
        app_wake(a);
        app_build(a, "no pause");
    }
}

void action_wide(struct app *a)
{
    a->wide = !a->wide;
}

void action_header(struct app *a)
{
    a->header_hidden = !a->header_hidden;
}

void action_repaint(struct app *a)
{
    a->repaint = true;
}

void action_quit(struct app *a)
{
    a->ended = true;
}

void action_follow(struct app *a)
{
    struct page *p = app_page(a);
    p->follow = !p->follow;
    p->follow_line = (int)(p->index - p->top);
    if (p->follow && p->rows != NULL && p->rows->table.n > 0) {
        page_select(a, p, (long)p->index);
    }
    p->lost = false;
}

void action_recent_namespace(struct app *a)
{
    int i = (int)(a->key - '1');
    if (i < 0 || i >= MAX_RECENT || a->recent[i] == NULL) {
        app_say(a, ROLE_WARNING, "no namespace has this number yet; ':ns NAME' gives it one");
    } else {
        app_set_ns(a, a->recent[i]);
    }
}

void action_all_namespaces(struct app *a)
{
    app_set_ns(a, NULL);
}

void action_history_back(struct app *a)
{
    app_go_place(a, a->place - 1);
}

void action_history_forward(struct app *a)
{
    app_go_place(a, a->place + 1);
}

void action_last_view(struct app *a)
{
    app_go_place(a, a->last_place);
}

void action_help(struct app *a)
{
    a->help = !a->help;
    pane_scroll(&a->help_pane, -PANE_FAR);
}

void action_next_pane(struct app *a)
{
    a->table_focus = app_text(a) != NULL && !a->table_focus;
}

void action_wrap(struct app *a)
{
    struct pane *pane = app_pane_with_keys(a);
    if (pane != NULL) {
        pane->wrap = !pane->wrap;
        pane->left = 0;
        pane->part = 0;
    }
}

void action_fold(struct app *a)
{
    struct pane *pane = app_pane_with_keys(a);
    if (pane != NULL && pane_has_fold(pane)) {
        pane_toggle_fold(pane);
    }
}
