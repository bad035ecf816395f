// SPDX-License-Identifier: Apache-2.0
// A trace as a pane of the dashboard.
#ifndef GATETOP_TUI_SCREEN_TRACE_PANE_H
#define GATETOP_TUI_SCREEN_TRACE_PANE_H

#include "views/view.h"

// What `gatetop trace` says of a typed request: a URL, and -X METHOD, -H 'name: value', --sni NAME,
// --gateway WHICH as on the command line (quotes as in a shell). What is wrong with it is said in the pane.
void tracer_explain(const struct view_args *a, const char *request, struct text_block *out);

#endif
