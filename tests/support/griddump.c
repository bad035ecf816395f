// SPDX-License-Identifier: Apache-2.0
// Grids as text and compared.
#include "tests/support/griddump.h"

#include "kube/base/buf.h"
#include "kube/base/utf8.h"

#include <string.h>

void dump_text(const struct grid *g, struct buf *out)
{
    for (int r = 0; r < g->rows; r++) {
        size_t keep = out->len;
        for (int c = 0; c < g->columns; c++) {
            const struct grid_cell *cell = grid_at(g, r, c);
            if (cell->width == 0) {
                continue;
            }
            char u[4];
            buf_add(out, u, utf8_put(cell->cp, u));
            for (int m = 0; m < 2 && cell->mark[m] != 0; m++) {
                buf_add(out, u, utf8_put(cell->mark[m], u));
            }
            if (cell->cp != ' ') {
                keep = out->len;
            }
        }
        buf_truncate(out, keep);
        buf_addc(out, '\n');
    }
}

static char role_letter(enum role r)
{
    // clang-format off
    static const char letters[ROLE_COUNT] = {
        [ROLE_TEXT] = '.', [ROLE_DIM] = 'd', [ROLE_STRONG] = 's', [ROLE_OK] = 'o',
        [ROLE_PENDING] = 'p', [ROLE_WARNING] = 'w', [ROLE_BROKEN] = 'b', [ROLE_UNKNOWN] = 'u',
        [ROLE_NAME] = 'n', [ROLE_HOST] = 'h', [ROLE_NUMBER] = '9', [ROLE_TITLE] = 't',
        [ROLE_HEADER] = 'H', [ROLE_HEADER_TEXT] = 'x', [ROLE_KEY] = 'k', [ROLE_FOOTER] = 'f',
        [ROLE_CURSOR] = 'C', [ROLE_MARK] = 'M', [ROLE_SORT] = 'S', [ROLE_MATCH] = 'm',
        [ROLE_PROMPT] = 'P', [ROLE_BORDER] = '|', [ROLE_CONTEXT_PROD] = '!',
    };
    // clang-format on
    return letters[r];
}

void dump_roles(const struct grid *g, struct buf *out)
{
    for (int r = 0; r < g->rows; r++) {
        for (int c = 0; c < g->columns; c++) {
            const struct grid_cell *cell = grid_at(g, r, c);
            bool bar = cell->over == ROLE_HEADER || cell->over == ROLE_FOOTER;
            enum role shown = cell->over != ROLE_TEXT && !bar ? cell->over : cell->role;
            buf_addc(out, role_letter(shown));
        }
        buf_addc(out, '\n');
    }
}

static bool cell_equal(const struct grid_cell *a, const struct grid_cell *b)
{
    return a->cp == b->cp && a->mark[0] == b->mark[0] && a->mark[1] == b->mark[1] &&
           a->width == b->width && a->role == b->role && a->over == b->over &&
           a->underline == b->underline;
}

bool grid_equal(const struct grid *a, const struct grid *b)
{
    if (a->rows != b->rows || a->columns != b->columns || a->cursor_row != b->cursor_row ||
        a->cursor_column != b->cursor_column) {
        return false;
    }
    size_t n = (size_t)a->rows * (size_t)a->columns;
    for (size_t i = 0; i < n; i++) {
        if (!cell_equal(&a->cells[i], &b->cells[i])) {
            return false;
        }
    }
    return true;
}

void grid_copy(struct grid *to, const struct grid *from)
{
    grid_resize(to, from->rows, from->columns);
    memcpy(to->cells, from->cells, (size_t)from->rows * (size_t)from->columns * sizeof *to->cells);
    to->ascii = from->ascii;
    to->cursor_row = from->cursor_row;
    to->cursor_column = from->cursor_column;
}
