// SPDX-License-Identifier: Apache-2.0
// The manual page's sections about the command line: SUBCOMMANDS, OPTIONS, AREAS, VIEWS, COLUMNS,
// CODES, STATES.
#ifndef GATETOP_TUI_CLI_CLI_MANUAL_H
#define GATETOP_TUI_CLI_CLI_MANUAL_H

#include "tui/manual/mdoc.h"

extern const struct mdoc_section cli_manual[]; // ends with name NULL

#endif
