// SPDX-License-Identifier: Apache-2.0
// The probers against a small DNS server and a TLS server on loopback, and the queue and parser beneath.
#include "kube/base/clock.h"
#include "kube/base/text.h"

#include "kube/probe/dns_message.h"
#include "kube/probe/dns_prober.h"
#include "kube/probe/probe_batch.h"
#include "kube/probe/probe_name.h"
#include "kube/probe/probe_queue.h"
#include "kube/probe/tls_prober.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// clang-format off
#include <cmocka.h>
// clang-format on

// --- what the probers hand over

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static const struct probe_result *results[256];
static size_t nresults;

static void take(void *self, const struct probe_result *r)
{
    (void)self;
    pthread_mutex_lock(&lock);
    results[nresults++ % 256] = r;
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&lock);
}

static void wait_results(size_t n)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&lock);
    while (nresults < n && pthread_cond_timedwait(&arrived, &lock, &until) == 0) {
    }
    bool ok = nresults >= n;
    pthread_mutex_unlock(&lock);
    assert_true(ok);
}

static const struct probe_result *result_of(enum probe_kind k, const char *name)
{
    for (size_t i = 0; i < nresults; i++) {
        if (results[i]->kind == k && strcmp(results[i]->name, name) == 0) {
            return results[i];
        }
    }
    fail_msg("no result for %s", name);
    return NULL;
}

static int forget(void **state)
{
    (void)state;
    for (size_t i = 0; i < nresults; i++) {
        probe_result_unref(results[i]);
    }
    nresults = 0;
    return 0;
}

// --- a DNS server

struct dns_server {
    int fd, port;
    pthread_t thread;
    int seen; // questions
};

struct record {
    const char *name;
    int type;
    const char *data; // address, name, or text
};

// clang-format off
static const struct record records[] = {
    {"web.d.io", 1, "192.0.2.1"}, {"web.d.io", 1, "192.0.2.2"},
    {"alias.d.io", 5, "lb.example.net"}, {"lb.example.net", 1, "192.0.2.9"},
    {"empty.d.io", 99, ""}, {"d.io", 2, "ns.d.io"}, {"ns.d.io", 1, "127.0.0.1"},
    {"a-web.d.io", 16, "heritage=external-dns,external-dns/owner=default"},
    {"six.d.io", 28, "2001:db8::1"},
    {"shown.short.io", 1, "192.0.2.5"}, {"hidden.short.io", 1, "192.0.2.6"},
    {"xn--bcher-kva.d.io", 1, "192.0.2.8"},
};
// clang-format on

static size_t put_name(unsigned char *out, const char *name)
{
    size_t n = 0;
    while (*name != '\0') {
        size_t len = strcspn(name, ".");
        out[n++] = (unsigned char)len;
        memcpy(out + n, name, len);
        n += len;
        name += len;
        name += *name == '.' ? 1 : 0;
    }
    out[n++] = 0;
    return n;
}

static size_t put_record(unsigned char *out, const struct record *r)
{
    size_t n = put_name(out, r->name);
    unsigned char data[300];
    size_t len = 0;
    if (r->type == 1) {
        len = 4;
        inet_pton(AF_INET, r->data, data);
    } else if (r->type == 28) {
        len = 16;
        inet_pton(AF_INET6, r->data, data);
    } else if (r->type == 16) {
        data[0] = (unsigned char)strlen(r->data);
        memcpy(data + 1, r->data, strlen(r->data));
        len = strlen(r->data) + 1;
    } else {
        len = put_name(data, r->data);
    }
    unsigned char ttl = str_ends(r->name, ".short.io") ? 1 : 120;
    const unsigned char head[] = {0, (unsigned char)r->type, 0, 1, 0, 0, 0, ttl,
                                  0, (unsigned char)len};
    memcpy(out + n, head, sizeof head);
    memcpy(out + n + sizeof head, data, len);
    return n + sizeof head + len;
}

