// SPDX-License-Identifier: Apache-2.0
// The commands, each a function from options to an exit status.
#ifndef GATETOP_TUI_CLI_COMMANDS_H
#define GATETOP_TUI_CLI_COMMANDS_H

#include "tui/cli/options.h"

// gatetop(1), EXIT STATUS.
enum status {
    STATUS_OK,
    STATUS_BAD,    // the answer is bad: findings, changes, a request that leads nowhere
    STATUS_USAGE,  // the command line, or no terminal for the dashboard
    STATUS_SERVER, // the server cannot be reached, or may not be asked
    STATUS_CONFIG, // no kubeconfig, or one or a manifest that cannot be parsed
};

int command_dashboard(const struct options *o);
int command_get(const struct options *o);
int command_trace(const struct options *o);
int command_check(const struct options *o);
int command_diff(const struct options *o);
int command_auth(const struct options *o);
int command_completion(const struct options *o);

#endif
