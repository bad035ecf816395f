// SPDX-License-Identifier: Apache-2.0
// The header lines that say who asks: "Authorization: Bearer …", "Impersonate-User: …"
// (docs/rules/kubernetes-client.md#impersonation). One thread.
#ifndef GATETOP_API_AUTH_HEADERS_H
#define GATETOP_API_AUTH_HEADERS_H

#include "kube/base/arena.h"

#include "kube/api/config.h"

#include <stddef.h>

// Lines without line ends; they hold secrets.
struct auth_headers {
    const char **lines;
    size_t count, cap;
    struct arena texts; // secret
};

// No line is there yet.
void auth_headers_init(struct auth_headers *h);
// Wipes and frees the lines.
void auth_headers_release(struct auth_headers *h);

// Builds the lines again: with the token, or with the user and password of the configuration where it is NULL. Over
// plain http only those of the impersonation
// (docs/rules/kubernetes-client.md#plain-http).
void auth_headers_build(struct auth_headers *h, const struct api_config *config, const char *token);

#endif
