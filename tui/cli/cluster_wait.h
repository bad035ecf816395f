// SPDX-License-Identifier: Apache-2.0
// Connects a subcommand to its cluster, and waits until what it needs is known.
#ifndef GATETOP_TUI_CLI_CLUSTER_WAIT_H
#define GATETOP_TUI_CLI_CLUSTER_WAIT_H

#include "kube/base/attr.h"

#include "tui/cli/options.h"
#include "tui/source/cluster.h"

#include <stdbool.h>

// Makes the struct of a subcommand and connects it. False with *status; standard error then says why,
// and *c needs no release.
bool cluster_open(struct cluster *c, const struct cluster_options *o, int *status) MUST_USE;

// Waits until every kind of `needs` and `reads` is known (synced, forbidden or not installed) or has
// failed in a way that no other try mends, at most as long as --request-timeout or its default says
// (docs/rules/kubernetes-client.md#subcommand-limits). Kinds of `reads` that were not read, and objects
// that were left out, are named on standard error, and *status is then STATUS_PARTIAL; after the
// limit the snapshot has what was read so far, and *status is STATUS_SERVER. NULL with *status where
// the server cannot be reached or a kind of `needs` could not be read; standard error says which.
// The caller owns the reference.
const struct snapshot *cluster_wait(struct cluster *c, const struct options *o, kind_set needs,
                                    kind_set reads, int *status);

#endif
