// SPDX-License-Identifier: Apache-2.0
// A growing list of strings: the words of the command line and the values of options that may be repeated.
#ifndef GATETOP_TUI_CLI_STRING_LIST_H
#define GATETOP_TUI_CLI_STRING_LIST_H

#include "tui/cli/options.h"

// Appends a string; the list keeps the pointer.
void string_list_add(struct string_list *l, const char *s);
// Frees the list, not its strings; it is empty afterwards.
void string_list_release(struct string_list *l);

#endif
