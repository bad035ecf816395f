// SPDX-License-Identifier: Apache-2.0
// Between config.c (choosing the entries), config_check.c (rules between fields) and config_flags.c.
#ifndef GATETOP_API_CONFIG_INTERNAL_H
#define GATETOP_API_CONFIG_INTERNAL_H

#include "kube/api/kubeconfig.h"

// What was chosen, before it is checked and copied. Memory is the kubeconfig's arena.
struct choice {
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
void config_apply_flags(struct choice *c, const struct api_flags *flags);
// The rules between fields; reads the files that are named, so that a missing one is told at the start.
void config_check(struct choice *c, bool plain_http);
// Trims a token's end; adds a problem and gives NULL where it cannot stand in a header.
const char *config_token(struct choice *c, const char *token);

#endif
