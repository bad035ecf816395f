// SPDX-License-Identifier: Apache-2.0
// The TLS prober: one handshake at a time, never verified, never blocking beyond its deadline.
#include "kube/probe/tls_prober.h"

#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/domain_name.h"
#include "kube/base/err.h"
#include "kube/base/ip_network.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include "kube/probe/probe_name.h"
#include "kube/probe/probe_worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    NAMES_MAX = 262144, // remembered
    TIMEOUT_MS = 5000,
    AGAIN_S = 300,
};

struct tls_prober {
    struct tls_prober_options o; // without zeros
    struct probe_worker worker;
    SSL_CTX *ctx; // the prober's thread
};

// Waits for the socket: false at the deadline, or when the prober is to stop.
static bool wait_for(struct tls_prober *p, int fd, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - clock_mono_ms();
        if (left <= 0 || probe_worker_stopping(&p->worker)) {
            return false;
        }
        struct pollfd fds[2] = {{.fd = fd, .events = events},
                                {.fd = p->worker.wake[0], .events = POLLIN}};
        int n = poll(fds, 2, (int)left);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0 && fds[1].revents != 0) {
            probe_worker_drain(&p->worker);
        }
        if (n > 0 && fds[0].revents != 0) {
            return true;
        }
    }
}

static bool socket_address(const char *text, int port, struct sockaddr_storage *out, socklen_t *n)
{
    struct ip_network ip = ip_network_of_address(text);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    memset(out, 0, sizeof *out);
    if (ip.n == 4) {
        memcpy(&v4.sin_addr, ip.bytes, 4);
        memcpy(out, &v4, sizeof v4);
        *n = sizeof v4;
    } else {
        memcpy(&v6.sin6_addr, ip.bytes, 16);
        memcpy(out, &v6, sizeof v6);
        *n = sizeof v6;
    }
    return ip.n != 0;
}

static void failed(struct probe_result *r, enum tls_outcome outcome, const char *why)
{
    r->outcome = outcome;
    r->error = arena_strdup(&r->arena, why);
}

static int connect_to(struct tls_prober *p, struct probe_result *r, int port, int64_t deadline)
{
    struct sockaddr_storage to;
    socklen_t n;
    if (r->address == NULL || !socket_address(r->address, port, &to, &n)) {
        failed(r, TLS_NO_ADDRESS, "no address to connect to");
        return -1;
    }
    char why[ERRNO_TEXT_SIZE];
    int fd = socket(to.ss_family, SOCK_STREAM, 0);
    if (fd < 0) {
        failed(r, TLS_UNREACHABLE, errno_text(errno, why));
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    int error = connect(fd, (const struct sockaddr *)&to, n) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        socklen_t size = sizeof error;
        if (!wait_for(p, fd, POLLOUT, deadline)) {
            error = ETIMEDOUT;
        } else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
    }
    if (error != 0) {
        failed(r, error == ECONNREFUSED ? TLS_REFUSED : TLS_UNREACHABLE,
               error == ETIMEDOUT ? "no connection in time" : errno_text(error, why));
        close(fd);
        return -1;
    }
    return fd;
}

// The chain as served, leaf first.
static void keep_chain(struct probe_result *r, SSL *ssl)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    BIO *out = BIO_new(BIO_s_mem());
    for (int i = 0; out != NULL && chain != NULL && i < sk_X509_num(chain); i++) {
        PEM_write_bio_X509(out, sk_X509_value(chain, i));
    }
    char *text;
    long n = out != NULL ? BIO_get_mem_data(out, &text) : 0;
    struct x509_chain read;
    if (n > 0 && x509_read_pem(&r->arena, text, (size_t)n, &read, NULL)) {
        r->certs = read.cert;
        r->ncerts = read.n;
        r->chain_ordered = read.ordered;
        r->outcome = TLS_CERTIFICATE;
    }
    BIO_free(out);
}

