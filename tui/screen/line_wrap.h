// SPDX-License-Identifier: Apache-2.0
// A line of a text pane, broken into rows: characters with role and search hits, and the rows into which
// it is broken at a width.
#ifndef GATETOP_TUI_SCREEN_LINE_WRAP_H
#define GATETOP_TUI_SCREEN_LINE_WRAP_H

#include "views/text_block.h"

#include "tui/screen/grid.h"

#include <stdbool.h>
#include <stdint.h>

struct wrap_char {
    const char *s;       // into the text of the line's span
    uint32_t bytes;      // with the combining characters that follow
    uint8_t width, role; // columns; enum role
    bool hit;            // of the search
};
struct wrap_line {
    struct wrap_char *at;
    uint32_t n;
};
// The characters of a line, in the arena. search: hits, whatever their (ASCII) case, are marked;
// NULL: none.
struct wrap_line wrap_chars(struct arena *a, const struct text_line *l, const char *search);

struct wrap_row {
    uint32_t from, to; // characters
    int indent;        // columns left free before them
};
struct wrap_rows {
    struct wrap_row *at;
    uint32_t n; // at least 1
};
// Breaks a line at spaces, or where the row is full. Further rows are indented to the text after
// the last gap of two spaces or more: the sentence after "label      ". In the arena.
struct wrap_rows wrap_rows_break(struct arena *a, const struct wrap_line *l, int width);

// Draws characters [from, to) of the line from a place of the grid on, at most `width` columns.
void wrap_draw(const struct wrap_line *l, uint32_t from, uint32_t to, struct grid *g, int row,
               int column, int width);

#endif
