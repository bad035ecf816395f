// SPDX-License-Identifier: Apache-2.0
// The table of a view: its rows with filter and order applied, and how wide its columns are.
#ifndef GATETOP_VIEWS_TABLE_H
#define GATETOP_VIEWS_TABLE_H

#include "views/view.h"

#include <stdbool.h>
#include <stdint.h>

struct table_order {
    int column; // index into the view's columns; -1: the order of list()
    bool descending;
};
// The order in which the view opens.
struct table_order table_initial_order(const struct view *v);

// Rows counted by verdict, for the header.
struct verdict_counts {
    uint32_t n[VERDICT_BROKEN + 1]; // by enum verdict
};

struct table {
    struct view_rows rows; // of list()
    const void *const *at; // the rows that the filter leaves, in order
    uint32_t n;
    struct verdict_counts counts; // of the rows that the filter leaves
};

// The rows of a view, filtered and sorted. They lie in the arena of args and in its snapshot. Equal rows keep the
// order of list(). filter: words that must all appear in some cell of a row, or with a '!' before them in none,
// whatever their case; NULL or "": every row. An order whose column the view does not have is the order of list().
struct table table_build(const struct view *v, const struct view_args *a, const char *filter,
                         struct table_order order);

// Divides a screen of `columns` terminal columns among the view's columns: fills width[0..ncolumns), 0 if a
// column is not shown; one column is left between two. `wide`: those that are `wide` take part. `rows`, n of
// them: the rows whose cells should fit where they can (those on the screen). Works in the arena of args.
void table_widths(const struct view *v, const struct view_args *a, const void *const *rows,
                  uint32_t n, int columns, bool wide, int *width);

#endif
