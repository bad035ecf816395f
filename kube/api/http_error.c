// SPDX-License-Identifier: Apache-2.0
// What failed on the way to the server, as a sentence (docs/rules/kubernetes-client.md#transport-messages).
#include "kube/api/http_error.h"

#include "kube/base/err.h"
#include "kube/base/str.h"

#include <errno.h>
#include <string.h>

static void not_connected(struct err *err, const struct http_failure *f,
                          const struct http_address *at)
{
    char text[ERRNO_TEXT_SIZE];
    if (at->proxy_peer != NULL) {
        err_set(err, ERR_NET, "proxy: '%s' refused the connection (is it, or ssh -D, running?)",
                at->proxy_peer);
    } else if (f->sys == ECONNREFUSED) {
        err_set(err, ERR_NET, "connect: '%s' refused the connection; is the API server running?",
                at->peer);
    } else {
        err_set(err, ERR_NET, "connect: no way to '%s': %s", at->peer,
                f->sys != 0 ? errno_text(f->sys, text) : f->why);
    }
}

static void not_verified(struct err *err, const struct http_failure *f,
                         const struct http_address *at, const char *cluster)
{
    if (strstr(f->why, "application verification failure") != NULL) {
        err_set(
            err, ERR_TLS,
            "TLS: the certificate of '%s' has no subject alternative name; a common name does not "
            "count, for kubectl neither",
            at->peer);
    } else if (strstr(f->why, "subject name") != NULL || strstr(f->why, "does not match") != NULL) {
        err_set(err, ERR_TLS,
                "TLS: the certificate of '%s' is for another name (%s); set tls-server-name",
                at->peer, f->why);
    } else {
        err_set(err, ERR_TLS,
                "TLS: the certificate of '%s' does not verify (%s); check certificate-authority "
                "of cluster '%s'",
                at->peer, f->why, cluster);
    }
}

// By the words of libcurl and OpenSSL, which have one code for all of these.
static void handshake_failed(struct err *err, const struct http_failure *f,
                             const struct http_address *at, const char *cluster)
{
    if (strstr(f->why, "asn1 encoding") != NULL || strstr(f->why, "rsa routines") != NULL) {
        err_set(err, ERR_TLS,
                "TLS: the certificate of '%s' was signed by another authority of the same name; "
                "check certificate-authority of cluster '%s'",
                at->peer, cluster);
    } else if (strstr(f->why, "in connection to") != NULL ||
               strstr(f->why, "unexpected eof") != NULL || strstr(f->why, " failure: ") != NULL) {
        // A FIN or RST, as a load balancer sends if its server is gone.
        err_set(err, ERR_LOST, "TLS: '%s' ended the connection within the handshake", at->peer);
    } else {
        err_set(err, ERR_TLS, "TLS: no secure connection to '%s': %s", at->peer, f->why);
    }
}

// A problem of the proxy itself; returns false for any other.
static bool proxy_error(struct err *err, const struct http_failure *f,
                        const struct http_address *at, const char *cluster)
{
    if (at->proxy_peer == NULL) {
        return false;
    }
    if (f->proxy_status >= 300) {
        err_set(err, ERR_NET, "proxy: '%s' answered %d and does not connect to '%s'%s",
                at->proxy_peer, f->proxy_status, at->peer,
                f->proxy_status == 407 ? "; give user and password in proxy-url" : "");
        return true;
    }
    if (f->proxy_not_verified) {
        err_set(err, ERR_TLS,
                "proxy: TLS: the certificate of '%s' does not verify (%s); it is checked with "
                "certificate-authority of cluster '%s'",
                at->proxy_peer, f->why, cluster);
        return true;
    }
    return false;
}

void http_error_set(struct err *err, const struct http_failure *f, const struct http_address *at,
                    const char *cluster)
{
    cluster = str_or_empty(cluster);
    if (proxy_error(err, f, at, cluster)) {
        return;
    }
    switch (f->kind) {
    case HTTP_PROXY_NOT_RESOLVED:
        err_set(err, ERR_NET, "proxy: the name of '%s' cannot be resolved", at->proxy_peer);
        break;
    case HTTP_SERVER_NOT_RESOLVED:
        err_set(err, ERR_NET,
                "DNS: the name of '%s' cannot be resolved; check the network or the VPN", at->peer);
        break;
    case HTTP_PROXY_FAILED:
        err_set(err, ERR_NET, "proxy: '%s' does not connect to '%s': %s", at->proxy_peer, at->peer,
                f->why);
        break;
    case HTTP_NOT_CONNECTED:
        not_connected(err, f, at);
        break;
    case HTTP_TIMED_OUT:
        err_set(err, ERR_TIMEOUT,
                f->answered    ? "HTTP: the answer of '%s' did not end in time"
                : f->connected ? "HTTP: no answer from '%s' in time"
                               : "connect: no answer from '%s' in time",
                at->peer);
        break;
    case HTTP_NOT_VERIFIED:
        not_verified(err, f, at, cluster);
        break;
    case HTTP_HANDSHAKE_FAILED:
        handshake_failed(err, f, at, cluster);
        break;
    case HTTP_NOT_CONFIGURED:
        err_set(err, ERR_TLS, "TLS: no secure connection to '%s': %s", at->peer, f->why);
        break;
    case HTTP_HEADER_TOO_LARGE:
        err_set(err, ERR_LIMIT, "the server's header is larger than %zu bytes", HTTP_HEAD_MAX);
        break;
    case HTTP_HTTP2_ERROR:
        err_set(err, ERR_LOST, "HTTP: the connection to '%s' ended: %s", at->peer,
                f->answered ? f->why : "it takes no more requests (GOAWAY)");
        break;
    case HTTP_CONNECTION_ENDED:
        err_set(err, ERR_LOST, "HTTP: the connection to '%s' ended: %s", at->peer, f->why);
        break;
    }
}
