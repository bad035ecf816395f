// SPDX-License-Identifier: Apache-2.0
// What is typed after ':'.
#include "tui/screen/commands.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include "tui/screen/actions.h"
#include "tui/screen/terminal.h"
#include "tui/screen/ui_internal.h"

#include <stdlib.h>
#include <string.h>

static void run_quit(struct ui *ui, const char *args)
{
    (void)args;
    action_quit(ui);
}

static void run_help(struct ui *ui, const char *args)
{
    (void)args;
    action_help(ui);
}

static void run_ns(struct ui *ui, const char *args)
{
    ui_set_ns(ui, strcmp(args, "all") == 0 ? "" : args);
}

static void list_contexts(struct ui *ui)
{
    uint32_t n = 0;
    const char *const *names = ui->source.contexts(ui->source.self, &ui->frame, &n);
    if (n == 0) {
        ui_say(ui, ROLE_WARNING, "the kubeconfig names no context, or cannot be read");
        return;
    }
    const char *current = ui->snap != NULL ? ui->snap->cluster.context : "";
    struct text_page *t = ui_open_text(ui, TEXT_CONTEXTS, NULL);
    struct text_block *b = pane_begin(&t->pane);
    for (uint32_t i = 0; i < n; i++) {
        bool here = str_eq(names[i], current);
        block_line(b);
        block_put(b, here ? ROLE_OK : ROLE_TEXT, "%s %s", here ? "*" : " ", names[i]);
    }
    block_line(b);
    block_line(b);
    block_put(b, ROLE_DIM, "':ctx NAME' switches; Tab completes");
    pane_end(&t->pane);
}

static void run_context(struct ui *ui, const char *args)
{
    struct err err;
    err_clear(&err);
    if (ui->source.switch_context == NULL || ui->source.contexts == NULL) {
        ui_say(ui, ROLE_WARNING, "there are no contexts here");
    } else if (*args == '\0') {
        list_contexts(ui);
    } else if (!ui->source.switch_context(ui->source.self, args, &err)) {
        ui_say_typed(ui, ROLE_BROKEN, "the context was not switched", "%s", err.msg);
    } else {
        ui_forget_cluster(ui);
    }
}

static void run_filter(struct ui *ui, const char *args)
{
    filter_rows(ui, args);
}

static void run_sort(struct ui *ui, const char *args)
{
    struct page *p = ui_page(ui);
    for (int c = 0; c < p->view->ncolumns; c++) {
        if (str_casecmp(p->view->columns[c].field, args) == 0 ||
            str_casecmp(p->view->columns[c].title, args) == 0) {
            p->order = (struct table_order){c, p->view->columns[c].descending};
            ui_build(ui, "another order");
            return;
        }
    }
    ui_say_typed(ui, ROLE_WARNING, "no such column",
                 "no column of %s is called '%s'; Tab completes", p->view->name, args);
}

static void run_trace(struct ui *ui, const char *args)
{
    if (*args == '\0') {
        action_trace_prompt(ui);
    } else {
        open_trace(ui, args);
    }
}

static void run_theme(struct ui *ui, const char *args)
{
    struct err err;
    err_clear(&err);
    struct theme t;
    if (theme_load(&t, *args == '\0' ? "default" : args, &err)) {
        ui->o.theme = t;
        term_theme(&t);
        ui->repaint = true;
    } else {
        ui_say_typed(ui, ROLE_BROKEN, "the theme cannot be loaded", "%s", err.msg);
    }
}

static void run_relist(struct ui *ui, const char *args)
{
    (void)args;
    action_relist(ui);
}

static void run_wide(struct ui *ui, const char *args)
{
    (void)args;
    action_wide(ui);
}

static void run_pause(struct ui *ui, const char *args)
{
    (void)args;
    action_pause(ui);
}

// --- completion

// Words that can be typed next; they and the list lie in the frame.
struct word_list {
    const char **at;
    uint32_t n, cap;
};

static void add_word(struct arena *a, struct word_list *w, const char *word)
{
    *ARENA_PUSH(a, w->at, w->n, w->cap) = word;
}

static void namespace_words(struct ui *ui, struct word_list *w)
{
    struct pmap_iter it;
    const struct object *o;
    if (ui->snap != NULL) {
        pmap_begin(&it, &ui->snap->objects[KIND_NAMESPACE]);
        while ((o = pmap_next(&it)) != NULL) {
            add_word(&ui->frame, w, o->name);
        }
    }
    add_word(&ui->frame, w, "all");
}

