// SPDX-License-Identifier: Apache-2.0
// The filter of a view's rows (the key '/'): words that the cells of a row have or do not have.
#ifndef GATETOP_VIEWS_ROW_FILTER_INTERNAL_H
#define GATETOP_VIEWS_ROW_FILTER_INTERNAL_H

#include "views/view.h"

#include <stdbool.h>
#include <stddef.h>

struct filter_word;
struct row_filter {
    struct filter_word *words; // in the arena
    size_t n;
};

// Reads the words of a filter. "": no words, which every row passes.
struct row_filter row_filter_parse(struct arena *a, const char *text);
// Whether each word holds of the row or, with a '!' before it, does not: the name of a state ("broken", also as
// "state:broken") of its state, what stands behind "ns:" or "host:" of its namespace or host, any other word of some
// cell, part of which it is. Case is ignored. Cells are made in the arena of args.
bool row_filter_passes(const struct row_filter *f, const struct view *v, const struct view_args *a,
                       const void *row);

#endif
