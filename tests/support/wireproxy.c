// SPDX-License-Identifier: Apache-2.0
// A proxy for tests.
#include "tests/support/wireproxy.h"

#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 64, HEAD_MAX = 8192 };

struct wireproxy {
    enum wireproxy_kind kind;
    int to_port, port, listener;
    int stop[2]; // the write end is closed: everything ends
    SSL_CTX *tls;
    char *ca;
    pthread_t acceptor, clients[MAX_CLIENTS];
    int n;
    pthread_mutex_t lock;
    int accepted, certificates; // connections; those of a client that showed a certificate
    char asked[HEAD_MAX];
};

struct wireproxy_client {
    struct wireproxy *p;
    int fd;
    SSL *ssl;
};

// --- bytes

static bool wait_for(const struct wireproxy *p, int fd)
{
    struct pollfd fds[2] = {{fd, POLLIN, 0}, {p->stop[0], POLLIN, 0}};
    return poll(fds, 2, -1) > 0 && fds[1].revents == 0;
}

static ssize_t take(struct wireproxy_client *c, char *out, size_t n)
{
    if ((c->ssl == NULL || SSL_pending(c->ssl) == 0) && !wait_for(c->p, c->fd)) {
        return 0;
    }
    return c->ssl != NULL ? SSL_read(c->ssl, out, (int)n) : read(c->fd, out, n);
}

static bool give(struct wireproxy_client *c, const char *s, size_t n)
{
    while (n > 0) {
        ssize_t w = c->ssl != NULL ? SSL_write(c->ssl, s, (int)n) : send(c->fd, s, n, MSG_NOSIGNAL);
        if (w <= 0) {
            return false;
        }
        s += w;
        n -= (size_t)w;
    }
    return true;
}

static bool take_all(struct wireproxy_client *c, void *out, size_t n)
{
    char *at = out;
    for (; n > 0;) {
        ssize_t r = take(c, at, n);
        if (r <= 0) {
            return false;
        }
        at += r;
        n -= (size_t)r;
    }
    return true;
}

static void remember(struct wireproxy *p, const char *asked)
{
    pthread_mutex_lock(&p->lock);
    snprintf(p->asked, sizeof p->asked, "%s", asked);
    pthread_mutex_unlock(&p->lock);
}

static void relay(struct wireproxy_client *c)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)c->p->to_port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct wireproxy_client up = {.p = c->p, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (connect(up.fd, (struct sockaddr *)&to, sizeof to) == 0) {
        char bytes[16384];
        for (bool open = true; open;) {
            struct pollfd fds[3] = {
                {c->fd, POLLIN, 0}, {up.fd, POLLIN, 0}, {c->p->stop[0], POLLIN, 0}};
            bool waiting = c->ssl != NULL && SSL_pending(c->ssl) > 0;
            if (poll(fds, 3, waiting ? 0 : -1) < 0 || fds[2].revents != 0) {
                break;
            }
            for (int i = 0; i < 2 && open; i++) {
                struct wireproxy_client *from = i == 0 ? c : &up, *into = i == 0 ? &up : c;
                if (fds[i].revents != 0 || (i == 0 && waiting)) {
                    ssize_t n = take(from, bytes, sizeof bytes);
                    open = n > 0 && give(into, bytes, (size_t)n);
                }
            }
        }
    }
    close(up.fd);
}

// --- the two protocols

