// SPDX-License-Identifier: Apache-2.0
// What each key does.
#include "kube/base/clock.h"
#include "kube/base/text.h"

#include "tui/screen/app_internal.h"

#include <stdlib.h>
#include <string.h>

// --- moving

static void move_rows(struct app *a, long by)
{
    struct page *p = app_page(a);
    if (p->rows == NULL || p->rows->table.n == 0) {
        return;
    }
    page_select(a, p, (long)p->index + by);
}

static void move(struct app *a, enum command_id c)
{
    struct page *p = app_page(a);
    long page = p->height > 1 ? p->height - 1 : 1;
    long n = p->rows != NULL ? (long)p->rows->table.n : 0;
    switch (c) {
    case CMD_DOWN:
        move_rows(a, 1);
        break;
    case CMD_UP:
        move_rows(a, -1);
        break;
    case CMD_HALF_DOWN:
        move_rows(a, (page + 1) / 2);
        break;
    case CMD_HALF_UP:
        move_rows(a, -(page + 1) / 2);
        break;
    case CMD_PAGE_DOWN:
        move_rows(a, page);
        break;
    case CMD_PAGE_UP:
        move_rows(a, -page);
        break;
    case CMD_TOP:
        move_rows(a, -n);
        break;
    default:
        move_rows(a, n);
        break;
    }
}

static void scroll(struct pane *p, enum command_id c)
{
    long page = p->height > 1 ? p->height - 1 : 1;
    switch (c) {
    case CMD_DOWN:
        pane_scroll(p, 1);
        break;
    case CMD_UP:
        pane_scroll(p, -1);
        break;
    case CMD_HALF_DOWN:
        pane_scroll(p, (page + 1) / 2);
        break;
    case CMD_HALF_UP:
        pane_scroll(p, -(page + 1) / 2);
        break;
    case CMD_PAGE_DOWN:
        pane_scroll(p, page);
        break;
    case CMD_PAGE_UP:
        pane_scroll(p, -page);
        break;
    case CMD_TOP:
        pane_scroll(p, -PANE_FAR);
        break;
    case CMD_BOTTOM:
        pane_scroll(p, PANE_FAR);
        break;
    case CMD_LEFT:
        p->left = p->left > 8 ? p->left - 8 : 0;
        break;
    default:
        p->left += p->wrap ? 0 : 8;
        break;
    }
}

// The pane that takes the keys of text, NULL where the table does.
static struct pane *pane_with_keys(struct app *a)
{
    if (a->help) {
        return &a->help_pane;
    }
    return app_text_has_keys(a) ? &app_text(a)->pane : NULL;
}

// --- sorting

static void sort_by(struct app *a, int column)
{
    struct page *p = app_page(a);
    p->order = (struct table_order){column, p->view->columns[column].descending};
    app_build(a);
}

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

static void sort_by_name(struct app *a)
{
    static const char *const fields[] = {"name", "host"};
    const struct view *v = app_page(a)->view;
    for (size_t f = 0; f < 2; f++) {
        for (int c = 0; c < v->ncolumns; c++) {
            if (strcmp(v->columns[c].field, fields[f]) == 0) {
                sort_by(a, c);
                return;
            }
        }
    }
    sort_by(a, 0);
}

static bool sort_by_letter(struct app *a, uint32_t key)
{
    const struct view *v = app_page(a)->view;
    for (int c = 0; c < v->ncolumns; c++) {
        if (v->columns[c].key != 0 && (uint32_t)(unsigned char)v->columns[c].key == key) {
            sort_by(a, c);
            return true;
        }
    }
    return false;
}

// --- the row

static const char *no_row = "there is no row here";

static void open_details(struct app *a)
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

static void open_row(struct app *a)
{
    struct view_args args;
    const void *row = app_row(a, &args);
    const struct view *v = app_page(a)->view;
    if (row != NULL && v->drill != NULL) {
        const char *subject = NULL;
        const struct view *to = v->drill(&args, row, &subject);
        if (to != NULL) {
            app_remember_ns(a, view_row_ns(v, &args, row));
            app_push(a, to, subject, NULL);
            return;
        }
    }
    open_details(a);
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
        app_say(a, ROLE_WARNING, "no object stands behind this row");
    }
    return o;
}

static void open_yaml(struct app *a)
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

static void open_events(struct app *a)
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
        app_say(a, ROLE_WARNING, "no events are known of %s", object_title(&a->frame, o));
        return;
    }
    app_push(a, v, subject, object_title(&a->frame, o));
}

