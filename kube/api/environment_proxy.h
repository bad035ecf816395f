// SPDX-License-Identifier: Apache-2.0
// The proxy that the environment names, by the rules of Go's net/http, which are not libcurl's
// (docs/rules/kubernetes-client.md#proxy-environment).
#ifndef GATETOP_API_ENVIRONMENT_PROXY_H
#define GATETOP_API_ENVIRONMENT_PROXY_H

#include "kube/base/attr.h"

#include "kube/api/environment.h"

#include <stdbool.h>

struct arena;
struct err;
struct url;

// The proxy's URL for a request to `to` (its port filled in), in the arena; NULL for none. False with
// *err where the variable names no proxy that can be used.
bool proxy_from_env(struct arena *a, const struct environment *env, const struct url *to,
                    const char **proxy, struct err *err) MUST_USE;
// A proxy-url of a file or flag (docs/rules/kubernetes-client.md#proxy-url): scheme exactly http, https or socks5.
// False with a few words in *why.
bool proxy_url_valid(struct arena *a, const char *text, const char **why) MUST_USE;

#endif
