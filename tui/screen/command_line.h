// SPDX-License-Identifier: Apache-2.0
// The commands of the `:` line, in one table: completion, the help screen and the man page check read it.
#ifndef GATETOP_TUI_SCREEN_COMMAND_LINE_H
#define GATETOP_TUI_SCREEN_COMMAND_LINE_H

struct app;

struct command {
    const char *name;
    const char *args; // "" none
    const char *help;
    void (*run)(struct app *a, const char *args); // args: trimmed, "" none
};
extern const struct command commands[];
extern const int ncommands;

#endif