// What the gateways serve for the row, asked now: only ever by this key or with --probe-tls.
static void probe_row(struct app *a)
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

static void jump_related(struct app *a)
{
    struct view_args args;
    const void *row = app_row(a, &args);
    const char *subject = NULL, *key = NULL;
    const struct view *to =
        row != NULL && a->source.related != NULL
            ? a->source.related(a->source.self, app_page(a)->view, &args, row, &subject, &key)
            : NULL;
    if (to == NULL) {
        app_say(a, ROLE_WARNING, "nothing is known to belong to this row");
        return;
    }
    app_push(a, to, subject, NULL);
    set_str(&app_page(a)->selected, key);
}

static void mark_row(struct app *a)
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
    p->marks = xrealloc(p->marks, (p->nmarks + 1) * sizeof *p->marks);
    p->marks[p->nmarks++] = xstrdup(key);
    move_rows(a, 1);
}

// --- panes, prompts, state

static void back(struct app *a)
{
    struct page *p = app_page(a);
    if (a->help) {
        a->help = false;
    } else if (pane_with_keys(a) != NULL && app_text(a)->pane.search != NULL) {
        pane_set_search(&app_text(a)->pane, NULL);
    } else if (app_text(a) != NULL) {
        app_close_text(a);
    } else if (p->filter != NULL) {
        set_str(&p->filter, NULL);
        app_build(a);
    } else if (!app_pop(a)) {
        app_say(a, ROLE_DIM, "this is the first view; q quits");
    }
}

static void close_top(struct app *a)
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

static void open_trace_prompt(struct app *a)
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

void act_trace(struct app *a, const char *request)
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
    struct pane *p = pane_with_keys(a);
    if (p == NULL || p->search == NULL) {
        app_say(a, ROLE_WARNING, "nothing is searched for; / begins a search");
    } else if (!pane_find(p, forward, from_here)) {
        app_say(a, ROLE_WARNING, "'%.60s' is not in the text", p->search);
    }
}

static void relist(struct app *a)
{
    if (a->source.relist == NULL) {
        app_say(a, ROLE_WARNING, "nothing can be listed again here");
        return;
    }
    const struct view *v = app_page(a)->view;
    a->source.relist(a->source.self, v->needs | v->reads);
    app_say(a, ROLE_DIM, "listing again");
}

static void toggle_pause(struct app *a)
{
    a->paused_at = clock_now();
    a->paused = !a->paused;
    if (!a->paused) {
        app_wake(a);
        app_build(a);
    }
}

static void toggle_follow(struct app *a)
{
    struct page *p = app_page(a);
    p->follow = !p->follow;
    p->follow_line = (int)(p->index - p->top);
    if (p->follow && p->rows != NULL && p->rows->table.n > 0) {
        page_select(a, p, (long)p->index);
    }
    p->lost = false;
}

static void recent_ns(struct app *a, uint32_t key)
{
    int i = (int)(key - '1');
    if (i < 0 || i >= MAX_RECENT || a->recent[i] == NULL) {
        app_say(a, ROLE_WARNING, "no namespace has this number yet; ':ns NAME' gives it one");
    } else {
        app_set_ns(a, a->recent[i]);
    }
}

static void toggle_help(struct app *a)
{
    a->help = !a->help;
    pane_scroll(&a->help_pane, -PANE_FAR);
}

