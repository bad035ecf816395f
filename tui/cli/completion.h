// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells, made from the tables of options, subcommands and views.
#ifndef GATETOP_TUI_CLI_COMPLETION_H
#define GATETOP_TUI_CLI_COMPLETION_H

#include "kube/base/attr.h"

#include <stdbool.h>

struct buf;
struct subcommand;

// Appends the script for "bash", "zsh" or "fish"; false for other shells. `table` has
// SUBCOMMAND_COUNT rows.
bool completion_print(const char *shell, const struct subcommand *table, struct buf *out) MUST_USE;

#endif
