// SPDX-License-Identifier: Apache-2.0
// The dashboard: its state, what keys do to it, and the event loop. Everything here: UI thread.
#ifndef GATETOP_TUI_SCREEN_APP_H
#define GATETOP_TUI_SCREEN_APP_H

#include "kube/store/snapshot.h"

#include "views/view.h"

#include "tui/screen/grid.h"
#include "tui/screen/theme.h"

// An answer to yaml_open.
struct yaml_answer {
    char *text; // heap, taken over by the dashboard: YAML, or one sentence why there is none
    size_t n;
    bool failed;
};

// Where everything comes from that is not a key: filled in by main, over a cluster or over files. No
// function may block. NULL functions: the dashboard says that it cannot be done here.
struct app_source {
    void *self;
    // Readable when latest, yaml_take or terminal_wanted may have something new. Non-blocking; the
    // dashboard reads it empty (a pipe or an eventfd). -1: nothing ever changes.
    int wake_fd;
    const struct snapshot *(*latest)(void *self); // a new reference, NULL while there is none
    // The rows of the table that stand on the screen, told with every drawing: what is looked at comes first.
    void (*drawn)(void *self, const struct view *v, const struct view_args *a,
                  const void *const *rows, uint32_t n);
    void (*relist)(void *self, kind_set kinds); // Ctrl-R
    // The object's YAML, asked now. One at a time: a second open, or cancel, forgets the first.
    void (*yaml_open)(void *self, const struct object *o);
    bool (*yaml_take)(void *self, struct yaml_answer *out); // true once for each open
    void (*yaml_cancel)(void *self);
    // Names of the contexts, in the arena.
    const char *const *(*contexts)(void *self, struct arena *a, uint32_t *n);
    bool (*switch_context)(void *self, const char *name, struct err *err);
    // A trace of what was typed (a URL, and what `gatetop trace` takes after it); asked again when the
    // snapshot changes.
    void (*trace)(void *self, const struct view_args *a, const char *request,
                  struct text_block *out);
    // Where J leads from a row: a view, narrowed by *subject, with the row of *key selected (either may
    // be set to NULL; strings in a->arena). NULL: nowhere.
    const struct view *(*related)(void *self, const struct view *v, const struct view_args *a,
                                  const void *row, const char **subject, const char **key);
    // The events of an object: a view and its subject. NULL function: view "events" with
    // the uid. No subject: there are none.
    const struct view *(*events)(void *self, const struct view_args *a, const struct object *o,
                                 const char **subject);
    // Asks the gateways now what they serve for the hosts of a row; the answers come with later snapshots.
    // A sentence in a->arena: what is asked, or why nothing is.
    const char *(*probe)(void *self, const struct view *v, const struct view_args *a,
                         const void *row);
    // A credential helper wants the terminal: it is given back, terminal_lend returns when the helper
    // has ended (the one call that may block), and it is taken again.
    bool (*terminal_wanted)(void *self);
    void (*terminal_lend)(void *self);
};

struct app_options {
    const struct view *view;     // the first; NULL: views[0]
    const char *subject;         // of it, NULL none
    const char *ns;              // -n, NULL all
    struct view_options options; // copied
    struct theme theme;
    const struct view *const *views; // NULL: the table of views/
    bool ascii;
    // For tests: after every turn of the loop at whose end nothing is under way, the generation (uint64_t)
    // of the snapshot whose rows are shown is written here.
    int sync_fd; // -1 none
};

struct app;
// Checks the key table against the views. NULL with *err on failure.
struct app *app_new(const struct app_options *o, const struct app_source *s,
                    struct err *err) MUST_USE;
void app_free(struct app *a); // under 100 ms, whatever is under way

// Runs on the open terminal (term.h) until it is quit or a signal ends it. Returns 0, or the signal
// (SIGHUP also where the terminal died). The caller closes the terminal first, then everything else.
int app_run(struct app *a);

// Gives the terminal to a credential helper (begin) and takes it again.
void app_lend_terminal(bool begin);

// The parts of a turn, for tests that have no terminal.
void app_resize(struct app *a, int rows, int columns);
void app_key(struct app *a, uint32_t key);
void app_wake(struct app *a);          // takes what the source has
void app_due(struct app *a, bool all); // does what is due; all: also a rebuild that is due later
bool app_settle(struct app *a,
                int wait_ms); // takes built rows, waits for them; false: still under way
const struct grid *app_draw(struct app *a); // the screen as it should be
bool app_ended(const struct app *a);

#endif
