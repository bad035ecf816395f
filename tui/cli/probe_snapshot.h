// SPDX-License-Identifier: Apache-2.0
// One round of probes of DNS and gateways: --probe and --probe-tls of get and check.
#ifndef GATETOP_TUI_CLI_PROBE_SNAPSHOT_H
#define GATETOP_TUI_CLI_PROBE_SNAPSHOT_H

#include "kube/base/attr.h"

#include "kube/store/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

struct dns_settings;

struct probe_settings {
    bool dns, tls;        // what is probed; DNS first, as it says where gateways are
    const char *resolver; // NULL: the system's
    bool authoritative;   // the zone's own servers
    int seconds;          // at most so long for each
    bool chains;          // the chains of applications are evaluated anew (app_rows.h)
};

// A snapshot of the same objects with the answers; the caller owns the reference, that of s stays. *left grows by the
// number of names and handshakes without an answer in time. NULL with *err where a prober cannot start.
const struct snapshot *probe_snapshot(const struct snapshot *s, const struct probe_settings *p,
                                      const struct dns_settings *dns, size_t *left,
                                      struct err *err) MUST_USE;

#endif
