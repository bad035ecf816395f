// SPDX-License-Identifier: Apache-2.0
// The screen as a grid of cells in memory: what every panel draws into, what tests compare, and
// what painter.h makes a terminal show. Knows no terminal.
#ifndef GATETOP_TUI_SCREEN_GRID_H
#define GATETOP_TUI_SCREEN_GRID_H

#include "views/theme_role.h"

#include <stdbool.h>
#include <stdint.h>

struct grid_cell {
    uint32_t cp;      // code point; 0 in the right half of a wide character
    uint32_t mark[2]; // combining characters, 0: none
    uint8_t width;    // 1 or 2; 0 in the right half of a wide character
    uint8_t role;     // enum role: the colour of the text
    bool underline;   // a letter that is a key
    uint8_t over;     // enum role laid over it (cursor, mark, match), ROLE_TEXT: none
};

struct grid {
    int rows, columns;
    bool ascii;                    // everything but ASCII is drawn as '?'
    int cursor_row, cursor_column; // of a prompt, -1: hidden
    struct grid_cell *cells;       // row by row
};

// A grid of no size; grid_resize gives it one.
void grid_init(struct grid *g);
// Frees the cells; the size is 0 afterwards.
void grid_release(struct grid *g);
// Sets the size, each at least 0, and blanks all.
void grid_resize(struct grid *g, int rows, int columns);
// Fills all with spaces of plain text and hides the cursor.
void grid_blank(struct grid *g);
// The cell at a place that must be inside.
struct grid_cell *grid_at(const struct grid *g, int row, int column);

// Writes clean text from (row, column) on, at most `width` columns of it, clipped to the grid. A
// control character, should one come, is drawn as '?'. Returns the columns written.
int grid_put(struct grid *g, int row, int column, int width, enum role role, const char *text);
// The same; text that does not fit ends in an ellipsis, and the rest of `width` stays as it is.
int grid_put_cut(struct grid *g, int row, int column, int width, enum role role, const char *text);
// Fills a stretch with spaces of a role; clipped to the grid.
void grid_fill(struct grid *g, int row, int column, int width, enum role role);
// Lays a role over a stretch that is already drawn; clipped to the grid.
void grid_over(struct grid *g, int row, int column, int width, enum role over);
// Underlines one cell; nothing happens outside the grid.
void grid_underline(struct grid *g, int row, int column);

// Symbols that are one column wide in every terminal (docs/rules/terminal.md#glyphs).
enum glyph {
    GLYPH_ELLIPSIS,
    GLYPH_ON,  // connected
    GLYPH_OFF, // not connected
    GLYPH_BROKEN,
    GLYPH_UP,    // ascending
    GLYPH_DOWN,  // descending
    GLYPH_CRUMB, // between the levels of the breadcrumb
    GLYPH_FOLDED,
    GLYPH_UNFOLDED,
    GLYPH_MARK,
    GLYPH_LINE, // horizontal
    GLYPH_BAR,  // vertical
    GLYPH_COUNT
};
// A symbol as UTF-8, or its substitute in ASCII. Static.
const char *glyph_text(enum glyph g, bool ascii);

#endif