// Answers from the table: exact names, a wildcard below wild.d.io, SERVFAIL for broken.*, silence for slow.*.
static void *serve_dns(void *self)
{
    struct dns_server *s = self;
    unsigned char q[512], out[2048];
    struct sockaddr_in from;
    for (;;) {
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(s->fd, q, sizeof q, 0, (struct sockaddr *)&from, &size);
        if (n < 17) {
            return NULL; // the test says good-bye with a short packet
        }
        pthread_mutex_lock(&lock);
        s->seen++;
        pthread_mutex_unlock(&lock);
        char name[300] = "";
        size_t at = 12, w = 0;
        while (q[at] != 0 && at + q[at] < (size_t)n) {
            memcpy(name + w, q + at + 1, q[at]);
            w += q[at];
            name[w++] = '.';
            at += (size_t)q[at] + 1;
        }
        name[w > 0 ? w - 1 : 0] = '\0';
        int type = q[at + 2];
        size_t end = at + 5;
        if (str_starts(name, "slow.")) {
            continue;
        }
        memcpy(out, q, end);
        int answers = 0;
        bool known = str_ends(name, ".wild.d.io");
        size_t o = end;
        struct record made = {name, 1, "192.0.2.7"};
        if (known && type == 1) {
            o += put_record(out + o, &made);
            answers++;
        }
        const char *want = name;
        for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
            if (strcmp(records[i].name, want) != 0) {
                continue;
            }
            known = true;
            if (records[i].type == type || records[i].type == 5) {
                o += put_record(out + o, &records[i]);
                answers++;
                want = records[i].type == 5 ? records[i].data : want;
            }
        }
        int rcode = str_starts(name, "broken.") ? 2 : known ? 0 : 3;
        const unsigned char head[] = {
            0x81, (unsigned char)(0x80 | rcode), 0, 1, 0, (unsigned char)answers, 0, 0, 0, 0};
        memcpy(out + 2, head, sizeof head);
        sendto(s->fd, out, o, 0, (struct sockaddr *)&from, size);
    }
}

static void start_dns(struct dns_server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    memset(s, 0, sizeof *s);
    s->fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &n), 0);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve_dns, s), 0);
}

static void stop_dns(struct dns_server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)s->port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    close(fd);
    pthread_join(s->thread, NULL);
    close(s->fd);
}

static struct dns_prober *prober(const struct dns_server *s, char *resolver, size_t n,
                                 bool authoritative)
{
    snprintf(resolver, n, "127.0.0.1:%d", s->port);
    struct dns_prober_options o = {
        .resolver = resolver, .per_second = 500, .timeout_ms = 200, .result = take};
    o.authoritative = authoritative;
    o.authority_port = s->port;
    struct err err = {0};
    struct dns_prober *p = dns_prober_start(&o, &err);
    if (p == NULL) {
        fail_msg("%s", err.msg);
    }
    return p;
}

static void test_dns_answers(void **state)
{
    (void)state;
    struct dns_server s;
    char resolver[64];
    start_dns(&s);
    struct dns_prober *p = prober(&s, resolver, sizeof resolver, false);
    static const char *const hosts[] = {"web.d.io",    "alias.d.io", "empty.d.io",  "gone.d.io",
                                        "broken.d.io", "slow.d.io",  "*.wild.d.io", "six.d.io"};
    for (size_t i = 0; i < 8; i++) {
        assert_true(dns_prober_request(p, PROBE_HOST, hosts[i], true));
    }
    dns_prober_request(p, PROBE_TXT, "a-web.d.io", false);
    wait_results(9);
    const struct probe_result *r = result_of(PROBE_HOST, "web.d.io");
    assert_int_equal(r->answer, ANSWER_YES);
    assert_int_equal(r->addresses.n, 2);
    assert_string_equal(r->addresses.at[0], "192.0.2.1");
    assert_int_equal(r->ttl, 120);
    assert_int_equal(r->valid_until, r->asked + 120);
    assert_string_equal(r->resolver, resolver);
    r = result_of(PROBE_HOST, "alias.d.io");
    assert_int_equal(r->cnames.n, 1);
    assert_string_equal(r->cnames.at[0], "lb.example.net");
    assert_string_equal(r->addresses.at[0], "192.0.2.9");
    assert_int_equal(result_of(PROBE_HOST, "empty.d.io")->answer, ANSWER_NODATA);
    assert_int_equal(result_of(PROBE_HOST, "gone.d.io")->answer, ANSWER_NXDOMAIN);
    r = result_of(PROBE_HOST, "broken.d.io");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_string_equal(r->error, "SERVFAIL");
    r = result_of(PROBE_HOST, "slow.d.io");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_string_equal(r->error, "timeout");
    r = result_of(PROBE_HOST, "*.wild.d.io");
    assert_string_equal(r->addresses.at[0], "192.0.2.7");
    r = result_of(PROBE_HOST, "six.d.io");
    assert_string_equal(r->addresses.at[0], "2001:db8::1");
    r = result_of(PROBE_TXT, "a-web.d.io");
    assert_string_equal(r->texts.at[0], "heritage=external-dns,external-dns/owner=default");

    // What is known is not asked again before its time, but when somebody insists.
    struct dns_prober_state before, after;
    dns_prober_state(p, &before);
    dns_prober_request(p, PROBE_HOST, "web.d.io", true);
    dns_prober_state(p, &after);
    assert_int_equal(after.waiting + after.asking, 0);
    assert_int_equal(before.sent, after.sent);
    dns_prober_again(p, PROBE_HOST, "web.d.io");
    wait_results(10);
    dns_prober_stop(p);
    stop_dns(&s);
}

