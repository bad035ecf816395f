// SPDX-License-Identifier: Apache-2.0
// What a kubeconfig says of an exec credential plugin.
#ifndef GATETOP_API_EXEC_CONFIG_H
#define GATETOP_API_EXEC_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct name_value {
    char *name, *value;
};

// An exec credential plugin (docs/rules/kubernetes-client.md#exec-plugin-fields).
struct exec_config {
    char *api_version; // client.authentication.k8s.io/v1 or /v1beta1
    char *command;     // absolute where it contained a '/', else a name for PATH
    char **args;       // without the command
    size_t arg_count;
    struct name_value *env;
    size_t env_count;
    char *interactive_mode; // Never, IfAvailable or Always
    char *install_hint;     // NULL or text, not yet cleaned for the terminal
    bool provide_cluster_info;
    char *cluster_config; // JSON text of the cluster extension for plugins, NULL if none
};

#endif
