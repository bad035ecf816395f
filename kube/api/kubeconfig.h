// SPDX-License-Identifier: Apache-2.0
// The entries of the kubeconfig files, read and merged as kubectl does
// (docs/rules/kubernetes-client.md#kubeconfig-files, docs/rules/kubernetes-client.md#kubeconfig-merge).
// config.c chooses among them.
#ifndef GATETOP_API_KUBECONFIG_H
#define GATETOP_API_KUBECONFIG_H

#include "kube/base/yaml.h"

#include "kube/api/config.h"

// Where an entry stands, for messages.
struct kube_origin {
    const char *file;
    int line;
};

struct kube_pem {
    const char *file; // absolute; NULL or "" where none
    const char *data; // decoded, NUL-terminated; NULL where none
    size_t len;
};

struct kube_cluster {
    const char *name;
    struct kube_origin at;
    const char *server, *tls_server_name, *proxy_url;
    struct kube_pem ca;
    bool insecure, disable_compression;
    const struct json *exec_extension; // NULL where none
};

struct kube_user {
    const char *name;
    struct kube_origin at;
    struct kube_pem cert, key;
    const char *token, *token_file, *username, *password;
    const char *as, *as_uid;
    const char **as_groups;
    size_t as_group_count;
    struct name_value *as_extra;
    size_t as_extra_count;
    bool has_exec;
    struct exec_config exec;              // strings in the arena, NULL where not given
    const char *auth_provider, *id_token; // auth-provider's name and its config's id-token
};

struct kube_context {
    const char *name;
    struct kube_origin at;
    const char *cluster, *user, *ns; // "" where not given
};

// All memory is the arena's, which is secret, but for the trees of the documents.
struct kubeconfig {
    struct arena arena;
    struct kube_cluster *clusters;
    struct kube_user *users;
    struct kube_context *contexts;
    size_t cluster_count, user_count, context_count;
    const char *current_context; // "" where none
    const char *files;           // those that were read, "a, b", for messages; "" where none
    struct yaml_doc *docs;
    size_t doc_count, doc_cap;
};

// Adds a line "FILE:LINE: text" to the problems, cleaned. file may be NULL, line 0.
void kube_problem(struct buf *problems, struct kube_origin at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

// Reads what --kubeconfig (`explicit`, NULL or "" for not given), KUBECONFIG or HOME names. Problems are
// added to `problems`, hints to `warnings`, a line each; the result is only to be used where none was added.
void kubeconfig_load(struct kubeconfig *k, const char *explicit_file, const struct api_env *env,
                     struct buf *problems, struct buf *warnings);
void kubeconfig_release(struct kubeconfig *k);

const struct kube_cluster *kubeconfig_cluster(const struct kubeconfig *k, const char *name);
const struct kube_user *kubeconfig_user(const struct kubeconfig *k, const char *name);
const struct kube_context *kubeconfig_context(const struct kubeconfig *k, const char *name);

// path made absolute against the folder `base` (NULL: the working folder), "." and ".." resolved.
const char *kube_path(struct arena *a, const char *base, const char *path);
// The whole file into out (whose cap bounds it). False with a few words in why.
bool kube_read_file(const char *path, struct buf *out, char why[ERRNO_TEXT_SIZE]) MUST_USE;

// Parses one text as a kubeconfig that stands in `file`, into k (zeroes, and arena_init_secret).
void kubeconfig_parse(struct kubeconfig *k, const char *file, const char *text, size_t n,
                      struct buf *problems);

#endif
