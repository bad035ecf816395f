// SPDX-License-Identifier: Apache-2.0
// The table of subcommands.
#ifndef GATETOP_TUI_CLI_SUBCOMMANDS_H
#define GATETOP_TUI_CLI_SUBCOMMANDS_H

#include "tui/cli/subcommand.h"

extern const struct subcommand subcommands[SUBCOMMAND_COUNT]; // by enum subcommand_id

#endif
