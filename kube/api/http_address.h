// SPDX-License-Identifier: Apache-2.0
// What a configuration makes of the server's address: where to connect, which name TLS checks, and what the Host header
// says.
#ifndef GATETOP_API_HTTP_ADDRESS_H
#define GATETOP_API_HTTP_ADDRESS_H

#include "kube/api/config.h"

// All texts are heap.
struct http_address {
    char *base; // "https://host:port/prefix"; its host is what TLS verifies
    // Where a tls-server-name is given (docs/rules/kubernetes-client.md#tls-server-name), else NULL: the
    // address to connect to, "::host:port" as CURLOPT_CONNECT_TO has it, and the Host header.
    char *connect_to, *host_header;
    char *peer,
        *proxy_peer; // "host:port" for messages, without a password; proxy_peer NULL if none is used
    char *agent;     // the User-Agent (docs/rules/kubernetes-client.md#user-agent)
};

// Reads the configuration; nothing is kept of it.
void http_address_init(struct http_address *a, const struct api_config *config);
// Frees the texts.
void http_address_release(struct http_address *a);

#endif
