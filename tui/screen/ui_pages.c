// SPDX-License-Identifier: Apache-2.0
// The tables over each other, the history of places, and namespaces.
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tui/screen/ui_internal.h"

#include <stdlib.h>
#include <string.h>

// --- tables and places

static struct page *page_new(struct ui *ui, const struct view *v, const char *subject)
{
    struct page *p = xcalloc(1, sizeof *p);
    p->id = ++ui->next_id;
    p->view = v;
    set_str(&p->subject, subject);
    p->order = table_initial_order(v);
    return p;
}

static void page_free(struct ui *ui, struct page *p)
{
    row_builder_discard(ui->builder, p->rows);
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
static void leave_place(struct ui *ui)
{
    if (ui->depth == 0 || ui->place < 0) {
        return;
    }
    struct page *p = ui_page(ui);
    struct history_place *to = &ui->places[ui->place];
    if (to->view == p->view && str_eq(to->subject, p->subject)) {
        set_str(&to->filter, p->filter);
        set_str(&to->selected, p->selected);
        to->order = p->order;
    }
}

// Adds a place after the current one; those ahead of it are forgotten.
static void add_place(struct ui *ui, const struct page *p)
{
    while (ui->nplaces > ui->place + 1) {
        place_clear(&ui->places[--ui->nplaces]);
    }
    if (ui->nplaces == MAX_PLACES) {
        place_clear(&ui->places[0]);
        memmove(ui->places, ui->places + 1, (MAX_PLACES - 1) * sizeof *ui->places);
        ui->nplaces--;
        ui->place--;
    }
    struct history_place *to = &ui->places[ui->nplaces];
    memset(to, 0, sizeof *to);
    to->view = p->view;
    to->typed = p->typed;
    set_str(&to->subject, p->subject);
    set_str(&to->label, p->label);
    to->order = p->order;
    ui->last_place = ui->place;
    ui->place = ui->nplaces++;
}

// A typed namespace may be anything, even a secret.
static const char *ns_for_log(const struct ui *ui)
{
    if (ui->ns == NULL) {
        return "(all)";
    }
    bool known = ui->snap != NULL && snapshot_get(ui->snap, KIND_NAMESPACE, "", ui->ns) != NULL;
    return known ? ui->ns : "(not known)";
}

static void log_page(const struct ui *ui, const struct page *p)
{
    const char *subject = p->typed ? "(typed)" : p->label != NULL ? p->label : p->subject;
    log_debug(LOG_AREA_SCREEN, "table %s%s%s, namespace %s", p->view->name,
              subject != NULL ? " of " : "", str_or_empty(subject), ns_for_log(ui));
}

static void show_page(struct ui *ui, const char *why)
{
    if (log_area_on(LOG_AREA_SCREEN)) {
        log_page(ui, ui_page(ui));
    }
    ui->help = false; // it would hide the page
    ui_build(ui, why);
}

static void set_root(struct ui *ui, struct page *p)
{
    ui_close_texts(ui);
    while (ui->depth > 0) {
        page_free(ui, ui->stack[--ui->depth]);
    }
    ui->stack[ui->depth++] = p;
}

void ui_push(struct ui *ui, const struct view *v, const char *subject, const char *label)
{
    leave_place(ui);
    struct page *p = page_new(ui, v, subject);
    set_str(&p->label, label);
    ui_close_texts(ui);
    if (ui->depth == MAX_DEPTH) { // the oldest below the first goes
        page_free(ui, ui->stack[1]);
        memmove(ui->stack + 1, ui->stack + 2, (MAX_DEPTH - 2) * sizeof *ui->stack);
        ui->depth--;
    }
    ui->stack[ui->depth++] = p;
    add_place(ui, p);
    show_page(ui, "another table");
}

void ui_go(struct ui *ui, const struct view *v, const char *subject, const char *select)
{
    leave_place(ui);
    struct page *p = page_new(ui, v, subject);
    p->typed = p->subject != NULL;
    set_str(&p->selected, select);
    set_root(ui, p);
    add_place(ui, p);
    show_page(ui, "another table");
}

void ui_go_place(struct ui *ui, int place)
{
    if (place < 0 || place >= ui->nplaces || place == ui->place) {
        ui_say(ui, ROLE_DIM, "the history ends here");
        return;
    }
    leave_place(ui);
    const struct history_place *to = &ui->places[place];
    struct page *p = page_new(ui, to->view, to->subject);
    p->typed = to->typed;
    set_str(&p->label, to->label);
    set_str(&p->filter, to->filter);
    set_str(&p->selected, to->selected);
    p->order = to->order;
    set_root(ui, p);
    ui->last_place = ui->place;
    ui->place = place;
    show_page(ui, "another table");
}

bool ui_pop(struct ui *ui)
{
    if (ui->depth < 2) {
        return false;
    }
    leave_place(ui);
    page_free(ui, ui->stack[--ui->depth]);
    // The place of the table below, where the history still has it.
    struct page *p = ui_page(ui);
    for (int i = ui->place - 1; i >= 0; i--) {
        if (ui->places[i].view == p->view && str_eq(ui->places[i].subject, p->subject)) {
            ui->last_place = ui->place;
            ui->place = i;
            break;
        }
    }
    show_page(ui, "another table");
    return true;
}

// --- namespaces

void ui_remember_ns(struct ui *ui, const char *ns)
{
    if (str_empty(ns)) {
        return;
    }
    int at = 0;
    while (at < MAX_RECENT - 1 && ui->recent[at] != NULL && !str_eq(ui->recent[at], ns)) {
        at++;
    }
    if (ui->recent[at] != NULL && str_eq(ui->recent[at], ns)) {
        return; // keeps its number: people learn the numbers
    }
    set_str(&ui->recent[at], ns);
}

void ui_set_ns(struct ui *ui, const char *ns)
{
    set_str(&ui->ns, ns);
    ui_remember_ns(ui, ns);
    show_page(ui, "another namespace");
}

void ui_free_pages(struct ui *ui)
{
    ui_close_texts(ui);
    while (ui->depth > 0) {
        page_free(ui, ui->stack[--ui->depth]);
    }
    for (int i = 0; i < ui->nplaces; i++) {
        place_clear(&ui->places[i]);
    }
    for (int i = 0; i < MAX_RECENT; i++) {
        free(ui->recent[i]);
    }
    free(ui->ns);
}
