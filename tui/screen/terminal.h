// SPDX-License-Identifier: Apache-2.0
// The terminal: its file is the only one that sees curses, which sets the terminal's modes and reads its keys. It sets
// the terminal up and restores it, however the program ends. UI thread, unless a function says otherwise. One terminal
// at a time.
#ifndef GATETOP_TUI_SCREEN_TERMINAL_H
#define GATETOP_TUI_SCREEN_TERMINAL_H

#include "kube/base/attr.h"

#include "tui/screen/grid.h"
#include "tui/screen/theme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct term_options {
    bool no_color; // --no-color or NO_COLOR
};
// Takes the terminal over: alternate screen, keys as they come (except for the signal keys, which stay the
// terminal's), standard error kept back until term_close, handlers for crashes. Keys come from standard input or,
// where that is no terminal (-f -), from /dev/tty. ERR_USAGE if there is no terminal to draw on or TERM is not known;
// the message says what to use instead. ERR_INTERNAL if memory or descriptors are out. The signals have to be taken
// before (signals_open): one at its default would leave the terminal as it is, and curses handles those that are at
// their default itself.
bool term_open(const struct term_options *o, struct err *err) MUST_USE;
// Gives it back as it was, then prints what was written to standard error meanwhile.
void term_close(void);

// Where keys come from, for poll.
int term_fd(void);
// Looks of roles from now on; copied.
void term_theme(const struct theme *t);
// Asks the terminal for its size, and sets it for curses.
void term_size(int *rows, int *columns);

// Shows a grid: sends what differs from the screen, and nothing if nothing does (docs/rules/terminal.md#screen-bytes).
// Returns the bytes that were sent.
size_t term_show(const struct grid *g);
// The next term_show sends everything (Ctrl-L, after a suspend).
void term_repaint(void);

// The next key typed (keys.h), false if there is none yet. Blocks for at most the 25 ms that distinguish Esc from a
// function key.
bool term_key(uint32_t *key);

// Gives the terminal back for a while (a suspend, a credential plugin that needs it).
void term_leave(void);
// Takes it again.
void term_enter(void);
// As term_enter, after a program that may have died with the terminal in its own modes: they are
// undone, and what was typed for it and not read is dropped.
void term_take_back(void);

#endif