void act(struct app *a, enum command_id c, uint32_t key)
{
    struct pane *pane = pane_with_keys(a);
    struct page *p = app_page(a);
    switch (c) {
    case CMD_DOWN:
    case CMD_UP:
    case CMD_TOP:
    case CMD_BOTTOM:
    case CMD_HALF_DOWN:
    case CMD_HALF_UP:
    case CMD_PAGE_DOWN:
    case CMD_PAGE_UP:
    case CMD_LEFT:
    case CMD_RIGHT:
        if (pane != NULL) {
            scroll(pane, c);
        } else {
            move(a, c);
        }
        break;
    case CMD_MARK:
        mark_row(a);
        break;
    case CMD_OPEN:
        open_row(a);
        break;
    case CMD_BACK:
        back(a);
        break;
    case CMD_CLOSE:
        close_top(a);
        break;
    case CMD_QUIT:
        a->ended = true;
        break;
    case CMD_PROMPT:
        open_prompt(a, PROMPT_COMMAND, "");
        break;
    case CMD_FILTER:
        open_prompt(a, PROMPT_FILTER, p->filter);
        break;
    case CMD_CLEAR_FILTER:
        set_str(&p->filter, NULL);
        app_build(a);
        break;
    case CMD_SEARCH:
        open_prompt(a, PROMPT_SEARCH, "");
        break;
    case CMD_NEXT_HIT:
        find_hit(a, true, false);
        break;
    case CMD_PREVIOUS_HIT:
        find_hit(a, false, false);
        break;
    case CMD_SORT_NAME:
        sort_by_name(a);
        break;
    case CMD_SORT_LEFT:
        sort_step(a, -1);
        break;
    case CMD_SORT_RIGHT:
        sort_step(a, 1);
        break;
    case CMD_SORT_INVERT:
        p->order.descending = !p->order.descending;
        app_build(a);
        break;
    case CMD_HELP:
        toggle_help(a);
        break;
    case CMD_NEXT_PANE:
        a->table_focus = app_text(a) != NULL && !a->table_focus;
        break;
    case CMD_NS_ALL:
        app_set_ns(a, NULL);
        break;
    case CMD_NS_RECENT:
        recent_ns(a, key);
        break;
    case CMD_HISTORY_BACK:
        app_go_place(a, a->place - 1);
        break;
    case CMD_HISTORY_FORWARD:
        app_go_place(a, a->place + 1);
        break;
    case CMD_LAST_VIEW:
        app_go_place(a, a->last_place);
        break;
    case CMD_TRACE:
        open_trace_prompt(a);
        break;
    case CMD_FOLLOW:
        toggle_follow(a);
        break;
    case CMD_PAUSE:
        toggle_pause(a);
        break;
    case CMD_YAML:
        open_yaml(a);
        break;
    case CMD_DETAILS:
        open_details(a);
        break;
    case CMD_EVENTS:
        open_events(a);
        break;
    case CMD_PROBE:
        probe_row(a);
        break;
    case CMD_RELATED:
        jump_related(a);
        break;
    case CMD_WIDE:
        a->wide = !a->wide;
        break;
    case CMD_WRAP:
        if (pane != NULL) {
            pane->wrap = !pane->wrap;
            pane->left = 0;
            pane->part = 0;
        }
        break;
    case CMD_FOLD:
        if (pane != NULL && pane_has_fold(pane)) {
            pane_toggle_fold(pane);
        }
        break;
    case CMD_HEADER:
        a->header_hidden = !a->header_hidden;
        break;
    case CMD_RELIST:
        relist(a);
        break;
    case CMD_REPAINT:
        a->repaint = true;
        break;
    default:
        if (pane == NULL && !sort_by_letter(a, key)) {
            return;
        }
        break;
    }
}

// --- the prompt

static void accept(struct app *a)
{
    char *line = arena_strdup(&a->frame, a->prompt.text);
    enum prompt_kind kind = a->prompt.kind;
    prompt_close(&a->prompt, true);
    switch (kind) {
    case PROMPT_COMMAND:
        command_run(a, line);
        break;
    case PROMPT_SEARCH:
        if (pane_with_keys(a) != NULL) {
            pane_set_search(pane_with_keys(a), line);
            find_hit(a, true, true);
        }
        break;
    case PROMPT_TRACE:
        act_trace(a, line);
        break;
    default: // the filter is there already
        break;
    }
}

void act_prompt(struct app *a, uint32_t key)
{
    const struct binding *b = key_find(IN_PROMPT, key);
    if (b != NULL && b->command == CMD_REPAINT) {
        a->repaint = true;
        return;
    }
    enum prompt_kind kind = a->prompt.kind;
    switch (prompt_key(&a->prompt, key)) {
    case PROMPT_CHANGED:
        if (kind == PROMPT_FILTER) {
            set_str(&app_page(a)->filter, a->prompt.text);
            app_build(a);
        }
        break;
    case PROMPT_ACCEPTED:
        accept(a);
        break;
    case PROMPT_CANCELLED:
        prompt_close(&a->prompt, false);
        if (kind == PROMPT_FILTER && app_page(a)->filter != NULL) {
            set_str(&app_page(a)->filter, NULL);
            app_build(a);
        }
        break;
    case PROMPT_COMPLETE:
        if (kind == PROMPT_COMMAND && !command_complete(a)) {
            app_say(a, ROLE_WARNING, "nothing begins like this");
        }
        break;
    case PROMPT_SAME:
        break;
    }
}
