// SPDX-License-Identifier: Apache-2.0
// The command line: one table of commands, one of options. Help, man page and completions are made from
// these or checked against them.
#ifndef GATETOP_TUI_CLI_OPTIONS_H
#define GATETOP_TUI_CLI_OPTIONS_H

#include "kube/base/err.h"

#include "kube/api/config.h"

enum subcommand_id {
    SUBCOMMAND_DASHBOARD, // no command word
    SUBCOMMAND_GET,
    SUBCOMMAND_TRACE,
    SUBCOMMAND_CHECK,
    SUBCOMMAND_DIFF,
    SUBCOMMAND_AUTH,
    SUBCOMMAND_COMPLETION,
    SUBCOMMAND_COUNT
};

struct subcommand_info {
    const char *name;     // "get"; "" for the dashboard
    const char *synopsis; // "VIEW"
    const char *help;     // one sentence
};
extern const struct subcommand_info subcommands[SUBCOMMAND_COUNT];

#define FOR(c) (1U << (c))
#define FOR_ALL ((1U << SUBCOMMAND_COUNT) - 1U)

struct option_info {
    const char *name;     // long name without dashes
    char letter;          // 0 none
    const char *arg;      // name of the argument in upper case, NULL for a switch
    unsigned subcommands; // which subcommands take it
    const char *section;  // heading of help and man page
    const char *help;     // one sentence, lower case, no full stop
};
extern const struct option_info options[];
extern const int option_count;

struct string_list {
    const char **at;
    size_t n;
};

enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_CSV, OUTPUT_NAME, OUTPUT_TEXT };

struct options {
    enum subcommand_id subcommand;
    struct string_list args; // words after the command
    struct api_flags api;
    struct string_list as_groups, as_user_extra;
    const char *ns; // NULL all
    bool all_namespaces;
    struct string_list files, overlays;
    enum output output;
    bool output_set, watch, once, write, no_color, ascii, help, version;
    const char *theme, *log, *view;
    // trace
    const char *method, *sni, *gateway, *batch;
    struct string_list headers;
    bool explain;
    // check
    const char *fail_on, *expiring;
    struct string_list ignore;
    bool print_role; // auth
    // DNS
    struct string_list dns_args; // external-dns arguments, "--name=value"
    const char *resolver;
    bool probe, no_probe, probe_tls, authoritative;
    int sync_fd; // tests: a byte for each frame; -1 none
};

// Fills *o from the command line. Strings are borrowed from argv; lists are freed by options_release.
// ERR_USAGE with one sentence; environment (KUBECONFIG and so on) is not looked at here.
bool options_parse(int argc, char **argv, struct options *o, struct err *err) MUST_USE;
void options_release(struct options *o);
// The text of --help: of one command, or of all for the dashboard.
void options_help(enum subcommand_id c, struct buf *out);

#endif
