// SPDX-License-Identifier: Apache-2.0
// The cell grid: writing clean text into it and dumping it for tests.
#include "tui/screen/grid.h"

#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
static const char *const glyphs[GLYPH_COUNT][2] = {
    [GLYPH_ELLIPSIS] = {"…", "~"},
    [GLYPH_ON]       = {"●", "*"},
    [GLYPH_OFF]      = {"○", "o"},
    [GLYPH_BROKEN]   = {"✗", "x"},
    [GLYPH_UP]       = {"▲", "^"},
    [GLYPH_DOWN]     = {"▼", "v"},
    [GLYPH_CRUMB]    = {"▸", ">"},
    [GLYPH_FOLDED]   = {"▸", "+"},
    [GLYPH_UNFOLDED] = {"▾", "-"},
    [GLYPH_MARK]     = {"●", "*"},
    [GLYPH_LINE]     = {"─", "-"},
    [GLYPH_BAR]      = {"│", "|"},
};
// clang-format on

const char *glyph_text(enum glyph g, bool ascii)
{
    return glyphs[g][ascii ? 1 : 0];
}

void grid_init(struct grid *g)
{
    memset(g, 0, sizeof *g);
    g->cursor_row = g->cursor_column = -1;
}

void grid_release(struct grid *g)
{
    free(g->cells);
    g->cells = NULL;
    g->rows = g->columns = 0;
}

struct grid_cell *grid_at(const struct grid *g, int row, int column)
{
    ASSERT(row >= 0 && row < g->rows && column >= 0 && column < g->columns);
    return &g->cells[(size_t)row * (size_t)g->columns + (size_t)column];
}

static const struct grid_cell blank = {.cp = ' ', .width = 1};

void grid_blank(struct grid *g)
{
    size_t n = (size_t)g->rows * (size_t)g->columns;
    for (size_t i = 0; i < n; i++) {
        g->cells[i] = blank;
    }
    g->cursor_row = g->cursor_column = -1;
}

void grid_resize(struct grid *g, int rows, int columns)
{
    if (rows != g->rows || columns != g->columns) {
        free(g->cells);
        g->rows = rows;
        g->columns = columns;
        g->cells = xcalloc((size_t)rows * (size_t)columns, sizeof *g->cells);
    }
    grid_blank(g);
}

// Makes the other half of a wide character a space, before one half is overwritten.
static void break_wide(struct grid *g, int row, int column)
{
    struct grid_cell *c = grid_at(g, row, column);
    if (c->width == 0 && column > 0) {
        struct grid_cell *left = grid_at(g, row, column - 1);
        left->cp = ' ';
        left->width = 1;
        left->mark[0] = left->mark[1] = 0;
    }
    if (c->width == 2 && column + 1 < g->columns) {
        struct grid_cell *right = grid_at(g, row, column + 1);
        right->cp = ' ';
        right->width = 1;
    }
}

static void set_cell(struct grid *g, int row, int column, uint32_t cp, int width, enum role role)
{
    break_wide(g, row, column);
    if (width == 2) {
        break_wide(g, row, column + 1);
        *grid_at(g, row, column + 1) = (struct grid_cell){.role = (uint8_t)role};
    }
    *grid_at(g, row, column) =
        (struct grid_cell){.cp = cp, .width = (uint8_t)width, .role = (uint8_t)role};
}

static void add_mark(struct grid *g, int row, int column, uint32_t cp)
{
    if (column < 0) {
        return;
    }
    struct grid_cell *c = grid_at(g, row, column);
    if (c->width == 0 && column > 0) {
        c = grid_at(g, row, column - 1);
    }
    if (c->mark[0] == 0) {
        c->mark[0] = cp;
    } else if (c->mark[1] == 0) {
        c->mark[1] = cp;
    }
}

int grid_put(struct grid *g, int row, int column, int width, enum role role, const char *text)
{
    if (row < 0 || row >= g->rows || column < 0 || column >= g->columns) {
        return 0;
    }
    int end = width < g->columns - column ? column + width : g->columns;
    int at = column;
    size_t n = strlen(text);
    while (n > 0) {
        uint32_t cp;
        size_t used = utf8_next(text, n, &cp);
        text += used;
        n -= used;
        int w = text_cp_width(cp);
        bool own_glyph = cp >= 0x80;
        if (text_is_control(cp)) {
            cp = '?';
            w = 1;
        } else if (g->ascii && own_glyph) {
            if (w == 0) {
                continue;
            }
            for (cp = '?'; w == 2 && at < end; w--) {
                set_cell(g, row, at++, cp, 1, role);
            }
        }
        if (w == 0) {
            if (at > column) {
                add_mark(g, row, at - 1, cp);
            }
            continue;
        }
        if (at + w > end) {
            break;
        }
        set_cell(g, row, at, cp, w, role);
        at += w;
    }
    return at - column;
}

int grid_put_cut(struct grid *g, int row, int column, int width, enum role role, const char *text)
{
    if (width <= 0) {
        return 0;
    }
    if (text_width(text) <= width) {
        return grid_put(g, row, column, width, role, text);
    }
    int at = grid_put(g, row, column, width - 1, role, text);
    return at + grid_put(g, row, column + at, 1, role, glyph_text(GLYPH_ELLIPSIS, g->ascii));
}

void grid_fill(struct grid *g, int row, int column, int width, enum role role)
{
    if (row < 0 || row >= g->rows) {
        return;
    }
    for (int c = column < 0 ? 0 : column; c < column + width && c < g->columns; c++) {
        set_cell(g, row, c, ' ', 1, role);
    }
}

void grid_over(struct grid *g, int row, int column, int width, enum role over)
{
    if (row < 0 || row >= g->rows) {
        return;
    }
    for (int c = column < 0 ? 0 : column; c < column + width && c < g->columns; c++) {
        grid_at(g, row, c)->over = (uint8_t)over;
    }
}

void grid_underline(struct grid *g, int row, int column)
{
    if (row >= 0 && row < g->rows && column >= 0 && column < g->columns) {
        grid_at(g, row, column)->underline = true;
    }
}
