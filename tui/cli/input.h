// SPDX-License-Identifier: Apache-2.0
// Where a subcommand's objects come from: manifests or a cluster, with overlays and probes as the
// options say.
#ifndef GATETOP_TUI_CLI_INPUT_H
#define GATETOP_TUI_CLI_INPUT_H

#include "kube/base/attr.h"

#include "tui/cli/options.h"
#include "tui/source/cluster_link.h"

#include <stdbool.h>

// What an answer is made from; nothing else is read or derived.
struct input_wants {
    kind_set needs;                 // kinds without which there is no answer
    kind_set reads;                 // kinds that make it better
    bool chains;                    // the chains of applications (app_rows.h)
    const struct dns_settings *dns; // external-dns's, NULL: those that the objects show
};

// For a subcommand that answers once: the files of -f, else the cluster, with the overlays laid
// over and the answers of the probes that the options ask for. The caller owns the reference. NULL
// with *status (enum exit_status) where there is no answer; standard error then says why. Otherwise
// *status is STATUS_OK, STATUS_CONFIG if a file was bad, or that of input_wait.
const struct snapshot *input_snapshot(const struct options *o, const struct input_wants *wants,
                                      int *status);

// Opens the link of a subcommand that follows the cluster. False with *status; standard error then
// says why, and *l needs no release.
bool input_connect(struct cluster_link *l, const struct cluster_link_options *o,
                   int *status) MUST_USE;

// Waits until every kind of `needs` and `reads` is known (synced, forbidden or not installed) or has
// failed in a way that no other try mends, at most as long as --request-timeout or its default says
// (docs/rules/kubernetes-client.md#command-limits). Kinds of `reads` that were not read, and objects
// that were left out, are named on standard error, and *status is then STATUS_PARTIAL; after the
// limit the snapshot has what was read so far, and *status is STATUS_SERVER. NULL with *status where
// the server cannot be reached or a kind of `needs` could not be read; standard error says which.
// The caller owns the reference.
const struct snapshot *input_wait(struct cluster_link *l, const struct options *o, kind_set needs,
                                  kind_set reads, int *status);

#endif
