// SPDX-License-Identifier: Apache-2.0
// The header lines that say who asks: "Authorization: Bearer …", "Impersonate-User: …"
// (docs/rules/kubernetes-client.md#impersonation).
//
// A credential and all requests that are sent with it share one list, so that a token is in memory once, however many
// watches run. All who share a list belong to one thread.
#ifndef GATETOP_API_AUTH_HEADERS_H
#define GATETOP_API_AUTH_HEADERS_H

#include "kube/base/arena.h"

#include "kube/api/config.h"

#include <stddef.h>

// Immutable. Lines without line ends, in secret memory.
struct auth_headers {
    const char **lines;
    size_t count;
    // for auth_headers.c
    size_t cap, refs;
    struct arena texts;
};

// The lines with the token, or with the user and password of the configuration where it is NULL. Over plain http only
// the impersonation headers (docs/rules/kubernetes-client.md#plain-http). The caller has the first reference.
struct auth_headers *auth_headers_new(const struct api_config *config, const char *token);
// Another reference to the same list.
struct auth_headers *auth_headers_ref(struct auth_headers *h);
// The last one wipes and frees the lines. NULL is fine.
void auth_headers_unref(struct auth_headers *h);

#endif
