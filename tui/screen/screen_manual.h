// SPDX-License-Identifier: Apache-2.0
// The manual pages' sections about the dashboard: KEYS, COMMANDS, ROLES.
#ifndef GATETOP_TUI_SCREEN_SCREEN_MANUAL_H
#define GATETOP_TUI_SCREEN_SCREEN_MANUAL_H

#include "tui/manual/mdoc.h"

extern const struct mdoc_section screen_manual[]; // ends with name NULL

#endif
