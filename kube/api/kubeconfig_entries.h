// SPDX-License-Identifier: Apache-2.0
// The entries of kubeconfig documents: clusters, users, contexts.
#ifndef GATETOP_API_KUBECONFIG_ENTRIES_H
#define GATETOP_API_KUBECONFIG_ENTRIES_H

#include "kube/base/arena.h"

#include "kube/api/config_problem.h"
#include "kube/api/exec_config.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct json;
struct yaml_doc;

struct kube_pem {
    const char *file; // absolute; NULL or "" if none
    const char *data; // decoded, NUL-terminated; NULL if none
    size_t len;
};

struct kube_cluster {
    const char *name;
    struct config_origin at;
    const char *server, *tls_server_name, *proxy_url;
    struct kube_pem ca;
    bool insecure, disable_compression;
    const struct json *exec_extension; // NULL if none
};

struct kube_user {
    const char *name;
    struct config_origin at;
    struct kube_pem cert, key;
    const char *token, *token_file, *username, *password;
    const char *as, *as_uid;
    const char **as_groups;
    size_t as_group_count;
    struct name_value *as_extra;
    size_t as_extra_count;
    bool has_exec;
    struct exec_config exec;              // strings in the arena, NULL if not given
    const char *auth_provider, *id_token; // auth-provider's name and its config's id-token
};

struct kube_context {
    const char *name;
    struct config_origin at;
    const char *cluster, *user, *ns; // "" if not given
};

// All memory is the arena's, which is secret, except for the trees of the documents.
struct kubeconfig {
    struct arena arena;
    struct kube_cluster *clusters;
    struct kube_user *users;
    struct kube_context *contexts;
    size_t cluster_count, cluster_cap, user_count, user_cap, context_count, context_cap;
    const char *current_context; // "" if none
    const char *files;           // those that were read, "a, b", for messages; "" if none
    struct yaml_doc *docs;
    size_t doc_count, doc_cap;
};

// Adds the entries of one document of `file` to k; of equal names the first stays. The document must live
// as long as k.
void kubeconfig_decode(struct kubeconfig *k, const char *file, const struct yaml_doc *doc,
                       struct buf *problems);

// The cluster of that name; NULL if there is none, or name is NULL. Borrows from k.
const struct kube_cluster *kubeconfig_cluster(const struct kubeconfig *k, const char *name);
// The user of that name, with the same rules. Its strings may be secrets.
const struct kube_user *kubeconfig_user(const struct kubeconfig *k, const char *name);
// The context of that name, with the same rules. Its cluster and user need not exist.
const struct kube_context *kubeconfig_context(const struct kubeconfig *k, const char *name);

#endif
