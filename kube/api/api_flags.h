// SPDX-License-Identifier: Apache-2.0
// kubectl's flags for a connection.
#ifndef GATETOP_API_API_FLAGS_H
#define GATETOP_API_API_FLAGS_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

// The text of kubectl's flags (docs/rules/kubernetes-client.md#kubeconfig-flags), NULL if not given.
// Booleans: "true" or "false" ("" is true). Borrowed by the calls that take them.
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
    bool server_clock; // gatetop's own: the server's clock is believed, however far it is from ours
};

// The argument of --request-timeout, whole seconds or a Go duration (docs/rules/kubernetes-client.md#request-timeout),
// as milliseconds; 0: none. False with *err (ERR_USAGE) for anything else.
bool request_timeout_parse(const char *text, int64_t *ms, struct err *err) MUST_USE;

#endif
