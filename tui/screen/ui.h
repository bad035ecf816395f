// SPDX-License-Identifier: Apache-2.0
// The dashboard's state and event loop: what keys, snapshots and time do to the screen. UI thread.
//
// The functions are those of ui_lifetime.c (new, free, draw, resize), ui_data.c (wake, due,
// settle), key_input.c (key) and loop.c (run).
#ifndef GATETOP_TUI_SCREEN_UI_H
#define GATETOP_TUI_SCREEN_UI_H

#include "kube/base/attr.h"

#include "views/view.h"

#include "tui/screen/grid.h"
#include "tui/screen/theme.h"
#include "tui/screen/ui_source.h"

#include <stdbool.h>
#include <stdint.h>

struct ui_options {
    const struct view *view;         // the first; NULL: the first of `views`
    const char *subject;             // of it, NULL: none
    const char *ns;                  // NULL: all
    struct view_options options;     // copied; what it points to outlives the dashboard
    struct theme theme;              // copied
    const struct view *const *views; // NULL: the table of views/
    bool ascii;
    // For tests: after every turn of the loop at whose end nothing is under way, the generation
    // (uint64_t) of the snapshot whose rows are shown is written here. -1: none.
    int sync_fd;
};

struct ui;

// *o and *s are copied; s->self outlives the dashboard. Checks the key table against the views. NULL with
// *err (ERR_INTERNAL).
struct ui *ui_new(const struct ui_options *o, const struct ui_source *s, struct err *err) MUST_USE;
// Within 100 ms, whatever is under way. NULL is fine.
void ui_free(struct ui *ui);

// Runs on the open terminal (terminal.h) until the user quits or a signal ends it. Returns 0, or
// the signal (SIGHUP also where the terminal died). The caller closes the terminal first, then
// everything else.
int ui_run(struct ui *ui);

// The parts of a turn of the loop. Tests that have no terminal call them, too.

// Sets the size of the screen.
void ui_resize(struct ui *ui, int rows, int columns);
// Does what a key (keys.h) does now.
void ui_key(struct ui *ui, uint32_t key);
// Takes what the source has.
void ui_wake(struct ui *ui);
// Does what is due: forgets an old message, starts a rebuild of the rows. all: also a rebuild that
// is due later.
void ui_due(struct ui *ui, bool all);
// Takes built rows, waiting at most wait_ms for them. False: rows are still being built.
bool ui_settle(struct ui *ui, int wait_ms);
// The screen as it should be; valid until the next call.
const struct grid *ui_draw(struct ui *ui);
// Whether the loop is over: the user has quit, or a signal or a dead terminal ends the program.
bool ui_ended(const struct ui *ui);

#endif
