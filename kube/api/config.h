// SPDX-License-Identifier: Apache-2.0
// Where the cluster is and who asks: kubectl's loading rules
// (docs/rules/kubernetes-client.md#kubeconfig-choice, docs/rules/kubernetes-client.md#kubeconfig-problems).
//
// Everything here runs on the caller's thread and may block on files. Nothing here starts a program or
// opens a connection.
#ifndef GATETOP_API_CONFIG_H
#define GATETOP_API_CONFIG_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The environment, as a callback so that tests need no setenv. get gives NULL for an unset variable.
struct api_env {
    const char *(*get)(void *self, const char *name);
    void *self;
    const char *in_cluster_dir; // NULL: /var/run/secrets/kubernetes.io/serviceaccount
};
extern const struct api_env API_ENV; // the process's own

// The text of kubectl's flags (docs/rules/kubernetes-client.md#kubeconfig-flags), NULL where not given.
// Booleans: "true" or "false" ("" is true). Borrowed by the calls below.
struct api_flags {
    const char *kubeconfig, *context, *cluster, *user, *ns, *server;
    const char *certificate_authority, *insecure_skip_tls_verify, *tls_server_name, *proxy_url;
    const char *disable_compression, *request_timeout;
    const char *token, *username, *password, *client_certificate, *client_key;
    const char *as, *as_uid;
    const char *const *as_group; // repeated
    size_t as_group_count;
    const char *const *as_user_extra; // repeated, "key=value"
    size_t as_user_extra_count;
};

// A PEM text that was given inline, or the absolute path of a file that is read again when it changes.
// Neither set: none. Inline data wins where both are.
struct pem_source {
    char *data; // NUL-terminated, NULL where a file
    size_t len;
    char *file;
};

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
    char *cluster_config; // JSON text of the cluster extension for plugins, NULL where none
};

// All text is NULL where nothing was given, unless it says otherwise. Immutable once loaded, so any thread may
// read it.
struct api_config {
    struct arena arena;             // secret; all text is in it
    char *context, *cluster, *user; // names; "" where none
    char *ns;                       // never NULL: flag, context, pod or "default"
    bool ns_from_flag;
    bool in_cluster;
    char *source; // the files it came from, for messages; "in-cluster" without one

    // the server
    char *server; // "https://host[:port][/prefix]": brackets for IPv6, no '/' at the end, no query
    // No credential is sent then, only impersonation: docs/rules/kubernetes-client.md#plain-http.
    bool plain_http;
    char *host;            // without brackets
    int port;              // 443 or 80 where not given
    char *path;            // "" or "/prefix"
    char *tls_server_name; // NULL: host
    struct pem_source ca;  // none: the system's roots
    bool insecure;         // no verification; never together with ca
    char *
        proxy_url; // NULL: none. http://, https:// or socks5:// (which resolves at the proxy: libcurl's
                   // socks5h). May hold a password: never log it. The environment is accounted for.
    bool proxy_from_env;
    bool disable_compression;
    int64_t request_timeout_ms; // of unary requests; 0: none

    // the user; at most one of token or token_file, username, exec
    struct pem_source client_cert, client_key;
    char *token;
    char *token_file;
    char *username, *password;
    struct exec_config *exec;

    // impersonation
    char *as_user, *as_uid;
    char **as_groups;
    size_t as_group_count;
    struct name_value *as_extra; // a name may come more than once
    size_t as_extra_count;

    char **warnings; // clean sentences for the person, without a secret
    size_t warning_count;
};

// Loads what the flags and the environment name. NULL with *err (ERR_CONFIG; ERR_USAGE for a flag's
// value): err->msg is the first problem, and `problems` (may be NULL) gets all of them, a line each, as
// "FILE:LINE: WHAT; WHAT TO DO", clean and without a secret.
struct api_config *api_config_load(const struct api_flags *flags, const struct api_env *env,
                                   struct buf *problems, struct err *err) MUST_USE;
void api_config_free(struct api_config *c);

// The contexts of the files that the flags name, in the order of the files, for `:ctx`.
struct api_context {
    char *name, *cluster, *user,
        *ns;      // never NULL; ns "" where not given. Not cleaned: text_clean before a cell
    bool current; // the one that is used without --context
};
struct api_contexts {
    struct api_context *items;
    size_t count;
};
bool api_contexts_load(const struct api_flags *flags, const struct api_env *env,
                       struct api_contexts *out, struct buf *problems, struct err *err) MUST_USE;
void api_contexts_release(struct api_contexts *c);

#endif
