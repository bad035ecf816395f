// SPDX-License-Identifier: Apache-2.0
// Sorting rows of which most were in that order already.
#ifndef GATETOP_VIEWS_SORTED_ROWS_INTERNAL_H
#define GATETOP_VIEWS_SORTED_ROWS_INTERNAL_H

#include "views/view.h"

// Sorts n different rows, which are immutable and shared between snapshots: those that are in `before`, a list in this
// order, are merged, not sorted. compare is as for qsort() over pointers to rows; two different rows are never equal.
void sorted_rows(const void **at, uint32_t n, const struct view_rows *before,
                 int (*compare)(const void *x, const void *y));

#endif
