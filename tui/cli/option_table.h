// SPDX-License-Identifier: Apache-2.0
// The options of the command line, one table: the parser, help, man page and completions read it.
#ifndef GATETOP_TUI_CLI_OPTION_TABLE_H
#define GATETOP_TUI_CLI_OPTION_TABLE_H

#include "tui/cli/options.h"

#include <stdbool.h>
#include <stddef.h>

struct err;

// What the member at `target` is, and what the option does to it.
enum option_type {
    OPTION_SWITCH,  // bool: becomes true
    OPTION_TEXT,    // const char *: the argument
    OPTION_BOOLEAN, // const char *: what follows '=', "" without it (kubectl's --flag[=false])
    OPTION_LIST,    // struct string_list: the argument is appended
    OPTION_NUMBER,  // int, 0 or more
    OPTION_READ,    // of any type: what `read` makes of the argument
};

struct option_row {
    const char *name;     // long name without dashes
    char letter;          // 0: none
    const char *arg;      // name of the argument in upper case, NULL: it takes none
    unsigned subcommands; // which take it: FOR(id), or-ed
    const char *section;  // heading in help and man page, NULL: in neither
    const char *help;     // one line, lower case, no full stop
    bool private;         // the argument is a secret or may hold one: it is not logged
    enum option_type type;
    size_t target; // of the member of struct options
    // Checks the argument before it is stored; NULL: anything is right. ERR_USAGE names the argument.
    bool (*check)(const struct option_row *row, const char *arg, struct err *err);
    // OPTION_READ, and NULL in other types: reads the argument into the target. ERR_USAGE names it.
    bool (*read)(void *target, const struct option_row *row, const char *arg, struct err *err);
    // The words that the argument can be, for completion: the one at `i`, NULL after the last.
    // NULL: no such list.
    const char *(*value)(size_t i);
};
extern const struct option_row option_table[];
extern const size_t option_count;

#endif