// International names are asked as DNS has them, and answered under the name that was wanted.
static void test_dns_international(void **state)
{
    (void)state;
    struct dns_server s;
    char resolver[64];
    start_dns(&s);
    struct dns_prober *p = prober(&s, resolver, sizeof resolver, false);
    dns_prober_request(p, PROBE_HOST,
                       "B\xC3\x9C"
                       "cher.d.io",
                       true);
    dns_prober_request(p, PROBE_HOST,
                       "*.b\xC3\xBC"
                       "cher.wild.d.io",
                       true);
    dns_prober_request(p, PROBE_HOST, "a.\xE2\x80\x8B.d.io", true); // no letter at all
    wait_results(3);
    const struct probe_result *r = result_of(PROBE_HOST, "B\xC3\x9C"
                                                         "cher.d.io");
    assert_int_equal(r->answer, ANSWER_YES);
    assert_string_equal(r->addresses.at[0], "192.0.2.8");
    r = result_of(PROBE_HOST, "*.b\xC3\xBC"
                              "cher.wild.d.io");
    assert_string_equal(r->addresses.at[0], "192.0.2.7");
    r = result_of(PROBE_HOST, "a.\xE2\x80\x8B.d.io");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_string_equal(r->error, "not a DNS name");
    dns_prober_stop(p);
    stop_dns(&s);
}

static void test_dns_authority(void **state)
{
    (void)state;
    struct dns_server s;
    char resolver[64];
    start_dns(&s);
    struct dns_prober *p = prober(&s, resolver, sizeof resolver, true);
    dns_prober_request(p, PROBE_HOST, "web.d.io", true);
    dns_prober_request(p, PROBE_HOST, "nobody.else", true);
    wait_results(2);
    const struct probe_result *r = result_of(PROBE_HOST, "web.d.io");
    assert_int_equal(r->answer, ANSWER_YES);
    assert_string_equal(r->resolver, "127.0.0.1");
    r = result_of(PROBE_HOST, "nobody.else");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_non_null(strstr(r->error, "could not be found"));
    dns_prober_stop(p);
    stop_dns(&s);
}

// No faster than asked for: twenty questions at a hundred a second take at least 180 ms.
static void test_dns_rate(void **state)
{
    (void)state;
    struct dns_server s;
    char resolver[64];
    start_dns(&s);
    snprintf(resolver, sizeof resolver, "127.0.0.1:%d", s.port);
    struct dns_prober_options o = {.resolver = resolver, .per_second = 100, .result = take};
    struct dns_prober *p = dns_prober_start(&o, NULL);
    assert_non_null(p);
    int64_t begin = clock_mono_ms();
    for (int i = 0; i < 10; i++) {
        char name[64];
        snprintf(name, sizeof name, "n%d.wild.d.io", i);
        dns_prober_request(p, PROBE_HOST, name, i % 2 == 0);
    }
    wait_results(10);
    assert_true(clock_mono_ms() - begin >= 170);
    dns_prober_stop(p);
    assert_int_equal(s.seen, 20);
    stop_dns(&s);
}

