// SPDX-License-Identifier: Apache-2.0
// All chains of a snapshot that is not kept up to date: of files, or of a cluster that is read once.
#ifndef GATETOP_MESH_CHAIN_APP_ROWS_BUILD_H
#define GATETOP_MESH_CHAIN_APP_ROWS_BUILD_H

#include "kube/store/snapshot.h"

#include "kube/mesh/dns/dns_settings.h"

#include <stdint.h>

// The rows of all chains of the objects in `view` at `now` (seconds): the same as those of app_updater_run(),
// without the notes of what each depends on. One reference, for store_publish; app_rows_unref drops it. dns: NULL for
// the current settings (dns_settings_for). *made: how many chains were evaluated; may be NULL.
const void *app_rows_build(const struct snapshot *view, const struct dns_settings *dns, int64_t now,
                           long *made);

#endif
