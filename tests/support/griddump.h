// SPDX-License-Identifier: Apache-2.0
// A grid as text, to compare screens.
#ifndef GATETOP_TESTS_SUPPORT_GRIDDUMP_H
#define GATETOP_TESTS_SUPPORT_GRIDDUMP_H

#include "tui/screen/grid.h"

struct buf;

// Appends the text of the grid, a line a row, without the spaces at the ends.
void dump_text(const struct grid *g, struct buf *out);
// Appends the roles of the grid, a letter a cell ('.' is plain text) and a line a row.
void dump_roles(const struct grid *g, struct buf *out);

#endif
