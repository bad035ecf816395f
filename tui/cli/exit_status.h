// SPDX-License-Identifier: Apache-2.0
// The exit statuses of gatetop(1), EXIT STATUS.
#ifndef GATETOP_TUI_CLI_EXIT_STATUS_H
#define GATETOP_TUI_CLI_EXIT_STATUS_H

enum exit_status {
    STATUS_OK,
    STATUS_BAD, // the answer is bad (findings, changes, a request that leads nowhere) or could not be written
    STATUS_USAGE,   // the command line is wrong, or there is no terminal for the dashboard
    STATUS_SERVER,  // the server cannot be reached, or refuses what the answer needs
    STATUS_CONFIG,  // there is no kubeconfig, or it, a theme or a manifest cannot be parsed
    STATUS_PARTIAL, // the answer lacks what could not be read; standard error names that
};

#endif
