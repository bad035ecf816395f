// SPDX-License-Identifier: Apache-2.0
// The tables over each other, the history of places, and namespaces.
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tui/screen/app_internal.h"

#include <stdlib.h>
#include <string.h>

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
    row_builder_discard(a->builder, p->rows);
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

static void place_clear(struct history_place *p)
{
    free(p->subject);
    free(p->label);
    free(p->filter);
    free(p->selected);
    memset(p, 0, sizeof *p);
}

// Notes in the history how the current place is left.
static void leave_place(struct app *a)
{
    if (a->depth == 0 || a->place < 0) {
        return;
    }
    struct page *p = app_page(a);
    struct history_place *to = &a->places[a->place];
    if (to->view == p->view && str_eq(to->subject, p->subject)) {
        set_str(&to->filter, p->filter);
        set_str(&to->selected, p->selected);
        to->order = p->order;
    }
}

// Adds a place behind the current one; those ahead of it are forgotten.
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
    struct history_place *to = &a->places[a->nplaces];
    memset(to, 0, sizeof *to);
    to->view = p->view;
    to->typed = p->typed;
    set_str(&to->subject, p->subject);
    set_str(&to->label, p->label);
    to->order = p->order;
    a->last_place = a->place;
    a->place = a->nplaces++;
}

// A namespace may have been typed, and then be anything.
static const char *ns_for_log(const struct app *a)
{
    if (a->ns == NULL) {
        return "(all)";
    }
    bool known = a->snap != NULL && snapshot_get(a->snap, KIND_NAMESPACE, "", a->ns) != NULL;
    return known ? a->ns : "(not known)";
}

static void log_page(const struct app *a, const struct page *p)
{
    const char *subject = p->typed ? "(typed)" : p->label != NULL ? p->label : p->subject;
    log_debug(LOG_AREA_SCREEN, "table %s%s%s, namespace %s", p->view->name,
              subject != NULL ? " of " : "", str_or_empty(subject), ns_for_log(a));
}

static void show_page(struct app *a, const char *why)
{
    if (log_area_on(LOG_AREA_SCREEN)) {
        log_page(a, app_page(a));
    }
    a->help = false; // it would hide the page
    app_build(a, why);
}

static void set_root(struct app *a, struct page *p)
{
    app_close_texts(a);
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
    app_close_texts(a);
    if (a->depth == MAX_DEPTH) { // the oldest below the first goes
        page_free(a, a->stack[1]);
        memmove(a->stack + 1, a->stack + 2, (MAX_DEPTH - 2) * sizeof *a->stack);
        a->depth--;
    }
    a->stack[a->depth++] = p;
    add_place(a, p);
    show_page(a, "another table");
}

void app_go(struct app *a, const struct view *v, const char *subject, const char *select)
{
    leave_place(a);
    struct page *p = page_new(a, v, subject);
    p->typed = p->subject != NULL;
    set_str(&p->selected, select);
    set_root(a, p);
    add_place(a, p);
    show_page(a, "another table");
}

void app_go_place(struct app *a, int place)
{
    if (place < 0 || place >= a->nplaces || place == a->place) {
        app_say(a, ROLE_DIM, "the history ends here");
        return;
    }
    leave_place(a);
    const struct history_place *to = &a->places[place];
    struct page *p = page_new(a, to->view, to->subject);
    p->typed = to->typed;
    set_str(&p->label, to->label);
    set_str(&p->filter, to->filter);
    set_str(&p->selected, to->selected);
    p->order = to->order;
    set_root(a, p);
    a->last_place = a->place;
    a->place = place;
    show_page(a, "another table");
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
    show_page(a, "another table");
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
    show_page(a, "another namespace");
}

void app_free_pages(struct app *a)
{
    app_close_texts(a);
    while (a->depth > 0) {
        page_free(a, a->stack[--a->depth]);
    }
    for (int i = 0; i < a->nplaces; i++) {
        place_clear(&a->places[i]);
    }
    for (int i = 0; i < MAX_RECENT; i++) {
        free(a->recent[i]);
    }
    free(a->ns);
}
