// SPDX-License-Identifier: Apache-2.0
// The terminal lent to a credential plugin that prompts on it.
#ifndef GATETOP_TUI_SCREEN_TERMINAL_LEND_H
#define GATETOP_TUI_SCREEN_TERMINAL_LEND_H

#include <stdbool.h>

// Gives the terminal to a plugin (begin), whose keys then send it their signals, and takes it back.
// Nothing happens where no terminal is open. UI thread.
void terminal_lend(bool begin);

#endif
