// SPDX-License-Identifier: Apache-2.0
// The protocol of a Gateway's server.
#ifndef GATETOP_OBJECT_SERVER_PROTOCOL_H
#define GATETOP_OBJECT_SERVER_PROTOCOL_H

#include <stdbool.h>

struct server;

// Whether the server speaks HTTP without TLS, by its protocol alone and in any case
// (docs/rules/istio.md#server-families).
bool server_is_http(const struct server *s);

#endif