static void context_words(struct ui *ui, struct word_list *w)
{
    uint32_t n = 0;
    const char *const *names =
        ui->source.contexts != NULL ? ui->source.contexts(ui->source.self, &ui->frame, &n) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        add_word(&ui->frame, w, names[i]);
    }
}

static void column_words(struct ui *ui, struct word_list *w)
{
    const struct view *v = ui_page(ui)->view;
    for (int c = 0; c < v->ncolumns; c++) {
        add_word(&ui->frame, w, v->columns[c].field);
    }
}

static void theme_words(struct ui *ui, struct word_list *w)
{
    struct theme_list themes = theme_names(&ui->frame);
    for (uint32_t i = 0; i < themes.n; i++) {
        add_word(&ui->frame, w, themes.at[i]);
    }
}

// --- the table

// clang-format off
const struct command commands[] = {
    {.name = "context", .args = "[NAME]", .run = run_context, .words = context_words, .help = "list the contexts, or switch to another"},
    {.name = "ctx", .args = "[NAME]", .run = run_context, .words = context_words, .help = "list the contexts, or switch to another"},
    {.name = "filter", .args = "[WORDS]", .run = run_filter, .help = "show rows with all words, without !words"},
    {.name = "help", .args = "", .run = run_help, .help = "the help screen"},
    {.name = "ns", .args = "[NAME]", .run = run_ns, .words = namespace_words, .help = "only this namespace; without a name, all"},
    {.name = "pause", .args = "", .run = run_pause, .help = "stop or resume updates"},
    {.name = "q", .args = "", .run = run_quit, .help = "quit"},
    {.name = "quit", .args = "", .run = run_quit, .help = "quit"},
    {.name = "relist", .args = "", .run = run_relist, .help = "list again from the server"},
    {.name = "sort", .args = "COLUMN", .run = run_sort, .words = column_words, .help = "sort by a column"},
    {.name = "theme", .args = "[NAME]", .run = run_theme, .words = theme_words, .help = "another theme, from a name or a file"},
    {.name = "trace", .args = "[URL]", .run = run_trace, .help = "what the mesh does with a request"},
    {.name = "wide", .args = "", .run = run_wide, .help = "show all columns, or the usual ones"},
};
// clang-format on
const size_t command_count = ARRAY_COUNT(commands);

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

// The view of this name, or the only one whose name begins so.
static const struct view *find_view(struct ui *ui, const char *name)
{
    const struct view *found = NULL;
    for (const struct view *const *v = ui->views; *v != NULL; v++) {
        if (strcmp((*v)->name, name) == 0) {
            return *v;
        }
        if (str_starts((*v)->name, name)) {
            if (found != NULL) {
                return NULL;
            }
            found = *v;
        }
    }
    return found;
}

void command_run(struct ui *ui, const char *line)
{
    line += strspn(line, " ");
    size_t n = strcspn(line, " ");
    char *name = arena_strndup(&ui->frame, line, n);
    char *args = arena_strdup(&ui->frame, line + n + strspn(line + n, " "));
    for (size_t end = strlen(args); end > 0 && args[end - 1] == ' ';) {
        args[--end] = '\0';
    }
    if (*name == '\0') {
        return;
    }
    const struct command *c = find_command(name);
    if (c != NULL) {
        log_debug(LOG_AREA_SCREEN, "command %s",
                  c->name); // its words may be a secret: a header to trace
        c->run(ui, args);
        return;
    }
    const struct view *v = find_view(ui, name);
    if (v != NULL) {
        ui_go(ui, v, args, NULL);
        return;
    }
    ui_say_typed(ui, ROLE_WARNING, "no view or command has this name",
                 "no view or command is called '%.60s'; Tab completes, ? lists them", name);
}

bool command_complete(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    struct word_list w = {0};
    size_t first = strspn(p->text, " ");
    if (prompt_word_start(p) <= first) {
        for (size_t i = 0; i < command_count; i++) {
            add_word(&ui->frame, &w, commands[i].name);
        }
        for (const struct view *const *v = ui->views; *v != NULL; v++) {
            add_word(&ui->frame, &w, (*v)->name);
        }
    } else {
        size_t n = strcspn(p->text + first, " ");
        const struct command *c = find_command(arena_strndup(&ui->frame, p->text + first, n));
        if (c != NULL && c->words != NULL) {
            c->words(ui, &w);
        }
    }
    if (w.n > 1) {
        qsort(w.at, w.n, sizeof *w.at, str_order);
    }
    return prompt_complete(p, w.at, w.n);
}
