// SPDX-License-Identifier: Apache-2.0
// The rows of a view as text: `gatetop get` and `--once`.
#ifndef GATETOP_TUI_CLI_PRINT_VIEW_H
#define GATETOP_TUI_CLI_PRINT_VIEW_H

#include "kube/base/attr.h"

#include "views/table.h"

#include "tui/cli/options.h"

#include <stdbool.h>
#include <stdio.h>

// One row as a line of CSV; the line of titles if row is NULL.
void print_view_csv_row(FILE *out, const struct view *v, const struct view_args *a,
                        const void *row);
// One row as a line of names (-o name).
void print_view_name(FILE *out, const struct view *v, const struct view_args *a, const void *row);

// Prints the whole view, in the order of its sort column. Cells lie in a->arena. False if it
// could not be written; standard error says why (output_done).
bool print_view(FILE *out, const struct view *v, const struct view_args *a,
                enum output_format format) MUST_USE;

// Prints the view as the first screen of the dashboard, `columns` wide but with all its rows. False
// as above.
bool print_view_screen(FILE *out, const struct view *v, const struct view_args *a,
                       int columns) MUST_USE;

#endif
