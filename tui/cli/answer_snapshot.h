// SPDX-License-Identifier: Apache-2.0
// The snapshot that a subcommand answers from: of manifests or a cluster, with overlays and probes as
// the options say.
#ifndef GATETOP_TUI_CLI_ANSWER_SNAPSHOT_H
#define GATETOP_TUI_CLI_ANSWER_SNAPSHOT_H

#include "tui/cli/options.h"

#include <stdbool.h>

struct dns_settings;
struct snapshot;

// What an answer is made from; nothing else is read or derived.
struct answer_wants {
    kind_set needs;                 // kinds without which there is no answer
    kind_set reads;                 // kinds that make it better
    bool chains;                    // the chains of applications (app_rows.h)
    const struct dns_settings *dns; // external-dns's, NULL: those that the objects show
};

// For a subcommand that answers once: the files of -f, else the cluster, with the overlays laid
// over and the answers of the probes that the options ask for. The caller owns the reference. NULL
// with *status (enum exit_status) where there is no answer; standard error then says why. Otherwise
// *status is STATUS_OK, STATUS_CONFIG if a file was bad, or that of cluster_wait.
const struct snapshot *answer_snapshot(const struct options *o, const struct answer_wants *wants,
                                       int *status);

#endif
