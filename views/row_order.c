// SPDX-License-Identifier: Apache-2.0
// Rows in the order of one column.
#include "views/row_order_internal.h"

#include <stdlib.h>
#include <string.h>

static int by_index(const struct row_order_key *x, const struct row_order_key *y)
{
    return (x->index > y->index) - (x->index < y->index);
}

static int by_text(const void *a, const void *b)
{
    const struct row_order_key *x = a, *y = b;
    int c = strcmp(x->text, y->text);
    return c != 0 ? c : by_index(x, y);
}

static int by_text_down(const void *a, const void *b)
{
    const struct row_order_key *x = a, *y = b;
    int c = strcmp(y->text, x->text);
    return c != 0 ? c : by_index(x, y);
}

static int by_number(const void *a, const void *b)
{
    const struct row_order_key *x = a, *y = b;
    int c = (x->number > y->number) - (x->number < y->number);
    return c != 0 ? c : by_index(x, y);
}

static int by_number_down(const void *a, const void *b)
{
    const struct row_order_key *x = a, *y = b;
    int c = (x->number < y->number) - (x->number > y->number);
    return c != 0 ? c : by_index(x, y);
}

void row_order_sort(struct row_order_key *keys, uint32_t n, enum sort_by by, bool descending)
{
    if (by == SORT_NUMBER) {
        qsort(keys, n, sizeof *keys, descending ? by_number_down : by_number);
    } else {
        qsort(keys, n, sizeof *keys, descending ? by_text_down : by_text);
    }
}
