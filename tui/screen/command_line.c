// SPDX-License-Identifier: Apache-2.0
// What is typed behind ':'.
#include "tui/screen/command_line.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include "tui/screen/actions.h"
#include "tui/screen/app_internal.h"
#include "tui/screen/terminal.h"

#include <stdlib.h>
#include <string.h>

static void run_quit(struct app *a, const char *args)
{
    (void)args;
    action_quit(a);
}

static void run_help(struct app *a, const char *args)
{
    (void)args;
    action_help(a);
}

static void run_ns(struct app *a, const char *args)
{
    app_set_ns(a, strcmp(args, "all") == 0 ? "" : args);
}

static void list_contexts(struct app *a)
{
    uint32_t n = 0;
    const char *const *names = a->source.contexts(a->source.self, &a->frame, &n);
    if (n == 0) {
        app_say(a, ROLE_WARNING, "the kubeconfig names no context, or cannot be read");
        return;
    }
    const char *current = a->snap != NULL ? a->snap->cluster.context : "";
    struct text_page *t = app_open_text(a, TEXT_CONTEXTS, NULL);
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

static void run_context(struct app *a, const char *args)
{
    struct err err;
    err_clear(&err);
    if (a->source.switch_context == NULL || a->source.contexts == NULL) {
        app_say(a, ROLE_WARNING, "there are no contexts here");
    } else if (*args == '\0') {
        list_contexts(a);
    } else if (!a->source.switch_context(a->source.self, args, &err)) {
        app_say_typed(a, ROLE_BROKEN, "the context was not switched", "%s", err.msg);
    } else {
        app_forget_cluster(a);
    }
}

static void run_filter(struct app *a, const char *args)
{
    filter_rows(a, args);
}

static void run_sort(struct app *a, const char *args)
{
    struct page *p = app_page(a);
    for (int c = 0; c < p->view->ncolumns; c++) {
        if (str_casecmp(p->view->columns[c].field, args) == 0 ||
            str_casecmp(p->view->columns[c].title, args) == 0) {
            p->order = (struct table_order){c, p->view->columns[c].descending};
            app_build(a, "another order");
            return;
        }
    }
    app_say_typed(a, ROLE_WARNING, "no such column",
                  "no column of %s is called '%s'; Tab completes", p->view->name, args);
}

static void run_trace(struct app *a, const char *args)
{
    if (*args == '\0') {
        action_trace_prompt(a);
    } else {
        open_trace(a, args);
    }
}

static void run_theme(struct app *a, const char *args)
{
    struct err err;
    err_clear(&err);
    struct theme t;
    if (theme_load(&t, *args == '\0' ? "default" : args, &err)) {
        a->o.theme = t;
        term_theme(&t);
        a->repaint = true;
    } else {
        app_say_typed(a, ROLE_BROKEN, "the theme cannot be loaded", "%s", err.msg);
    }
}

static void run_relist(struct app *a, const char *args)
{
    (void)args;
    action_relist(a);
}

static void run_wide(struct app *a, const char *args)
{
    (void)args;
    action_wide(a);
}

static void run_pause(struct app *a, const char *args)
{
    (void)args;
    action_pause(a);
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

static void namespace_words(struct app *a, struct word_list *w)
{
    struct pmap_iter it;
    const struct object *o;
    if (a->snap != NULL) {
        pmap_begin(&it, &a->snap->objects[KIND_NAMESPACE]);
        while ((o = pmap_next(&it)) != NULL) {
            add_word(&a->frame, w, o->name);
        }
    }
    add_word(&a->frame, w, "all");
}

static void context_words(struct app *a, struct word_list *w)
{
    uint32_t n = 0;
    const char *const *names =
        a->source.contexts != NULL ? a->source.contexts(a->source.self, &a->frame, &n) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        add_word(&a->frame, w, names[i]);
    }
}

static void column_words(struct app *a, struct word_list *w)
{
    const struct view *v = app_page(a)->view;
    for (int c = 0; c < v->ncolumns; c++) {
        add_word(&a->frame, w, v->columns[c].field);
    }
}

static void theme_words(struct app *a, struct word_list *w)
{
    struct theme_list themes = theme_names(&a->frame);
    for (uint32_t i = 0; i < themes.n; i++) {
        add_word(&a->frame, w, themes.at[i]);
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
static const struct view *find_view(struct app *a, const char *name)
{
    const struct view *found = NULL;
    for (const struct view *const *v = a->views; *v != NULL; v++) {
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

void command_run(struct app *a, const char *line)
{
    line += strspn(line, " ");
    size_t n = strcspn(line, " ");
    char *name = arena_strndup(&a->frame, line, n);
    char *args = arena_strdup(&a->frame, line + n + strspn(line + n, " "));
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
        c->run(a, args);
        return;
    }
    const struct view *v = find_view(a, name);
    if (v != NULL) {
        app_go(a, v, args, NULL);
        return;
    }
    app_say_typed(a, ROLE_WARNING, "no view or command has this name",
                  "no view or command is called '%.60s'; Tab completes, ? lists them", name);
}

bool command_complete(struct app *a)
{
    struct prompt *p = &a->prompt;
    struct word_list w = {0};
    size_t first = strspn(p->text, " ");
    if (prompt_word_start(p) <= first) {
        for (size_t i = 0; i < command_count; i++) {
            add_word(&a->frame, &w, commands[i].name);
        }
        for (const struct view *const *v = a->views; *v != NULL; v++) {
            add_word(&a->frame, &w, (*v)->name);
        }
    } else {
        size_t n = strcspn(p->text + first, " ");
        const struct command *c = find_command(arena_strndup(&a->frame, p->text + first, n));
        if (c != NULL && c->words != NULL) {
            c->words(a, &w);
        }
    }
    if (w.n > 1) {
        qsort(w.at, w.n, sizeof *w.at, str_order);
    }
    return prompt_complete(p, w.at, w.n);
}
