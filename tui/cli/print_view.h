// SPDX-License-Identifier: Apache-2.0
// The rows of a view as text: `gatetop get` and `--once`.
#ifndef GATETOP_TUI_CLI_PRINT_VIEW_H
#define GATETOP_TUI_CLI_PRINT_VIEW_H

#include "views/table.h"

#include "tui/cli/options.h"

#include <stdio.h>

// Prints the whole view. False where it could not be written; stderr has said why (output.h).
bool batch_print(FILE *out, const struct view *v, const struct view_args *a, enum output format);

// The changes of a view, for -w: remembers what was printed. The first call prints the whole view.
struct batch_watch;
struct batch_watch *batch_watch_new(const struct view *v, enum output format);
void batch_watch_free(struct batch_watch *w);
bool batch_watch_print(struct batch_watch *w, FILE *out, const struct view_args *a);

// The first screen as plain text, `columns` wide: header lines and the whole table.
bool batch_once(FILE *out, const struct view *v, const struct view_args *a, int columns);

#endif