static void serve_http(struct wireproxy_client *c)
{
    char head[HEAD_MAX] = "";
    size_t n = 0;
    while (n < sizeof head - 1) {
        if (!take_all(c, head + n, 1)) {
            return;
        }
        head[++n] = '\0';
        if (n >= 4 && strcmp(head + n - 4, "\r\n\r\n") == 0) {
            break;
        }
    }
    remember(c->p, head);
    static const char refused[] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    static const char granted[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    if (c->p->kind == WIREPROXY_REFUSES || !str_starts(head, "CONNECT ")) {
        give(c, refused, sizeof refused - 1);
    } else if (give(c, granted, sizeof granted - 1)) {
        relay(c);
    }
}

// RFC 1928, without a password.
static void serve_socks(struct wireproxy_client *c)
{
    unsigned char b[300], n;
    char asked[400];
    if (!take_all(c, b, 2) || b[0] != 5 || !take_all(c, b + 2, b[1]) || !give(c, "\5\0", 2) ||
        !take_all(c, b, 4)) {
        return;
    }
    if (b[3] == 3) {
        if (!take_all(c, &n, 1) || !take_all(c, b, n + 2u)) {
            return;
        }
        snprintf(asked, sizeof asked, "socks5 name %.*s:%d", n, (char *)b, b[n] << 8 | b[n + 1]);
    } else {
        n = b[3] == 4 ? 16 : 4;
        char text[64];
        int family = b[3] == 4 ? AF_INET6 : AF_INET;
        if (!take_all(c, b, n + 2u) || inet_ntop(family, b, text, sizeof text) == NULL) {
            return;
        }
        snprintf(asked, sizeof asked, "socks5 address %s:%d", text, b[n] << 8 | b[n + 1]);
    }
    remember(c->p, asked);
    if (give(c, "\5\0\0\1\0\0\0\0\0\0", 10)) {
        relay(c);
    }
}

static void *serve(void *arg)
{
    struct wireproxy_client *c = arg;
    struct wireproxy *p = c->p;
    bool ok = true;
    if (p->kind == WIREPROXY_HTTPS) {
        c->ssl = SSL_new(p->tls);
        SSL_set_fd(c->ssl, c->fd);
        ok = SSL_accept(c->ssl) == 1;
        pthread_mutex_lock(&p->lock);
        p->certificates += SSL_get0_peer_certificate(c->ssl) != NULL;
        pthread_mutex_unlock(&p->lock);
    }
    if (p->kind == WIREPROXY_HANGS) {
        struct pollfd end = {p->stop[0], POLLIN, 0};
        poll(&end, 1, -1);
    } else if (p->kind == WIREPROXY_ENDS || p->kind == WIREPROXY_RESETS) {
        char hello[4096];
        struct linger reset = {.l_onoff = p->kind == WIREPROXY_RESETS};
        if (read(c->fd, hello, sizeof hello) > 0) {
            setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        }
    } else if (ok && p->kind == WIREPROXY_SOCKS5) {
        serve_socks(c);
    } else if (ok) {
        serve_http(c);
    }
    SSL_free(c->ssl);
    close(c->fd);
    free(c);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct wireproxy *p = arg;
    while (p->n < MAX_CLIENTS && wait_for(p, p->listener)) {
        int fd = accept(p->listener, NULL, NULL);
        if (fd < 0) {
            continue;
        }
        pthread_mutex_lock(&p->lock);
        p->accepted++;
        pthread_mutex_unlock(&p->lock);
        struct wireproxy_client *c = xcalloc(1, sizeof *c);
        c->p = p;
        c->fd = fd;
        if (pthread_create(&p->clients[p->n], NULL, serve, c) == 0) {
            p->n++;
        }
    }
    return NULL;
}

static int take_any_certificate(int ok, X509_STORE_CTX *chain)
{
    (void)ok;
    (void)chain;
    return 1;
}

// --- life

static void make_certificate(struct wireproxy *p)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 77);
    X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(x), 2, 0, NULL);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)"wireproxy", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_EXTENSION *san =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    X509_add_ext(x, san, -1);
    X509_EXTENSION_free(san);
    X509_sign(x, key, EVP_sha256());
    BIO *b = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(b, x);
    char *text;
    long n = BIO_get_mem_data(b, &text);
    p->ca = xstrndup(text, (size_t)n);
    BIO_free(b);
    p->tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(p->tls, x);
    SSL_CTX_use_PrivateKey(p->tls, key);
    SSL_CTX_set_verify(p->tls, SSL_VERIFY_PEER,
                       take_any_certificate); // it is asked for, not judged
    X509_free(x);
    EVP_PKEY_free(key);
}

static void must(bool ok)
{
    if (!ok) {
        perror("wireproxy");
        abort();
    }
}

struct wireproxy *wireproxy_start(enum wireproxy_kind kind, int to_port)
{
    struct wireproxy *p = xcalloc(1, sizeof *p);
    p->kind = kind;
    p->to_port = to_port;
    pthread_mutex_init(&p->lock, NULL);
    must(pipe(p->stop) == 0);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t n = sizeof at;
    must(p->listener >= 0 && bind(p->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
         listen(p->listener, 32) == 0 && getsockname(p->listener, (struct sockaddr *)&at, &n) == 0);
    p->port = ntohs(at.sin_port);
    if (kind == WIREPROXY_HTTPS) {
        make_certificate(p);
    }
    must(pthread_create(&p->acceptor, NULL, accept_all, p) == 0);
    return p;
}

void wireproxy_stop(struct wireproxy *p)
{
    if (p == NULL) {
        return;
    }
    close(p->stop[1]);
    pthread_join(p->acceptor, NULL);
    for (int i = 0; i < p->n; i++) {
        pthread_join(p->clients[i], NULL);
    }
    close(p->stop[0]);
    close(p->listener);
    SSL_CTX_free(p->tls);
    free(p->ca);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

int wireproxy_port(const struct wireproxy *p)
{
    return p->port;
}

const char *wireproxy_ca(const struct wireproxy *p)
{
    return p->ca;
}

int wireproxy_accepted(struct wireproxy *p)
{
    pthread_mutex_lock(&p->lock);
    int n = p->accepted;
    pthread_mutex_unlock(&p->lock);
    return n;
}

int wireproxy_certificates(struct wireproxy *p)
{
    pthread_mutex_lock(&p->lock);
    int n = p->certificates;
    pthread_mutex_unlock(&p->lock);
    return n;
}

char *wireproxy_asked(struct wireproxy *p)
{
    pthread_mutex_lock(&p->lock);
    char *s = xstrdup(p->asked);
    pthread_mutex_unlock(&p->lock);
    return s;
}