static int asked_count(const char *name)
{
    int n = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < nresults && i < 256; i++) {
        n += strcmp(results[i]->name, name) == 0;
    }
    pthread_mutex_unlock(&lock);
    return n;
}

// Wanted all the time: what is on screen is asked again after its TTL, what is not only after ten minutes.
static void test_dns_again(void **state)
{
    (void)state;
    struct dns_server s;
    char resolver[64];
    start_dns(&s);
    snprintf(resolver, sizeof resolver, "127.0.0.1:%d", s.port);
    struct dns_prober_options o = {
        .resolver = resolver, .per_second = 500, .visible_s = 1, .result = take};
    struct dns_prober *p = dns_prober_start(&o, NULL);
    assert_non_null(p);
    int64_t begin = clock_mono_ms();
    while (asked_count("shown.short.io") < 3 && clock_mono_ms() - begin < 20000) {
        dns_prober_request(p, PROBE_HOST, "hidden.short.io", false);
        dns_prober_request(p, PROBE_HOST, "shown.short.io", true);
        sched_yield();
    }
    int64_t took = clock_mono_ms() - begin;
    dns_prober_stop(p);
    assert_int_equal(asked_count("shown.short.io"), 3);
    assert_true(took >= 2000); // twice its TTL
    assert_int_equal(asked_count("hidden.short.io"), 1);
    stop_dns(&s);
}

// Stopping does not wait for an answer that never comes.
static void test_dns_stop(void **state)
{
    (void)state;
    struct dns_server s;
    char resolver[64];
    start_dns(&s);
    snprintf(resolver, sizeof resolver, "127.0.0.1:%d", s.port);
    struct dns_prober_options o = {.resolver = resolver, .timeout_ms = 60000, .result = take};
    struct dns_prober *p = dns_prober_start(&o, NULL);
    dns_prober_request(p, PROBE_HOST, "slow.d.io", true);
    int64_t begin = clock_mono_ms();
    dns_prober_stop(p);
    assert_true(clock_mono_ms() - begin < 20000); // of 60 s
    stop_dns(&s);
}

// What may be given as resolver, and what may not.
static void test_dns_resolver(void **state)
{
    (void)state;
    static const char *const good[] = {"192.0.2.1",     "192.0.2.1:5353",           "2001:db8::1",
                                       "[2001:db8::1]", "[2001:db8::1]:5353",       "::1",
                                       "192.0.2.1:1",   "192.0.2.1,[::1]:65535,::1"};
    static const char *const bad[] = {
        "",
        "nonsense",
        "localhost",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:",
        "192.0.2",
        "192.0.2.1:53:53",
        "192.0.2.1:5x",
        "[192.0.2.1]:53",
        "[::1",
        "[::1]53",
        "[::1]:",
        "::1]:53",
        "192.0.2.1,",
        ",192.0.2.1",
        "192.0.2.1, 192.0.2.2",
        "dns://192.0.2.1",
        "192.0.2.1:-1",
        "192.0.2.1:+53",
        "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1"};
    struct dns_prober_options o = {.result = take};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct err err = {0};
        struct dns_prober_state now;
        o.resolver = good[i];
        struct dns_prober *p = dns_prober_start(&o, &err);
        if (p == NULL) {
            fail_msg("%s: %s", good[i], err.msg);
        }
        dns_prober_state(p, &now);
        assert_string_equal(now.resolver, good[i]);
        dns_prober_stop(p);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        o.resolver = bad[i];
        if (dns_prober_start(&o, &err) != NULL || err.code != ERR_USAGE) {
            fail_msg("'%s' is taken for a resolver", bad[i]);
        }
        assert_non_null(strstr(err.msg, "is no resolver: give an address"));
    }
}

