// SPDX-License-Identifier: Apache-2.0
// Snapshots of manifests: -f and --overlay.
#ifndef GATETOP_TUI_CLI_MANIFEST_SNAPSHOT_H
#define GATETOP_TUI_CLI_MANIFEST_SNAPSHOT_H

#include "kube/store/snapshot.h"

#include "tui/cli/options.h"

#include <stdbool.h>

struct dns_settings;

// The chains of applications that go with the objects (app_rows.h).
struct manifest_chains {
    bool wanted;
    const struct dns_settings *dns; // NULL: those that the objects show (dns_settings_for)
};

// The objects in files, folders and - (standard input); the caller owns the reference. default_ns is the namespace of
// those that name none. complete: they are declared to be all that the cluster has
// (docs/rules/istio.md#files-are-an-excerpt). Each problem of a file goes to standard error as
// "gatetop: FILE:LINE:COLUMN: sentence" and sets *bad; what can be read is in the snapshot.
const struct snapshot *manifest_snapshot(const struct string_list *files, const char *default_ns,
                                         bool complete, const struct manifest_chains *chains,
                                         bool *bad);

// The objects of `base` (whose reference stays the caller's) with manifests laid over them: one of
// the same kind, namespace and name replaces the object. Otherwise as manifest_snapshot.
const struct snapshot *manifest_overlay(const struct snapshot *base,
                                        const struct string_list *files,
                                        const struct manifest_chains *chains, bool *bad);

#endif
