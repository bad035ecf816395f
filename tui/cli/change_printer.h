// SPDX-License-Identifier: Apache-2.0
// The rows of a view as they change: `gatetop get -w`.
#ifndef GATETOP_TUI_CLI_CHANGE_PRINTER_H
#define GATETOP_TUI_CLI_CHANGE_PRINTER_H

#include "kube/base/attr.h"

#include "views/view.h"

#include "tui/cli/options.h"

#include <stdbool.h>
#include <stdio.h>

// Remembers what was printed.
struct change_printer;

// On the heap; the view outlives it.
struct change_printer *change_printer_new(const struct view *v, enum output_format format);
// NULL is fine.
void change_printer_free(struct change_printer *p);
// The first call prints the whole view, each further one a line for each row that has come, changed
// or gone since the one before. False if it could not be written; standard error says why
// (output_done).
bool change_printer_print(struct change_printer *p, FILE *out, const struct view_args *a) MUST_USE;

#endif
