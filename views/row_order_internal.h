// SPDX-License-Identifier: Apache-2.0
// The order of a view's rows: by the cells of one column, equal ones as list() gives them.
#ifndef GATETOP_VIEWS_ROW_ORDER_INTERNAL_H
#define GATETOP_VIEWS_ROW_ORDER_INTERNAL_H

#include "views/view.h"

#include <stdbool.h>
#include <stdint.h>

struct row_order_key {
    const void *row;
    const char *text; // of the cell, for SORT_TEXT
    int64_t number;   // of the cell, for SORT_NUMBER
    uint32_t index;   // in the order of list(), which decides between equals
};

// Sorts n keys in place.
void row_order_sort(struct row_order_key *keys, uint32_t n, enum sort_by by, bool descending);

#endif