static void handshake(struct tls_prober *p, struct probe_result *r, char *sni, int fd,
                      int64_t deadline)
{
    SSL *ssl = SSL_new(p->ctx);
    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
        failed(r, TLS_UNREACHABLE, "no TLS to be had");
        SSL_free(ssl);
        return;
    }
    if (!name_is_ip(sni)) {
        SSL_set_tlsext_host_name(ssl, sni);
    }
    bool in_time = true;
    int rc = 0, why = SSL_ERROR_NONE;
    while (in_time) {
        ERR_clear_error();
        rc = SSL_connect(ssl);
        why = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, rc);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
            break;
        }
        in_time = wait_for(p, fd, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline);
    }
    // A gateway that wants a client certificate ends the handshake, but has shown its own by then.
    keep_chain(r, ssl);
    if (r->outcome != TLS_CERTIFICATE) {
        char text[256] = "the connection was closed during the handshake";
        unsigned long e = ERR_peek_error();
        if (why == SSL_ERROR_SSL && e != 0 && ERR_reason_error_string(e) != NULL) {
            snprintf(text, sizeof text, "%s", ERR_reason_error_string(e));
        }
        failed(r, in_time ? TLS_CLOSED : TLS_UNREACHABLE, in_time ? text : "no handshake in time");
    }
    ERR_clear_error();
    SSL_free(ssl);
}

// Makes the handshake that the name (probe_tls_name) describes.
static struct probe_result *probe_address(struct tls_prober *p, const char *name)
{
    struct probe_result *r = probe_result_new(PROBE_TLS, name);
    int port;
    int64_t begin = clock_mono_ms(), deadline = begin + p->o.timeout_ms;
    bool split = probe_tls_split(&r->arena, name, &r->host, &r->address, &port);
    char *sni = split ? probe_query_name(&r->arena, PROBE_TLS, r->host) : NULL;
    if (!split) {
        r->host = r->name;
        failed(r, TLS_NO_ADDRESS, "no address to connect to");
    } else if (sni == NULL || strlen(sni) > DOMAIN_NAME_MAX) {
        failed(r, TLS_NO_ADDRESS, "no name that can be sent as SNI");
    } else {
        int fd = connect_to(p, r, port, deadline);
        if (fd >= 0) {
            handshake(p, r, sni, fd, deadline);
            close(fd);
        }
    }
    r->queried_at = clock_now();
    r->valid_until = r->queried_at + p->o.again_s;
    log_debug(LOG_AREA_PROBE, "tls %s: %s, %u certificates, %lld ms%s%s", r->name,
              tls_outcome_name(r->outcome), r->ncerts, (long long)(clock_mono_ms() - begin),
              r->error != NULL ? ", " : "", str_or_empty(r->error));
    return r;
}

static void *run(void *self)
{
    struct tls_prober *p = self;
    struct probe_worker *w = &p->worker;
    while (!probe_worker_stopping(w)) {
        struct probe_question question;
        if (probe_worker_take(w, 1, &question)) {
            probe_worker_done(w, probe_address(p, question.name));
        } else {
            struct pollfd fd = {.fd = w->wake[0], .events = POLLIN};
            poll(&fd, 1, -1);
            probe_worker_drain(w);
        }
    }
    return NULL;
}

static SSL_CTX *new_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx != NULL) {
        // No data is sent or trusted, and old and weak certificates must be shown, too.
        SSL_CTX_set_security_level(ctx, 0);
        SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    }
    return ctx;
}

static void release(struct tls_prober *p)
{
    probe_worker_release(&p->worker);
    SSL_CTX_free(p->ctx);
    free(p);
}

struct tls_prober_options tls_prober_options_complete(const struct tls_prober_options *o)
{
    struct tls_prober_options out = *o;
    out.timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : TIMEOUT_MS;
    out.again_s = o->again_s > 0 ? o->again_s : AGAIN_S;
    return out;
}

struct tls_prober *tls_prober_start(const struct tls_prober_options *o, struct err *err)
{
    struct tls_prober *p = xcalloc(1, sizeof *p);
    p->o = tls_prober_options_complete(o);
    probe_worker_init(&p->worker, NAMES_MAX, 0, o->result, o->self);
    p->ctx = new_context();
    if (p->ctx == NULL) {
        err_set(err, ERR_INTERNAL, "cannot initialise TLS for the prober");
    } else if (probe_worker_start(&p->worker, run, p, "TLS", err)) {
        return p;
    }
    release(p);
    return NULL;
}

void tls_prober_stop(struct tls_prober *p)
{
    if (p != NULL) {
        probe_worker_stop(&p->worker);
        release(p);
    }
}

bool tls_prober_request(struct tls_prober *p, const char *name)
{
    return probe_worker_request(&p->worker, PROBE_TLS, name, PROBE_PRIORITY_VISIBLE);
}

bool tls_prober_request_now(struct tls_prober *p, const char *name)
{
    return probe_worker_request(&p->worker, PROBE_TLS, name, PROBE_PRIORITY_NOW);
}

size_t tls_prober_pending(struct tls_prober *p)
{
    return probe_worker_pending(&p->worker);
}
