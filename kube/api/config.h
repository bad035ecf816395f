// SPDX-License-Identifier: Apache-2.0
// Where the cluster is and who asks: kubectl's loading rules
// (docs/rules/kubernetes-client.md#kubeconfig-choice, docs/rules/kubernetes-client.md#kubeconfig-problems).
//
// Everything here runs on the caller's thread and may block on files. Nothing here starts a program or
// opens a connection.
#ifndef GATETOP_API_CONFIG_H
#define GATETOP_API_CONFIG_H

#include "kube/base/arena.h"
#include "kube/base/attr.h"

#include "kube/api/api_flags.h"
#include "kube/api/environment.h"
#include "kube/api/exec_config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

// A PEM text that was given inline, or the absolute path of a file that is read again when it changes.
// Neither set: none. Inline data wins where both are.
struct pem_source {
    char *data; // NUL-terminated, NULL if a file
    size_t len;
    char *file;
};

// All text is NULL if nothing was given, unless its comment says otherwise. Immutable once loaded, so any thread
// may read it.
struct api_config {
    struct arena arena;             // secret; all text is in it
    char *context, *cluster, *user; // names; "" if none
    char *ns;                       // never NULL: flag, context, pod or "default"
    bool ns_from_flag;
    bool in_cluster;
    char *source; // the files it came from, for messages; "in-cluster" without one

    // the server
    char *server; // "https://host[:port][/prefix]": brackets for IPv6, no '/' at the end, no query
    // No credential is sent then, only impersonation: docs/rules/kubernetes-client.md#plain-http.
    bool plain_http;
    // The credentials that plain_http keeps back: "token, client certificate"; "" if none.
    char *unsent;
    bool server_clock;     // as in struct api_flags
    char *host;            // without brackets
    int port;              // 443 or 80 where not given
    char *path;            // "" or "/prefix"
    char *tls_server_name; // NULL: host
    struct pem_source ca;  // none: the system's roots
    bool insecure;         // no verification; never together with ca
    // NULL: none. http://, https:// or socks5:// (which resolves at the proxy: libcurl's socks5h). May hold a password:
    // never log it. The environment is accounted for.
    char *proxy_url;
    bool proxy_from_env;
    bool disable_compression;
    int64_t request_timeout_ms; // of requests that are no watch; 0: none

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

// Loads what the flags and the environment name. flags and env are borrowed for the call. NULL with *err (ERR_CONFIG;
// ERR_USAGE for a flag's value): err->msg is the first problem, and `problems` (may be NULL) gets all of them, a line
// each, as "FILE:LINE: WHAT; WHAT TO DO", clean and without a secret.
struct api_config *api_config_load(const struct api_flags *flags, const struct environment *env,
                                   struct buf *problems, struct err *err) MUST_USE;
// Wipes tokens, passwords and keys. NULL is fine.
void api_config_free(struct api_config *c);

#endif
