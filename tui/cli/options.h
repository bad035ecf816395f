// SPDX-License-Identifier: Apache-2.0
// What the command line says, as option_parser.h reads it.
#ifndef GATETOP_TUI_CLI_OPTIONS_H
#define GATETOP_TUI_CLI_OPTIONS_H

#include "kube/api/config.h"

#include "kube/mesh/check/certificate_expiring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct subcommand;
struct option_row;

// Grows with ARRAY_PUSH; the strings are not the list's.
struct string_list {
    const char **at;
    size_t n, cap;
};

// An option of the command line as it was given; arg is NULL if there is none.
struct given_option {
    const struct option_row *row;
    const char *arg;
};
struct given_list {
    struct given_option *at;
    size_t n, cap;
};

enum output_format {
    OUTPUT_TABLE,
    OUTPUT_WIDE,
    OUTPUT_JSON,
    OUTPUT_CSV,
    OUTPUT_NAME,
    OUTPUT_TEXT,
    OUTPUT_COUNT
};

// Strings are borrowed from argv unless a comment says otherwise; NULL if an option was not
// given.
struct options {
    const struct subcommand *subcommands; // the table it was parsed with
    const struct subcommand *subcommand;  // its row that was chosen
    struct string_list words;             // after the subcommand
    struct given_list given;              // in their order
    // General
    struct string_list files, overlays;
    const char *cluster_domain; // set while it is read (name_set_cluster_domain())
    const char *ns;             // NULL: all
    bool all_namespaces;
    bool complete; // --complete: the files are the whole cluster
    enum output_format output;
    const char *view; // get and the dashboard
    bool watch, once, no_color, ascii, help, version;
    const char *theme;
    int64_t as_of; // TIME_NONE: the clock
    const char *log;
    unsigned debug_areas; // bits of enum log_area
    int sync_fd;          // tests: a byte for each frame; -1: none
    // Trace
    const char *method, *sni, *source_ip, *gateway, *batch;
    struct string_list headers;
    // Check and auth
    enum severity fail_on; // the least severe finding that ends `check` with STATUS_BAD
    struct certificate_within expiring; // all 0: not asked for
    struct string_list ignore;
    bool print_role;
    // DNS
    struct string_list dns_args; // external-dns's own arguments, "--name=value"; heap
    const char *resolver;
    bool probe, no_probe, probe_tls, authoritative;
    // Connection
    struct api_flags api;
    struct string_list as_groups, as_user_extra; // api points into them
};

#endif
