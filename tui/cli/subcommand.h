// SPDX-License-Identifier: Apache-2.0
// The commands, each a function from options to an exit status.
#ifndef GATETOP_TUI_CLI_SUBCOMMAND_H
#define GATETOP_TUI_CLI_SUBCOMMAND_H

#include "tui/cli/options.h"

// gatetop(1), EXIT STATUS.
enum status {
    STATUS_OK,
    STATUS_BAD,    // the answer is bad: findings, changes, a request that leads nowhere
    STATUS_USAGE,  // the command line, or no terminal for the dashboard
    STATUS_SERVER, // the server cannot be reached, or may not be asked
    STATUS_CONFIG, // no kubeconfig, or one or a manifest that cannot be parsed
};

int subcommand_dashboard(const struct options *o);
int subcommand_get(const struct options *o);
int subcommand_trace(const struct options *o);
int subcommand_check(const struct options *o);
int subcommand_diff(const struct options *o);
int subcommand_auth(const struct options *o);
int subcommand_completion(const struct options *o);

#endif
