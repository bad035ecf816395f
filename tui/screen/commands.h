// SPDX-License-Identifier: Apache-2.0
// What is typed after ':': a view with what narrows it, or a command.
#ifndef GATETOP_TUI_SCREEN_COMMANDS_H
#define GATETOP_TUI_SCREEN_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

struct ui;
struct word_list;

// Help screen, completion and man page read the table.
struct command {
    const char *name;
    const char *args; // "" none
    const char *help; // one line
    // Does it; args is trimmed, "": none.
    void (*run)(struct ui *ui, const char *args);
    // Adds the words that args can be, for completion; NULL: none are known.
    void (*words)(struct ui *ui, struct word_list *w);
};
extern const struct command commands[];
extern const size_t command_count;

// Runs a line: a command, or the view whose name it begins with. Reports in the footer what it does
// not know.
void command_run(struct ui *ui, const char *line);
// Completes the prompt's last word, or takes the next candidate; false if there is none.
bool command_complete(struct ui *ui);

#endif
