// SPDX-License-Identifier: Apache-2.0
// What --debug mesh says of a snapshot that is read once: each chain with the verdict of each link, the object that it
// is about, and why.
#ifndef GATETOP_TUI_SOURCE_CHAIN_LOG_H
#define GATETOP_TUI_SOURCE_CHAIN_LOG_H

#include "kube/store/snapshot.h"

#include "kube/mesh/dns/dns_settings.h"

#include <stdint.h>

// Logs the chains of the snapshot by host and Gateway, up to a bound, if the area is on: they are evaluated anew for
// their sentences. dns as for app_rows_build.
void chain_log(const struct snapshot *s, const struct dns_settings *dns, int64_t now);

#endif
