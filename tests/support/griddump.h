// SPDX-License-Identifier: Apache-2.0
// A grid as text, and grids compared.
#ifndef GATETOP_TESTS_SUPPORT_GRIDDUMP_H
#define GATETOP_TESTS_SUPPORT_GRIDDUMP_H

#include "tui/screen/grid.h"

struct buf;

// Appends the text of the grid, a line a row, without the spaces at the ends.
void dump_text(const struct grid *g, struct buf *out);
// Appends the roles of the grid, a letter a cell ('.' is plain text) and a line a row.
void dump_roles(const struct grid *g, struct buf *out);
// Whether both have the same size, cells and cursor.
bool grid_equal(const struct grid *a, const struct grid *b);
// Makes `to` equal to `from`.
void grid_copy(struct grid *to, const struct grid *from);

#endif
