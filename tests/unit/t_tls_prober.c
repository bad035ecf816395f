// SPDX-License-Identifier: Apache-2.0
// Tests of kube/probe/tls_prober.c, against TLS servers on loopback.
#include "kube/base/arena.h"
#include "kube/base/clock.h"

#include "kube/probe/tls_prober.h"

#include "tests/support/madecert.h"
#include "tests/support/probe_results.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void shake_hands(struct tls_prober *p, const char *host, const char *address, int port)
{
    struct arena a;
    arena_init(&a);
    assert_true(tls_prober_request(p, probe_tls_name(&a, host, address, port)));
    arena_release(&a);
}

static const struct probe_result *handshake_of(const char *host, int port)
{
    struct arena a;
    arena_init(&a);
    const struct probe_result *r =
        probe_results_of(PROBE_TLS, probe_tls_name(&a, host, "127.0.0.1", port));
    arena_release(&a);
    assert_string_equal(r->host, host);
    assert_string_equal(r->address, "127.0.0.1");
    return r;
}

struct tls_server {
    int fd, port;
    pthread_t thread;
    SSL_CTX *ctx; // NULL: closes at once
};

static void *serve_tls(void *self)
{
    struct tls_server *s = self;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0) {
            return NULL;
        }
        if (s->ctx != NULL) {
            SSL *ssl = SSL_new(s->ctx);
            SSL_set_fd(ssl, fd);
            char byte;
            if (SSL_accept(ssl) == 1) {
                (void)!SSL_read(ssl, &byte, 1);
            }
            SSL_free(ssl);
        }
        close(fd);
    }
}

static void start_tls(struct tls_server *s, bool with_certificate)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    memset(s, 0, sizeof *s);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 5), 0);
    getsockname(s->fd, (struct sockaddr *)&a, &n);
    s->port = ntohs(a.sin_port);
    if (with_certificate) {
        struct made_cert made = madecert_new(EVP_EC_gen("P-256"), "cert-manager.local", NULL, NULL,
                                             "DNS:*.d.io", "20200101000000Z", "20500101000000Z");
        s->ctx = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate(s->ctx, made.cert);
        SSL_CTX_use_PrivateKey(s->ctx, made.key);
        madecert_free(&made);
    }
    assert_int_equal(pthread_create(&s->thread, NULL, serve_tls, s), 0);
}

static void stop_tls(struct tls_server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    SSL_CTX_free(s->ctx);
}

// docs/rules/certificates.md#handshake
static void test_standard_options(void **state)
{
    (void)state;
    struct tls_prober_options o = tls_prober_options_complete(&(struct tls_prober_options){0});
    assert_int_equal(o.timeout_ms, 5000);
    assert_int_equal(o.again_s, 300);
    o = tls_prober_options_complete(&(struct tls_prober_options){.timeout_ms = 100, .again_s = 1});
    assert_int_equal(o.timeout_ms, 100);
    assert_int_equal(o.again_s, 1);
}

static void test_tls(void **state)
{
    (void)state;
    struct tls_server shows, closes;
    start_tls(&shows, true);
    start_tls(&closes, false);
    struct tls_prober_options o = {.result = probe_results_take};
    struct tls_prober *p = tls_prober_start(&o, NULL);
    assert_non_null(p);
    shake_hands(p, "*.d.io", "127.0.0.1", shows.port);
    shake_hands(p, "closed.d.io", "127.0.0.1", closes.port);
    shake_hands(p, "nowhere.d.io", "lb.example.net", 443);
    probe_results_wait(3);
    const struct probe_result *r = handshake_of("*.d.io", shows.port);
    assert_int_equal(r->outcome, TLS_CERTIFICATE);
    assert_int_equal(r->valid_until, r->queried_at + 300);
    assert_int_equal(r->ncerts, 1);
    assert_string_equal(r->certs[0].issuer_cn, "cert-manager.local");
    assert_string_equal(r->certs[0].dns_names.at[0], "*.d.io");
    assert_int_equal(handshake_of("closed.d.io", closes.port)->outcome, TLS_CLOSED);
    assert_int_equal(probe_results_of(PROBE_TLS, "nowhere.d.io@lb.example.net:443")->outcome,
                     TLS_NO_ADDRESS);
    stop_tls(&closes);
    shake_hands(p, "refused.d.io", "127.0.0.1", closes.port);
    probe_results_wait(4);
    assert_int_equal(handshake_of("refused.d.io", closes.port)->outcome, TLS_REFUSED);
    tls_prober_stop(p);
    stop_tls(&shows);
}

// A server that accepts and says nothing: the deadline ends it, and so does stopping.
static void test_tls_deadline(void **state)
{
    (void)state;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 5), 0);
    getsockname(fd, (struct sockaddr *)&a, &n);
    struct tls_prober_options o = {.timeout_ms = 100, .result = probe_results_take};
    struct tls_prober *p = tls_prober_start(&o, NULL);
    shake_hands(p, "mute.d.io", "127.0.0.1", ntohs(a.sin_port));
    probe_results_wait(1);
    assert_int_equal(probe_results_at(0)->outcome, TLS_UNREACHABLE);
    tls_prober_stop(p);
    o.timeout_ms = 60000;
    p = tls_prober_start(&o, NULL);
    shake_hands(p, "mute.d.io", "127.0.0.1", ntohs(a.sin_port));
    int64_t begin = clock_mono_ms();
    tls_prober_stop(p);
    assert_true(clock_mono_ms() - begin < 20000); // of 60 s
    close(fd);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard_options),
        cmocka_unit_test_teardown(test_tls, probe_results_release),
        cmocka_unit_test_teardown(test_tls_deadline, probe_results_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
