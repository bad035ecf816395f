// SPDX-License-Identifier: Apache-2.0
// Makes a terminal show a grid with few bytes: only cells that differ from what it shows, moved there where that is
// shorter, the shortest motions of the cursor, and no change of attributes that would be invisible
// (docs/rules/terminal.md#screen-bytes).
//
// Knows no curses: what the terminal can do comes as struct terminal_codes, what is to be sent goes into a buffer.
#ifndef GATETOP_TUI_SCREEN_PAINTER_H
#define GATETOP_TUI_SCREEN_PAINTER_H

#include "tui/screen/grid.h"
#include "tui/screen/terminal_codes.h"
#include "tui/screen/theme.h"

struct buf;
struct painter;

// For one terminal; the codes are borrowed.
struct painter *painter_new(const struct terminal_codes *t);
// NULL is fine.
void painter_free(struct painter *p);
// Looks of roles from now on; copied. What is on the screen gets them with the next painter_show.
void painter_theme(struct painter *p, const struct theme *t, enum depth d);
// The terminal was cleared and has this size: spaces, attributes off, the cursor hidden, its place unknown.
void painter_cleared(struct painter *p, int rows, int columns);
// Appends what makes the terminal show the grid: nothing if it does. What is outside of the terminal is left out.
void painter_show(struct painter *p, const struct grid *g, struct buf *out);
// Appends what turns all attributes off, for whoever writes to the terminal next.
void painter_rest(struct painter *p, struct buf *out);

#endif