// A list once: every name answered when it returns, a double asked once, a deadline kept.
static void test_dns_once(void **state)
{
    (void)state;
    struct dns_server s;
    char resolver[64];
    start_dns(&s);
    snprintf(resolver, sizeof resolver, "127.0.0.1:%d", s.port);
    struct dns_prober_options o = {.resolver = resolver, .per_second = 500};
    struct probe_names names = {0};
    probe_names_add(&names, PROBE_HOST, "web.d.io");
    probe_names_add(&names, PROBE_HOST, "gone.d.io");
    probe_names_add(&names, PROBE_HOST, "web.d.io");
    probe_names_add(&names, PROBE_TXT, "a-web.d.io");
    size_t left = 0;
    assert_true(dns_probe_batch(&o, &names, 20000, take, NULL, &left, NULL));
    assert_int_equal(left, 0);
    assert_int_equal(nresults, 3);
    assert_int_equal(result_of(PROBE_HOST, "gone.d.io")->answer, ANSWER_NXDOMAIN);
    probe_names_add(&names, PROBE_HOST, "slow.d.io");
    o.timeout_ms = 60000;
    int64_t begin = clock_mono_ms();
    assert_true(dns_probe_batch(&o, &names, 200, take, NULL, &left, NULL));
    assert_int_equal(left, 1);
    assert_true(clock_mono_ms() - begin < 20000); // of 60 s
    assert_int_equal(nresults, 6);
    probe_names_release(&names);
    stop_dns(&s);
}

// --- the queue

static void test_queue(void **state)
{
    (void)state;
    struct probe_queue *q = probe_queue_new(3, 600000);
    struct probe_question x;
    assert_false(probe_queue_take(q, &x));
    assert_true(probe_queue_put(q, 0, "hidden", WANT_HIDDEN, 0));
    assert_true(probe_queue_put(q, 0, "shown", WANT_VISIBLE, 0));
    assert_true(probe_queue_put(q, 0, "other", WANT_HIDDEN, 0));
    assert_true(probe_queue_put(q, 0, "other", WANT_VISIBLE, 0)); // comes on screen
    assert_false(probe_queue_put(q, 0, "one too many", WANT_VISIBLE, 0));
    assert_int_equal(probe_queue_waiting(q), 3);
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, "shown");
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, "other");
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, "hidden");
    assert_int_equal(probe_queue_asking(q), 3);
    assert_true(probe_queue_put(q, 0, "shown", WANT_VISIBLE, 0)); // under way: not twice
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_done(q, 0, "shown", 1000, 61000);
    probe_queue_done(q, 0, "hidden", 2000, 62000);
    probe_queue_put(q, 0, "shown", WANT_VISIBLE, 60999);
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_put(q, 0, "shown", WANT_HIDDEN, 61000); // off screen: ten minutes
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_put(q, 0, "shown", WANT_VISIBLE, 61000);
    assert_int_equal(probe_queue_waiting(q), 1);
    // "hidden" rests and may not be asked again before ten minutes are over: it is not forgotten for another.
    assert_false(probe_queue_put(q, 0, "new", WANT_VISIBLE, 601999));
    assert_true(probe_queue_put(q, 0, "new", WANT_VISIBLE, 602000));
    assert_int_equal(probe_queue_waiting(q), 2);
    probe_queue_free(q);
}

static void take_expecting(struct probe_queue *q, const char *name)
{
    struct probe_question x;
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, name);
}

// Another screen: what stood on the one before comes behind it, and before what was never on screen.
static void test_queue_screen(void **state)
{
    (void)state;
    struct probe_queue *q = probe_queue_new(100, 600000);
    probe_queue_hide(q); // nothing waits: nothing happens
    probe_queue_put(q, 0, "never", WANT_HIDDEN, 0);
    probe_queue_put(q, 0, "first", WANT_VISIBLE, 0);
    probe_queue_put(q, 0, "second", WANT_VISIBLE, 0);
    probe_queue_put(q, 0, "stays", WANT_VISIBLE, 0);
    probe_queue_hide(q);
    probe_queue_put(q, 0, "stays", WANT_VISIBLE, 0);
    probe_queue_put(q, 0, "now", WANT_VISIBLE, 0);
    probe_queue_put(q, 0, "late", WANT_HIDDEN, 0);
    assert_int_equal(probe_queue_waiting(q), 6);
    take_expecting(q, "stays");
    take_expecting(q, "now");
    take_expecting(q, "first");
    probe_queue_put(q, 0, "late", WANT_VISIBLE, 0);
    probe_queue_hide(q);
    take_expecting(q, "late");
    take_expecting(q, "second");
    take_expecting(q, "never");
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_free(q);
}

