// SPDX-License-Identifier: Apache-2.0
// Tests of kube/probe/dns_prober.c and probe_batch.c, against a small DNS server on loopback.
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/probe/dns_prober.h"
#include "kube/probe/probe_batch.h"

#include "tests/support/file.h"
#include "tests/support/probe_results.h"
#include "tests/support/tempdir.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
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

struct dns_server {
    int fd, port;
    char resolver[64]; // its address
    pthread_t thread;
    _Atomic int seen; // questions
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
        s->seen++;
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
    snprintf(s->resolver, sizeof s->resolver, "127.0.0.1:%d", s->port);
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

// A server, and a prober that queries it and gives its results to probe_results.c.
static struct dns_prober *start_both(struct dns_server *s, struct dns_prober_options o)
{
    start_dns(s);
    o.resolver = s->resolver;
    o.authority_port = s->port;
    o.result = probe_results_take;
    struct err err = {0};
    struct dns_prober *p = dns_prober_start(&o, &err);
    if (p == NULL) {
        fail_msg("%s", err.msg);
    }
    return p;
}

static void test_answers(void **state)
{
    (void)state;
    struct dns_server s;
    struct dns_prober *p =
        start_both(&s, (struct dns_prober_options){.per_second = 500, .timeout_ms = 200});
    static const char *const hosts[] = {"web.d.io",    "alias.d.io", "empty.d.io",  "gone.d.io",
                                        "broken.d.io", "slow.d.io",  "*.wild.d.io", "six.d.io"};
    for (size_t i = 0; i < 8; i++) {
        assert_true(dns_prober_request(p, PROBE_HOST, hosts[i], true));
    }
    dns_prober_request(p, PROBE_TXT, "a-web.d.io", false);
    probe_results_wait(9);
    const struct probe_result *r = probe_results_of(PROBE_HOST, "web.d.io");
    assert_int_equal(r->answer, ANSWER_YES);
    assert_string_equal(r->resolver, s.resolver);
    assert_int_equal(r->addresses.n, 2);
    assert_string_equal(r->addresses.at[0], "192.0.2.1");
    assert_int_equal(r->ttl, 120);
    assert_int_equal(r->valid_until, r->queried_at + 120);
    r = probe_results_of(PROBE_HOST, "gone.d.io"); // without a TTL
    assert_int_equal(r->valid_until, r->queried_at + 60);
    r = probe_results_of(PROBE_HOST, "alias.d.io");
    assert_int_equal(r->cnames.n, 1);
    assert_string_equal(r->cnames.at[0], "lb.example.net");
    assert_string_equal(r->addresses.at[0], "192.0.2.9");
    assert_int_equal(probe_results_of(PROBE_HOST, "empty.d.io")->answer, ANSWER_NODATA);
    assert_int_equal(probe_results_of(PROBE_HOST, "gone.d.io")->answer, ANSWER_NXDOMAIN);
    r = probe_results_of(PROBE_HOST, "broken.d.io");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_string_equal(r->error, "SERVFAIL");
    r = probe_results_of(PROBE_HOST, "slow.d.io");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_string_equal(r->error, "timeout");
    r = probe_results_of(PROBE_HOST, "*.wild.d.io");
    assert_string_equal(r->addresses.at[0], "192.0.2.7");
    r = probe_results_of(PROBE_HOST, "six.d.io");
    assert_string_equal(r->addresses.at[0], "2001:db8::1");
    r = probe_results_of(PROBE_TXT, "a-web.d.io");
    assert_string_equal(r->texts.at[0], "heritage=external-dns,external-dns/owner=default");

    // What is known and still valid is not asked again.
    int seen = s.seen;
    assert_true(dns_prober_request(p, PROBE_HOST, "web.d.io", true));
    assert_int_equal(dns_prober_pending(p), 0);
    assert_int_equal(s.seen, seen);
    dns_prober_stop(p);
    stop_dns(&s);
}

// International names are asked as DNS has them, and answered under the name that was wanted.
// With its area on, the log says what was asked and what came.
static void test_log(void **state)
{
    (void)state;
    struct dns_server s;
    struct err err;
    char *dir = tempdir_new(), *path = xasprintf("%s/log", dir);
    assert_true(log_open(path, &err));
    log_areas_set(1u << LOG_AREA_PROBE);
    struct dns_prober *p =
        start_both(&s, (struct dns_prober_options){.per_second = 500, .timeout_ms = 200});
    dns_prober_request(p, PROBE_HOST, "web.d.io", true);
    dns_prober_request(p, PROBE_HOST, "alias.d.io", true);
    dns_prober_request(p, PROBE_HOST, "slow.d.io", true);
    dns_prober_request(p, PROBE_TXT, "gone.d.io", true);
    probe_results_wait(4);
    dns_prober_stop(p);
    stop_dns(&s);
    log_areas_set(0);
    log_close();
    char *text = file_read(path, NULL);
    assert_non_null(strstr(text, "debug probe host web.d.io: asks for web.d.io\n"));
    assert_non_null(strstr(
        text, "debug probe host web.d.io: found, addresses 192.0.2.1 192.0.2.2, 0 texts, TTL "));
    assert_non_null(strstr(
        text,
        "debug probe host alias.d.io: found, addresses 192.0.2.9, CNAME lb.example.net, 0 texts, "));
    assert_non_null(strstr(text, "debug probe host slow.d.io: failed, 0 texts, "));
    assert_non_null(strstr(text, ", asked: the resolver, timeout\n"));
    assert_non_null(strstr(text, "debug probe txt gone.d.io: NXDOMAIN, "));
    free(text);
    free(path);
    tempdir_free(dir);
}

static void test_international(void **state)
{
    (void)state;
    struct dns_server s;
    struct dns_prober *p =
        start_both(&s, (struct dns_prober_options){.per_second = 500, .timeout_ms = 200});
    dns_prober_request(p, PROBE_HOST,
                       "B\xC3\x9C"
                       "cher.d.io",
                       true);
    dns_prober_request(p, PROBE_HOST,
                       "*.b\xC3\xBC"
                       "cher.wild.d.io",
                       true);
    dns_prober_request(p, PROBE_HOST, "a.\xE2\x80\x8B.d.io", true); // no letter at all
    probe_results_wait(3);
    const struct probe_result *r = probe_results_of(PROBE_HOST, "B\xC3\x9C"
                                                                "cher.d.io");
    assert_int_equal(r->answer, ANSWER_YES);
    assert_string_equal(r->addresses.at[0], "192.0.2.8");
    r = probe_results_of(PROBE_HOST, "*.b\xC3\xBC"
                                     "cher.wild.d.io");
    assert_string_equal(r->addresses.at[0], "192.0.2.7");
    r = probe_results_of(PROBE_HOST, "a.\xE2\x80\x8B.d.io");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_string_equal(r->error, "not a DNS name");
    dns_prober_stop(p);
    stop_dns(&s);
}

static void test_authority(void **state)
{
    (void)state;
    struct dns_server s;
    struct dns_prober *p = start_both(
        &s,
        (struct dns_prober_options){.per_second = 500, .timeout_ms = 200, .authoritative = true});
    dns_prober_request(p, PROBE_HOST, "web.d.io", true);
    dns_prober_request(p, PROBE_HOST, "nobody.else", true);
    probe_results_wait(2);
    const struct probe_result *r = probe_results_of(PROBE_HOST, "web.d.io");
    assert_int_equal(r->answer, ANSWER_YES);
    assert_string_equal(r->resolver, "127.0.0.1");
    r = probe_results_of(PROBE_HOST, "nobody.else");
    assert_int_equal(r->answer, ANSWER_FAILED);
    assert_non_null(strstr(r->error, "could not be found"));
    dns_prober_stop(p);
    stop_dns(&s);
}

// docs/rules/dns.md#dns-asking
static void test_standard_options(void **state)
{
    (void)state;
    struct dns_prober_options o = dns_prober_options_complete(&(struct dns_prober_options){0});
    assert_int_equal(o.per_second, 20);
    assert_int_equal(o.timeout_ms, 3000);
    assert_int_equal(o.visible_s, 60);
    assert_int_equal(o.hidden_s, 600);
    o = dns_prober_options_complete(&(struct dns_prober_options){
        .per_second = 7, .timeout_ms = -1, .visible_s = 1, .names = 9});
    assert_int_equal(o.per_second, 7);
    assert_int_equal(o.timeout_ms, 3000);
    assert_int_equal(o.visible_s, 1);
    assert_int_equal(o.names, 9);
}

// A question without an answer is asked twice (docs/rules/dns.md#dns-asking), for A and for AAAA.
static void test_tries(void **state)
{
    (void)state;
    struct dns_server s;
    struct dns_prober *p =
        start_both(&s, (struct dns_prober_options){.per_second = 500, .timeout_ms = 100});
    dns_prober_request(p, PROBE_HOST, "slow.d.io", true);
    probe_results_wait(1);
    dns_prober_stop(p);
    stop_dns(&s);
    assert_int_equal(s.seen, 4);
}

// Twenty questions a second by default (docs/rules/dns.md#dns-asking): ten take at least 450 ms.
static void test_rate(void **state)
{
    (void)state;
    struct dns_server s;
    struct dns_prober *p = start_both(&s, (struct dns_prober_options){.per_second = 0});
    int64_t begin = clock_mono_ms();
    for (int i = 0; i < 5; i++) {
        char name[64];
        snprintf(name, sizeof name, "n%d.wild.d.io", i);
        dns_prober_request(p, PROBE_HOST, name, i % 2 == 0);
    }
    probe_results_wait(5);
    assert_true(clock_mono_ms() - begin >= 390); // four pauses of two questions each
    dns_prober_stop(p);
    assert_int_equal(s.seen, 10);
    stop_dns(&s);
}

// Wanted all the time: what is on screen is asked again after its TTL, what is not only after ten minutes.
static void test_again(void **state)
{
    (void)state;
    struct dns_server s;
    struct dns_prober *p =
        start_both(&s, (struct dns_prober_options){.per_second = 500, .visible_s = 1});
    int64_t begin = clock_mono_ms();
    while ((int)probe_results_named("shown.short.io") < 3 && clock_mono_ms() - begin < 20000) {
        dns_prober_request(p, PROBE_HOST, "hidden.short.io", false);
        dns_prober_request(p, PROBE_HOST, "shown.short.io", true);
        sched_yield();
    }
    int64_t took = clock_mono_ms() - begin;
    dns_prober_stop(p);
    assert_int_equal((int)probe_results_named("shown.short.io"), 3);
    assert_true(took >= 2000); // twice its TTL
    assert_int_equal((int)probe_results_named("hidden.short.io"), 1);
    stop_dns(&s);
}

// Stopping does not wait for an answer that never comes.
static void test_stop(void **state)
{
    (void)state;
    struct dns_server s;
    struct dns_prober *p = start_both(&s, (struct dns_prober_options){.timeout_ms = 60000});
    dns_prober_request(p, PROBE_HOST, "slow.d.io", true);
    int64_t begin = clock_mono_ms();
    dns_prober_stop(p);
    assert_true(clock_mono_ms() - begin < 20000); // of 60 s
    stop_dns(&s);
}

// What may be given as resolver, and what may not.
static void test_resolver(void **state)
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
    struct dns_prober_options o = {.result = probe_results_take};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct err err = {0};
        o.resolver = good[i];
        struct dns_prober *p = dns_prober_start(&o, &err);
        if (p == NULL) {
            fail_msg("%s: %s", good[i], err.msg);
        }
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
static void test_once(void **state)
{
    (void)state;
    struct dns_server s;
    start_dns(&s);
    struct dns_prober_options o = {.resolver = s.resolver, .per_second = 500};
    struct probe_names names = {0};
    probe_names_add(&names, PROBE_HOST, "web.d.io");
    probe_names_add(&names, PROBE_HOST, "gone.d.io");
    probe_names_add(&names, PROBE_HOST, "web.d.io");
    probe_names_add(&names, PROBE_TXT, "a-web.d.io");
    size_t left = 0;
    assert_true(dns_probe_batch(&o, &names, 20000, probe_results_take, NULL, &left, NULL));
    assert_int_equal(left, 0);
    assert_int_equal(probe_results_count(), 3);
    assert_int_equal(probe_results_of(PROBE_HOST, "gone.d.io")->answer, ANSWER_NXDOMAIN);
    probe_names_add(&names, PROBE_HOST, "slow.d.io");
    o.timeout_ms = 60000;
    int64_t begin = clock_mono_ms();
    assert_true(dns_probe_batch(&o, &names, 200, probe_results_take, NULL, &left, NULL));
    assert_int_equal(left, 1);
    assert_true(clock_mono_ms() - begin < 20000); // of 60 s
    assert_int_equal(probe_results_count(), 6);
    probe_names_release(&names);
    stop_dns(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_answers, probe_results_release),
        cmocka_unit_test_teardown(test_log, probe_results_release),
        cmocka_unit_test_teardown(test_international, probe_results_release),
        cmocka_unit_test_teardown(test_authority, probe_results_release),
        cmocka_unit_test(test_standard_options),
        cmocka_unit_test_teardown(test_tries, probe_results_release),
        cmocka_unit_test_teardown(test_rate, probe_results_release),
        cmocka_unit_test_teardown(test_again, probe_results_release),
        cmocka_unit_test_teardown(test_stop, probe_results_release),
        cmocka_unit_test(test_resolver),
        cmocka_unit_test_teardown(test_once, probe_results_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
