// SPDX-License-Identifier: Apache-2.0
// What a subcommand is, and the function of each.
#ifndef GATETOP_TUI_CLI_SUBCOMMAND_H
#define GATETOP_TUI_CLI_SUBCOMMAND_H

#include <stdbool.h>

struct err;

struct options;

enum subcommand_id {
    SUBCOMMAND_DASHBOARD, // no subcommand on the command line
    SUBCOMMAND_GET,
    SUBCOMMAND_TRACE,
    SUBCOMMAND_CHECK,
    SUBCOMMAND_DIFF,
    SUBCOMMAND_AUTH,
    SUBCOMMAND_COMPLETION,
    SUBCOMMAND_COUNT
};

// Sets of subcommands: one bit each.
#define FOR(id) (1U << (id))
#define FOR_ALL ((1U << SUBCOMMAND_COUNT) - 1U)

struct subcommand {
    const char *name;     // "get"; "" for the dashboard
    const char *synopsis; // the words it takes: "VIEW"
    const char *help;     // one line
    // Checks and takes the words after the subcommand (o->words). ERR_USAGE says what is missing
    // or too much.
    bool (*check)(struct options *o, struct err *err);
    // Does it; returns the exit status of the program. UI thread.
    int (*exec)(const struct options *o);
};

// The functions of the table (subcommands.c). Each prints its answer on standard output and
// problems on standard error, and returns an enum exit_status.

// Runs the dashboard; also returns 128 plus the signal that ended it.
int subcommand_dashboard(const struct options *o);
// Prints the rows of the view o->view, or with --once the dashboard's first screen of it.
int subcommand_get(const struct options *o);
// Prints where the request of o->words, or each of --batch, goes.
int subcommand_trace(const struct options *o);
// Prints what is wrong with the objects.
int subcommand_check(const struct options *o);
// Prints the requests that the files of o->words would send elsewhere.
int subcommand_diff(const struct options *o);
// Prints what the user may do of what gatetop needs.
int subcommand_auth(const struct options *o);
// Prints the completion script for the shell of o->words.
int subcommand_completion(const struct options *o);

#endif