// Many names: each once, in order, however often the table grows; all are found again.
static void test_queue_grows(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct probe_queue *q = probe_queue_new(N, 600000);
    char name[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++) {
            snprintf(name, sizeof name, "n%d", i);
            assert_true(probe_queue_put(q, i % 2, name, WANT_HIDDEN, 0));
        }
    }
    assert_false(probe_queue_put(q, 0, "one too many", WANT_HIDDEN, 0));
    assert_int_equal(probe_queue_waiting(q), N);
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "n%d", i);
        take_expecting(q, name);
        probe_queue_done(q, i % 2, name, i, i);
    }
    // Room is made by the oldest answer.
    assert_true(probe_queue_put(q, 0, "new", WANT_VISIBLE, 600000));
    assert_false(probe_queue_put(q, 0, "newer", WANT_VISIBLE, 600000));
    assert_true(probe_queue_put(q, 0, "newer", WANT_VISIBLE, 600001));
    probe_queue_free(q);
}

// --- TLS

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
        result_of(PROBE_TLS, probe_tls_name(&a, host, "127.0.0.1", port));
    arena_release(&a);
    assert_string_equal(r->host, host);
    assert_string_equal(r->address, "127.0.0.1");
    return r;
}

// International labels travel as A-labels, a wildcard as a label that is made up.
static void test_wire_name(void **state)
{
    (void)state;
    static const struct {
        enum probe_kind kind;
        const char *name, *wire; // wire: NULL none; "*" stands for the label made up
    } names[] = {
        {PROBE_HOST, "web.d.io", "web.d.io"},
        {PROBE_TLS, "b\u00fccher.d.io", "xn--bcher-kva.d.io"},
        {PROBE_TLS, "*.b\u00fccher.d.io", "*.xn--bcher-kva.d.io"},
        {PROBE_HOST, "*.d.io", "*.d.io"},
        {PROBE_TXT, "?.d.io", "*.d.io"},
        {PROBE_TXT, "a-*.d.io", "a-*.d.io"},
        {PROBE_TLS, "\xff\xfe.d.io", NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *wire = probe_query_name(names[i].kind, names[i].name);
        const char *want = names[i].wire;
        if (want != NULL && want[0] == '*') {
            assert_true(str_starts(wire, "gatetop-"));
            assert_int_equal(strcspn(wire, "."), 16);
            assert_string_equal(wire + 16, want + 1);
        } else if (want == NULL) {
            assert_null(wire);
        } else {
            assert_string_equal(wire, want);
        }
        free(wire);
    }
}

static void test_tls_name(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    static const struct {
        const char *host, *address, *name;
        int port;
    } names[] = {
        {"web.d.io", "192.0.2.1", "web.d.io@192.0.2.1:443", 443},
        {"*.d.io", "2001:db8::1", "*.d.io@[2001:db8::1]:8443", 8443},
        {"odd@name:1", "192.0.2.1", "odd@name:1@192.0.2.1:443", 443},
        {"", "", "@:1", 1},
    };
    const char *host, *address;
    int port;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_string_equal(probe_tls_name(&a, names[i].host, names[i].address, names[i].port),
                            names[i].name);
        assert_true(probe_tls_split(&a, names[i].name, &host, &address, &port));
        assert_string_equal(host, names[i].host);
        assert_string_equal(address, names[i].address);
        assert_int_equal(port, names[i].port);
    }
    static const char *const none[] = {"",        "web",         "web@1.2.3.4", "web:443",
                                       "web@a:0", "web@a:70000", "web:1@a",     "web@[]:x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(probe_tls_split(&a, none[i], &host, &address, &port));
    }
    arena_release(&a);
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

static X509 *certificate(EVP_PKEY *key, const char *cn)
{
    X509 *x = X509_new();
    X509_set_version(x, 2);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)cn, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:*.d.io");
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    X509_sign(x, key, EVP_sha256());
    return x;
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
        EVP_PKEY *key = EVP_EC_gen("P-256");
        X509 *x = certificate(key, "cert-manager.local");
        s->ctx = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate(s->ctx, x);
        SSL_CTX_use_PrivateKey(s->ctx, key);
        X509_free(x);
        EVP_PKEY_free(key);
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

static void test_tls(void **state)
{
    (void)state;
    struct tls_server shows, closes;
    start_tls(&shows, true);
    start_tls(&closes, false);
    struct tls_prober_options o = {.timeout_ms = 5000, .result = take};
    struct tls_prober *p = tls_prober_start(&o, NULL);
    assert_non_null(p);
    shake_hands(p, "*.d.io", "127.0.0.1", shows.port);
    shake_hands(p, "closed.d.io", "127.0.0.1", closes.port);
    shake_hands(p, "nowhere.d.io", "lb.example.net", 443);
    wait_results(3);
    const struct probe_result *r = handshake_of("*.d.io", shows.port);
    assert_int_equal(r->outcome, TLS_CERTIFICATE);
    assert_int_equal(r->ncerts, 1);
    assert_string_equal(r->certs[0].issuer_cn, "cert-manager.local");
    assert_string_equal(r->certs[0].dns_names.at[0], "*.d.io");
    assert_int_equal(handshake_of("closed.d.io", closes.port)->outcome, TLS_CLOSED);
    assert_int_equal(result_of(PROBE_TLS, "nowhere.d.io@lb.example.net:443")->outcome,
                     TLS_NO_ADDRESS);
    stop_tls(&closes);
    shake_hands(p, "refused.d.io", "127.0.0.1", closes.port);
    wait_results(4);
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
    struct tls_prober_options o = {.timeout_ms = 100, .result = take};
    struct tls_prober *p = tls_prober_start(&o, NULL);
    shake_hands(p, "mute.d.io", "127.0.0.1", ntohs(a.sin_port));
    wait_results(1);
    assert_int_equal(results[0]->outcome, TLS_UNREACHABLE);
    tls_prober_stop(p);
    o.timeout_ms = 60000;
    p = tls_prober_start(&o, NULL);
    shake_hands(p, "mute.d.io", "127.0.0.1", ntohs(a.sin_port));
    int64_t begin = clock_mono_ms();
    tls_prober_stop(p);
    assert_true(clock_mono_ms() - begin < 20000); // of 60 s
    close(fd);
}

// --- messages

static void test_message(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct dns_message m;
    // NXDOMAIN with a SOA: TTL 900, minimum 300; the name of the SOA is a pointer.
    static const unsigned char nx[] = {0, 1,   0x81, 0x83, 0, 1,  0, 0, 0,    1,  0, 0, 1, 'x',
                                       2, 'i', 'o',  0,    0, 1,  0, 1, 0xc0, 14, 0, 6, 0, 1,
                                       0, 0,   3,    0x84, 0, 22, 0, 0, 0,    0,  0, 1, 0, 0,
                                       0, 2,   0,    0,    0, 3,  0, 0, 0,    4,  0, 0, 1, 0x2c};
    assert_true(dns_message_read(&a, nx, sizeof nx, &m));
    assert_int_equal(m.negative_ttl, 300);
    assert_int_equal(m.ttl, -1);
    for (size_t n = 0; n < sizeof nx; n++) { // cut anywhere: no answer, no harm
        assert_false(dns_message_read(&a, nx, n, &m));
    }
    static const unsigned char loop[] = {0, 1, 0x81, 0x80, 0,  1, 0, 0, 0,
                                         0, 0, 0,    0xc0, 12, 0, 1, 0, 1};
    assert_false(dns_message_read(&a, loop, sizeof loop, &m));
    static const unsigned char question[] = {0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assert_false(dns_message_read(&a, question, sizeof question, &m));
    arena_release(&a);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_queue_screen),
        cmocka_unit_test(test_queue_grows),
        cmocka_unit_test(test_message),
        cmocka_unit_test(test_tls_name),
        cmocka_unit_test(test_wire_name),
        cmocka_unit_test_teardown(test_dns_answers, forget),
        cmocka_unit_test_teardown(test_dns_international, forget),
        cmocka_unit_test_teardown(test_dns_authority, forget),
        cmocka_unit_test_teardown(test_dns_rate, forget),
        cmocka_unit_test_teardown(test_dns_again, forget),
        cmocka_unit_test_teardown(test_dns_stop, forget),
        cmocka_unit_test(test_dns_resolver),
        cmocka_unit_test_teardown(test_dns_once, forget),
        cmocka_unit_test_teardown(test_tls, forget),
        cmocka_unit_test_teardown(test_tls_deadline, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
