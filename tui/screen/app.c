// SPDX-License-Identifier: Apache-2.0
// The dashboard's data: snapshots, tables, places, panes. The loop is loop.c.
#include "tui/screen/app.h"

#include "kube/base/clock.h"
#include "kube/base/text.h"

#include "views/view_list.h"

#include "tui/screen/app_internal.h"
#include "tui/screen/signals.h"
#include "tui/screen/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_MS 5000
#define FIND_WITHOUT_HASH 1000
#define REBUILD_SHARE 1 // a rebuild for new data waits this many times what the last one took
#define AGE_SHARE 1000  // and one only because time passed, this many times
#define AGE_MIN_MS 10000

// --- small things

void set_str(char **to, const char *s)
{
    char *copy = str_empty(s) ? NULL : xstrdup(s); // s may lie in *to
    free(*to);
    *to = copy;
}

struct page *app_page(struct app *a)
{
    return a->stack[a->depth - 1];
}

struct text_page *app_text(struct app *a)
{
    return a->ntexts > 0 ? a->texts[a->ntexts - 1] : NULL;
}

bool app_text_has_keys(struct app *a)
{
    struct text_page *t = app_text(a);
    return t != NULL && !(a->table_focus && t->kind == TEXT_DETAIL);
}

int64_t app_now(const struct app *a)
{
    return a->paused ? a->paused_at : clock_now();
}

void app_say(struct app *a, enum role role, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(a->message, sizeof a->message, fmt, ap);
    va_end(ap);
    a->message_role = role;
    a->message_until = clock_mono_ms() + MESSAGE_MS;
}

bool app_ended(const struct app *a)
{
    return a->ended;
}

// --- rows

void app_build(struct app *a)
{
    struct page *p = app_page(a);
    if (a->snap == NULL) {
        return;
    }
    struct rows_job job = {.snap = snapshot_ref(a->snap),
                           .view = p->view,
                           .ns = a->ns,
                           .subject = p->subject,
                           .filter = p->filter,
                           .order = p->order,
                           .find = p->selected != NULL || a->ntexts > 0,
                           .now = app_now(a),
                           .options = &a->o.options,
                           .page = p->id};
    builder_submit(a->builder, &job);
    a->want_build = false;
    a->asked = true;
}

static void want_build(struct app *a, int64_t after)
{
    if (!a->want_build || after < a->build_after) {
        a->build_after = after;
    }
    a->want_build = true;
}

static void find_cursor(struct app *a, struct page *p)
{
    uint32_t n = p->rows->table.n;
    long at = p->selected != NULL ? rows_find(p->rows, &a->frame, p->selected, p->index) : 0;
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
        set_str(&p->selected, rows_key(p->rows, &a->frame, p->index));
    }
}

static void take_rows(struct app *a, struct rows *r)
{
    struct page *p = app_page(a);
    a->build_cost = r->cost_ms;
    a->built_at = clock_mono_ms();
    if (r->job.page != p->id) {
        builder_discard(a->builder, r);
        return;
    }
    // The cursor was moved since the job was given: looking for a row among many needs the hashes.
    if (r->hash == NULL && p->selected != NULL && r->table.n > FIND_WITHOUT_HASH) {
        builder_discard(a->builder, r);
        app_build(a);
        return;
    }
    builder_discard(a->builder, p->rows);
    p->rows = r;
    find_cursor(a, p);
    want_build(a, a->built_at + (a->build_cost * AGE_SHARE > AGE_MIN_MS ? a->build_cost * AGE_SHARE
                                                                        : AGE_MIN_MS));
}

bool app_settle(struct app *a, int wait_ms)
{
    struct rows *r = builder_take(a->builder, wait_ms);
    if (r != NULL) {
        take_rows(a, r);
    }
    return !builder_busy(a->builder);
}

