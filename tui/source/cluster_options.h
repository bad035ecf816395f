// SPDX-License-Identifier: Apache-2.0
// What is asked of a cluster: which one it is, what is read of it, and what is asked of DNS and gateways.
#ifndef GATETOP_TUI_SOURCE_CLUSTER_OPTIONS_H
#define GATETOP_TUI_SOURCE_CLUSTER_OPTIONS_H

#include "kube/object/kind.h"

#include <stdbool.h>

struct api_flags;
struct dns_settings;

struct cluster_options {
    const struct api_flags *api; // which cluster, and as whom
    kind_set kinds;              // read
    kind_set first;              // of them, listed before the others
    bool chains;                 // the chains of applications are derived (app_rows.h)
    bool watch;                  // if false, kinds are listed once and chains are derived once
    const struct dns_settings *dns;
    // A credential plugin that prompts on the terminal runs before anything else; lend is called
    // before it with true and after it with false. NULL: the terminal is not in use.
    void (*lend)(bool begin);
    bool screen;          // the dashboard's: a plugin that needs no terminal runs in the background
    bool probe_dns;       // query DNS for what the objects name
    bool authoritative;   // the zone's own servers
    const char *resolver; // NULL for the system's
    bool probe_tls;       // make a handshake for every host that a gateway serves
};

#endif
