// SPDX-License-Identifier: Apache-2.0
// The screen as a grid of cells in memory: what every panel draws into, what tests compare, and what
// terminal.c hands to curses. Knows no terminal.
#ifndef GATETOP_TUI_SCREEN_GRID_H
#define GATETOP_TUI_SCREEN_GRID_H

#include "kube/base/mem.h"

#include "views/view.h"

#include <stdint.h>

struct grid_cell {
    uint32_t cp;      // code point; 0 in the right half of a wide character
    uint32_t mark[2]; // combining characters, 0 none
    uint8_t width;    // 1 or 2; 0 in the right half of a wide character
    uint8_t role;     // enum role: the colour of the text
    bool underline;   // a letter that is a key
    uint8_t over;     // enum role laid over it (cursor, mark, match), ROLE_TEXT: none
};

struct grid {
    int rows, columns;
    bool ascii;                    // everything else than ASCII is drawn as '?'
    int cursor_row, cursor_column; // of a prompt, -1 hidden
    struct grid_cell *cells;
};

void grid_init(struct grid *g);
void grid_release(struct grid *g);
// Sets the size and blanks all.
void grid_resize(struct grid *g, int rows, int columns);
void grid_blank(struct grid *g);
struct grid_cell *grid_at(const struct grid *g, int row, int column); // must be inside
bool grid_equal(const struct grid *a, const struct grid *b);
void grid_copy(struct grid *to, const struct grid *from);

// Writes clean text from (row, column), at most `width` columns of it, clipped to the grid. Control
// characters, should one come, are drawn as '?'. Returns the columns written.
int grid_put(struct grid *g, int row, int column, int width, enum role role, const char *text);
// The same; text that does not fit ends in an ellipsis, and the rest of `width` is left as it is.
int grid_put_cut(struct grid *g, int row, int column, int width, enum role role, const char *text);
// Fills a stretch with spaces of a role.
void grid_fill(struct grid *g, int row, int column, int width, enum role role);
// Lays a role over a stretch that is already drawn.
void grid_over(struct grid *g, int row, int column, int width, enum role over);

// Underlines one cell.
void grid_underline(struct grid *g, int row, int column);

// The text of the grid, a line a row, without the spaces at the ends; and the roles as a letter a cell
// ('.' plain text, the letters of grid_role_letter), a line a row. Appended.
void grid_dump_text(const struct grid *g, struct buf *out);
void grid_dump_roles(const struct grid *g, struct buf *out);
char grid_role_letter(enum role r);

// Symbols that are one column wide in every terminal, and what stands for them in ASCII.
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
const char *glyph(enum glyph g, bool ascii);

#endif
