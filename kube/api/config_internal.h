// SPDX-License-Identifier: Apache-2.0
// Between config.c (choosing the entries), config_check.c (rules between fields) and config_flags.c.
#ifndef GATETOP_API_CONFIG_INTERNAL_H
#define GATETOP_API_CONFIG_INTERNAL_H

#include "kube/api/api_flags.h"
#include "kube/api/kubeconfig_entries.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;

// The cluster and user that were chosen, before they are checked and copied. Memory is the kubeconfig's arena.
struct config_choice {
    struct arena *arena;
    struct kube_cluster cluster;
    struct kube_user user;
    const char *context, *cluster_name, *user_name, *ns;
    bool ns_from_flag, in_cluster;
    int64_t timeout_ms;
    struct buf *problems; // a line each
    struct buf *warnings;
    bool usage; // a problem of a flag's value
};

// Lays kubectl's flags over the chosen entries (docs/rules/kubernetes-client.md#kubeconfig-flags).
void config_apply_flags(struct config_choice *c, const struct api_flags *flags);
// The rules between fields; reads the files that are named, so that a missing one is reported at the start.
void config_check(struct config_choice *c, bool plain_http);

#endif
