// SPDX-License-Identifier: Apache-2.0
// Rows in an order, of which most were in that order already.
#ifndef GATETOP_VIEWS_SORTED_ROWS_INTERNAL_H
#define GATETOP_VIEWS_SORTED_ROWS_INTERNAL_H

#include "views/view.h"

// Sorts n rows, each once, which are shared between snapshots and do not change: those that are in `before`, which is in
// this order, only have to be found there. compare is that of qsort() over pointers to rows; of two different rows none
// equals the other.
void sorted_rows(const void **at, uint32_t n, const struct view_rows *before,
                 int (*compare)(const void *x, const void *y));

#endif
