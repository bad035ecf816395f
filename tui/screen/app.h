// SPDX-License-Identifier: Apache-2.0
// The dashboard's state and event loop: what keys, snapshots and time do to the screen. UI thread.
//
// The functions are those of app_lifetime.c (new, free, draw, resize), app_data.c (wake, due,
// settle), input.c (key) and loop.c (run).
#ifndef GATETOP_TUI_SCREEN_APP_H
#define GATETOP_TUI_SCREEN_APP_H

#include "kube/base/attr.h"

#include "views/view.h"

#include "tui/screen/app_source.h"
#include "tui/screen/grid.h"
#include "tui/screen/theme.h"

#include <stdbool.h>
#include <stdint.h>

struct app_options {
    const struct view *view;         // the first; NULL: the first of `views`
    const char *subject;             // of it, NULL: none
    const char *ns;                  // NULL: all
    struct view_options options;     // copied; what it points to outlives the app
    struct theme theme;              // copied
    const struct view *const *views; // NULL: the table of views/
    bool ascii;
    // For tests: after every turn of the loop at whose end nothing is under way, the generation
    // (uint64_t) of the snapshot whose rows are shown is written here. -1: none.
    int sync_fd;
};

struct app;

// *o and *s are copied; s->self outlives the app. Checks the key table against the views. NULL with
// *err (ERR_INTERNAL).
struct app *app_new(const struct app_options *o, const struct app_source *s,
                    struct err *err) MUST_USE;
// Within 100 ms, whatever is under way. NULL is fine.
void app_free(struct app *a);

// Runs on the open terminal (terminal.h) until the user quits or a signal ends it. Returns 0, or
// the signal (SIGHUP also where the terminal died). The caller closes the terminal first, then
// everything else.
int app_run(struct app *a);

// The parts of a turn of the loop. Tests that have no terminal call them, too.

// Sets the size of the screen.
void app_resize(struct app *a, int rows, int columns);
// Does what a key (keys.h) does now.
void app_key(struct app *a, uint32_t key);
// Takes what the source has.
void app_wake(struct app *a);
// Does what is due: forgets an old message, starts a rebuild of the rows. all: also a rebuild that
// is due later.
void app_due(struct app *a, bool all);
// Takes built rows, waiting at most wait_ms for them. False: rows are still being built.
bool app_settle(struct app *a, int wait_ms);
// The screen as it should be; valid until the next call.
const struct grid *app_draw(struct app *a);
// Whether the loop is over: the user has quit, or a signal or a dead terminal ends the program.
bool app_ended(const struct app *a);

#endif
