// SPDX-License-Identifier: Apache-2.0
// Reads the command line by the tables of options and subcommands.
#ifndef GATETOP_TUI_CLI_OPTION_PARSER_H
#define GATETOP_TUI_CLI_OPTION_PARSER_H

#include "kube/base/attr.h"

#include "tui/cli/options.h"

#include <stdbool.h>

struct err;

// Fills *o from the command line; `table` has SUBCOMMAND_COUNT rows and outlives *o. Strings are
// borrowed from argv. Reads no environment and no file. ERR_USAGE with one sentence.
// options_release either way. Not reentrant (getopt).
bool options_parse(int argc, char **argv, const struct subcommand *table, struct options *o,
                   struct err *err) MUST_USE;
// Frees the lists of *o; its strings become invalid.
void options_release(struct options *o);

#endif
