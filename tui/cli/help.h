// SPDX-License-Identifier: Apache-2.0
// The text of --help.
#ifndef GATETOP_TUI_CLI_HELP_H
#define GATETOP_TUI_CLI_HELP_H

struct buf;

struct options;

// Appends the help of the subcommand that *o chose; that of the dashboard covers all subcommands
// and options.
void help_print(const struct options *o, struct buf *out);

#endif
