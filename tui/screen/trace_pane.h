// SPDX-License-Identifier: Apache-2.0
// A trace as a pane of the dashboard.
#ifndef GATETOP_TUI_SCREEN_TRACE_PANE_H
#define GATETOP_TUI_SCREEN_TRACE_PANE_H

#include "views/view.h"

// Appends what `gatetop trace` prints for a typed request: a URL, and -X METHOD, -H 'name: value',
// --sni NAME, --gateway WHICH as on the command line (quotes as in a shell, no escapes). A sentence
// where it cannot be read. Everything lies in a->arena.
void trace_pane_fill(const struct view_args *a, const char *request, struct text_block *out);

#endif
