// SPDX-License-Identifier: Apache-2.0
// What failed on the way to the server, as a sentence: at which stage, with whom, what to do. Pure.
#ifndef GATETOP_API_HTTP_ERROR_H
#define GATETOP_API_HTTP_ERROR_H

#include "kube/api/http_address.h"

#include <stdbool.h>
#include <stddef.h>

struct err;

#define HTTP_HEAD_MAX ((size_t)64 << 10) // bytes of all header lines of an answer

enum http_failure_kind {
    HTTP_PROXY_NOT_RESOLVED,
    HTTP_SERVER_NOT_RESOLVED,
    HTTP_PROXY_FAILED,     // it was reached and did not connect (SOCKS)
    HTTP_NOT_CONNECTED,    // refused, unreachable: the proxy where there is one, else the server
    HTTP_TIMED_OUT,        // of connecting, or of the answer
    HTTP_NOT_VERIFIED,     // the server's certificate
    HTTP_HANDSHAKE_FAILED, // TLS, for another reason than the server's certificate
    HTTP_NOT_CONFIGURED,   // TLS: our own certificate, key or authorities cannot be used
    HTTP_HTTP2_ERROR,      // before the answer: GOAWAY, the request was not looked at
    HTTP_HEADER_TOO_LARGE,
    HTTP_CONNECTION_ENDED, // and anything else
};

// What is known of a failed request.
struct http_failure {
    enum http_failure_kind kind;
    char why[256];           // the library's own words, clean
    int sys;                 // errno, 0 if none
    int proxy_status;        // that the proxy answered to CONNECT, 0 if none
    bool proxy_not_verified; // the certificate of the proxy
    bool connected;          // the request could be sent
    bool answered;           // the answer's header came
};

// Fills *err. cluster (NULL: no name) is the entry of the kubeconfig that holds the certificate authority.
void http_error_set(struct err *err, const struct http_failure *f, const struct http_address *at,
                    const char *cluster);

#endif