void page_select(struct app *a, struct page *p, long index)
{
    long n = (long)p->rows->table.n;
    index = index >= n ? n - 1 : index;
    p->index = index < 0 ? 0 : (uint32_t)index;
    p->lost = false;
    set_str(&p->selected, rows_key(p->rows, &a->frame, p->index));
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

const void *app_row(struct app *a, struct view_args *args)
{
    struct page *p = app_page(a);
    if (p->rows == NULL || p->index >= p->rows->table.n || p->lost) {
        return NULL;
    }
    *args = rows_args(p->rows, &a->frame, app_now(a));
    // Keys in a text pane are about the row of the pane, which the cursor may have lost.
    struct text_page *t = app_text(a);
    if (t != NULL && t->key != NULL && app_text_has_keys(a)) {
        long at = rows_find(p->rows, &a->frame, t->key, p->index);
        return at >= 0 ? p->rows->table.at[at] : NULL;
    }
    return p->rows->table.at[p->index];
}

// --- tables and places

static struct page *page_new(struct app *a, const struct view *v, const char *subject)
{
    struct page *p = xcalloc(1, sizeof *p);
    p->id = ++a->next_id;
    p->view = v;
    set_str(&p->subject, subject);
    p->order = table_initial_order(v);
    return p;
}

static void page_free(struct app *a, struct page *p)
{
    builder_discard(a->builder, p->rows);
    for (uint32_t i = 0; i < p->nmarks; i++) {
        free(p->marks[i]);
    }
    free(p->marks);
    free(p->subject);
    free(p->label);
    free(p->filter);
    free(p->selected);
    free(p);
}

static void text_free(struct text_page *t)
{
    pane_release(&t->pane);
    free(t->key);
    free(t->title);
    free(t->request);
    free(t);
}

static void close_texts(struct app *a)
{
    while (a->ntexts > 0) {
        app_close_text(a);
    }
}

static void place_clear(struct place *p)
{
    free(p->subject);
    free(p->label);
    free(p->filter);
    free(p->selected);
    memset(p, 0, sizeof *p);
}

// Writes down how the current place is being left.
static void leave_place(struct app *a)
{
    if (a->depth == 0 || a->place < 0) {
        return;
    }
    struct page *p = app_page(a);
    struct place *to = &a->places[a->place];
    if (to->view == p->view && str_eq(to->subject, p->subject)) {
        set_str(&to->filter, p->filter);
        set_str(&to->selected, p->selected);
        to->order = p->order;
    }
}

// A new place behind the current one; what lay ahead in the history is forgotten.
static void add_place(struct app *a, const struct page *p)
{
    while (a->nplaces > a->place + 1) {
        place_clear(&a->places[--a->nplaces]);
    }
    if (a->nplaces == MAX_PLACES) {
        place_clear(&a->places[0]);
        memmove(a->places, a->places + 1, (MAX_PLACES - 1) * sizeof *a->places);
        a->nplaces--;
        a->place--;
    }
    struct place *to = &a->places[a->nplaces];
    memset(to, 0, sizeof *to);
    to->view = p->view;
    set_str(&to->subject, p->subject);
    set_str(&to->label, p->label);
    to->order = p->order;
    a->last_place = a->place;
    a->place = a->nplaces++;
}

static void show_page(struct app *a)
{
    a->help = false; // it would hide what was asked for
    app_build(a);
}

static void set_root(struct app *a, struct page *p)
{
    close_texts(a);
    while (a->depth > 0) {
        page_free(a, a->stack[--a->depth]);
    }
    a->stack[a->depth++] = p;
}

void app_push(struct app *a, const struct view *v, const char *subject, const char *label)
{
    leave_place(a);
    struct page *p = page_new(a, v, subject);
    set_str(&p->label, label);
    close_texts(a);
    if (a->depth == MAX_DEPTH) { // the oldest below the first goes
        page_free(a, a->stack[1]);
        memmove(a->stack + 1, a->stack + 2, (MAX_DEPTH - 2) * sizeof *a->stack);
        a->depth--;
    }
    a->stack[a->depth++] = p;
    add_place(a, p);
    show_page(a);
}

void app_go(struct app *a, const struct view *v, const char *subject, const char *select)
{
    leave_place(a);
    struct page *p = page_new(a, v, subject);
    set_str(&p->selected, select);
    set_root(a, p);
    add_place(a, p);
    show_page(a);
}

void app_go_place(struct app *a, int place)
{
    if (place < 0 || place >= a->nplaces || place == a->place) {
        app_say(a, ROLE_DIM, "the history ends here");
        return;
    }
    leave_place(a);
    const struct place *to = &a->places[place];
    struct page *p = page_new(a, to->view, to->subject);
    set_str(&p->label, to->label);
    set_str(&p->filter, to->filter);
    set_str(&p->selected, to->selected);
    p->order = to->order;
    set_root(a, p);
    a->last_place = a->place;
    a->place = place;
    show_page(a);
}

bool app_pop(struct app *a)
{
    if (a->depth < 2) {
        return false;
    }
    leave_place(a);
    page_free(a, a->stack[--a->depth]);
    // The place of the table below, where the history still has it.
    struct page *p = app_page(a);
    for (int i = a->place - 1; i >= 0; i--) {
        if (a->places[i].view == p->view && str_eq(a->places[i].subject, p->subject)) {
            a->last_place = a->place;
            a->place = i;
            break;
        }
    }
    show_page(a);
    return true;
}

// --- namespaces

void app_remember_ns(struct app *a, const char *ns)
{
    if (str_empty(ns)) {
        return;
    }
    int at = 0;
    while (at < MAX_RECENT - 1 && a->recent[at] != NULL && !str_eq(a->recent[at], ns)) {
        at++;
    }
    if (a->recent[at] != NULL && str_eq(a->recent[at], ns)) {
        return; // keeps its number: a number that moves cannot be learnt
    }
    set_str(&a->recent[at], ns);
}

void app_set_ns(struct app *a, const char *ns)
{
    set_str(&a->ns, ns);
    app_remember_ns(a, ns);
    show_page(a);
}

void app_forget_cluster(struct app *a)
{
    close_texts(a);
    for (int i = 0; i < MAX_RECENT; i++) {
        set_str(&a->recent[i], NULL);
    }
    set_str(&a->ns, NULL);
    // Nothing of the old cluster is shown as if it were the new one's, not even what Z held.
    snapshot_unref(a->snap);
    a->snap = NULL;
    a->paused = false;
    app_go(a, app_page(a)->view, NULL, NULL);
    app_wake(a);
}

// --- text panes

struct text_page *app_open_text(struct app *a, enum text_kind kind, const char *key)
{
    if (a->ntexts == MAX_TEXTS) {
        app_close_text(a);
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
    struct text_page *t = a->texts[--a->ntexts];
    if (t->kind == TEXT_YAML && t->pending && a->source.yaml_cancel != NULL) {
        a->source.yaml_cancel(a->source.self);
    }
    text_free(t);
    a->table_focus = false;
}

static void refresh_detail(struct app *a, struct text_page *t)
{
    struct page *p = app_page(a);
    if (p->rows == NULL) {
        return;
    }
    long at = rows_find(p->rows, &a->frame, t->key, p->index);
    t->gone = at < 0;
    if (at < 0) {
        return; // what it said last stays
    }
    struct view_args args = rows_args(p->rows, &a->frame, app_now(a));
    const void *row = p->rows->table.at[at];
    const struct object *o = p->view->object != NULL ? p->view->object(&args, row) : NULL;
    const char *called = p->view->called != NULL ? p->view->called(&args, row)
                         : p->view->host != NULL ? p->view->host(&args, row)
                                                 : NULL;
    set_str(&t->title, called != NULL ? called : o != NULL ? object_title(&a->frame, o) : t->key);
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

static void take_yaml(struct app *a)
{
    struct yaml_answer answer = {0};
    if (a->source.yaml_take == NULL || !a->source.yaml_take(a->source.self, &answer)) {
        return;
    }
    for (int i = a->ntexts - 1; i >= 0; i--) {
        struct text_page *t = a->texts[i];
        if (t->kind != TEXT_YAML || !t->pending) {
            continue;
        }
        t->pending = false;
        if (answer.failed) {
            struct text_block *b = pane_begin(&t->pane);
            block_line(b);
            block_put(b, ROLE_BROKEN, "%s", text_clean(b->arena, answer.text, answer.n, 0));
            pane_end(&t->pane);
        } else {
            pane_set_yaml(&t->pane, answer.text, answer.n);
        }
        break;
    }
    free(answer.text);
}

// --- the source

void app_lend_terminal(bool begin)
{
    if (begin) {
        term_leave();
        signals_lend(true);
        fputs("gatetop: the credential plugin has the terminal; Ctrl-C ends it\n", stderr);
    } else {
        signals_lend(false);
        term_take_back();
    }
}

static void lend_terminal(struct app *a)
{
    app_lend_terminal(true);
    a->source.terminal_lend(a->source.self);
    app_lend_terminal(false);
    a->repaint = a->resized = true;
}

void app_wake(struct app *a)
{
    char drain[256];
    ssize_t n = 1;
    while (a->source.wake_fd >= 0 && (n = read(a->source.wake_fd, drain, sizeof drain)) > 0) {
    }
    if (n == 0) { // closed: nothing comes any more, and poll would return at once for ever
        a->source.wake_fd = -1;
    }
    if (a->source.terminal_wanted != NULL && a->source.terminal_wanted(a->source.self)) {
        lend_terminal(a);
    }
    take_yaml(a);
    if (a->paused && a->snap != NULL) {
        return;
    }
    const struct snapshot *s = a->source.latest(a->source.self);
    if (s == NULL || s == a->snap) {
        snapshot_unref(s);
        return;
    }
    bool first = a->snap == NULL;
    snapshot_unref(a->snap);
    a->snap = s;
    a->taken++;
    if (first || app_page(a)->rows == NULL) {
        app_build(a);
    } else {
        want_build(a, a->built_at + a->build_cost * REBUILD_SHARE);
    }
}

// --- life

struct app *app_new(const struct app_options *o, const struct app_source *s, struct err *err)
{
    const struct view *const *all = o->views != NULL ? o->views : views;
    if (!keys_check(bindings, nbindings, all, err)) {
        return NULL;
    }
    struct builder *builder = builder_new(err);
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
    close_texts(a);
    while (a->depth > 0) {
        page_free(a, a->stack[--a->depth]);
    }
    builder_free(a->builder);
    for (int i = 0; i < a->nplaces; i++) {
        place_clear(&a->places[i]);
    }
    for (int i = 0; i < MAX_RECENT; i++) {
        free(a->recent[i]);
    }
    free(a->ns);
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

void app_key(struct app *a, uint32_t key)
{
    a->message[0] = '\0';
    if (a->prompt.kind != PROMPT_NONE) {
        act_prompt(a, key);
        return;
    }
    enum key_context context = a->help || app_text_has_keys(a) ? IN_TEXT : IN_TABLE;
    const struct binding *b = key_find(context, key);
    act(a, b != NULL ? b->command : CMD_NONE, key);
}

static void tell_drawn(struct app *a)
{
    const struct page *p = app_page(a);
    if (a->source.drawn == NULL || p->rows == NULL) {
        return;
    }
    const struct table *t = &p->rows->table;
    uint32_t top = p->top < t->n ? p->top : t->n;
    uint32_t height = p->height > 0 ? (uint32_t)p->height : 0;
    struct view_args args = rows_args(p->rows, &a->frame, app_now(a));
    a->source.drawn(a->source.self, p->view, &args, t->at + top,
                    t->n - top < height ? t->n - top : height);
}

const struct grid *app_draw(struct app *a)
{
    arena_clear(&a->frame);
    if (a->screen.rows > 0 && a->screen.columns > 0) {
        draw_screen(a, &a->screen);
        tell_drawn(a);
    }
    return &a->screen;
}
