// SPDX-License-Identifier: Apache-2.0
// The first line of the log: which gatetop runs, where, and how it was started.
#ifndef GATETOP_TUI_CLI_LOG_HEADER_H
#define GATETOP_TUI_CLI_LOG_HEADER_H

#include "tui/cli/options.h"

// Logs it; call once, when the log is open and the locale is set. Arguments that may be secrets are left out, and of
// URLs user, password, query and fragment.
void log_header(const struct options *o);

#endif
