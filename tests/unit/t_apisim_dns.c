// SPDX-License-Identifier: Apache-2.0
// The simulator's DNS server, seen by c-ares.
#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "tests/apisim/apisim.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/select.h>
#include <ares.h>
// clang-format on
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct apisim *sim;
static ares_channel channel;

struct result {
    bool done;
    int status;
    char text[512]; // what came, in words
};

static void on_host(void *self, int status, int timeouts, struct hostent *h)
{
    struct result *r = self;
    (void)timeouts;
    r->done = true;
    r->status = status;
    for (int i = 0; status == ARES_SUCCESS && h->h_addr_list[i] != NULL; i++) {
        char ip[64];
        inet_ntop(h->h_addrtype, h->h_addr_list[i], ip, sizeof ip);
        size_t n = strlen(r->text);
        snprintf(r->text + n, sizeof r->text - n, "%s ", ip);
    }
}

static void on_txt(void *self, int status, int timeouts, unsigned char *answer, int n)
{
    struct result *r = self;
    struct ares_txt_reply *txt = NULL;
    (void)timeouts;
    r->done = true;
    r->status = status;
    if (status == ARES_SUCCESS && ares_parse_txt_reply(answer, n, &txt) == ARES_SUCCESS) {
        for (const struct ares_txt_reply *t = txt; t != NULL; t = t->next) {
            strncat(r->text, (const char *)t->txt, sizeof r->text - strlen(r->text) - 1);
        }
        ares_free_data(txt);
    }
}

static void wait_for(const struct result *r)
{
    int64_t until = clock_mono_ms() + 10000;
    while (!r->done) {
        ares_socket_t s[ARES_GETSOCK_MAXNUM];
        unsigned bits = (unsigned)ares_getsock(channel, s, ARES_GETSOCK_MAXNUM);
        struct pollfd fds[ARES_GETSOCK_MAXNUM];
        nfds_t n = 0;
        for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
            // c-ares' own macros shift a signed 1 into the sign.
            if ((bits & (1u << i | 1u << (i + ARES_GETSOCK_MAXNUM))) != 0) {
                fds[n++] = (struct pollfd){.fd = s[i], .events = POLLIN};
            }
        }
        assert_true(clock_mono_ms() < until);
        poll(fds, n, 50);
        for (nfds_t i = 0; i < n; i++) {
            ares_process_fd(channel, (fds[i].revents & POLLIN) != 0 ? fds[i].fd : ARES_SOCKET_BAD,
                            ARES_SOCKET_BAD);
        }
        if (n == 0) {
            ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        }
    }
}

static const char *host(const char *name, int family, int *status)
{
    static struct result r;
    r = (struct result){.done = false};
    ares_gethostbyname(channel, name, family, on_host, &r);
    wait_for(&r);
    *status = r.status;
    return r.text;
}

static void names_resolve_as_the_zone_says(void **state)
{
    (void)state;
    int status;
    // CNAME, followed; both addresses.
    const char *got =
        host("bookinfo.bookinfo-production.lead.sandbox.example.io", AF_INET, &status);
    assert_int_equal(status, ARES_SUCCESS);
    assert_non_null(strstr(got, "203.0.113.10 "));
    assert_non_null(strstr(got, "203.0.113.11 "));
    // A wildcard, at any depth; a name below it that is its own.
    assert_non_null(strstr(host("v2.Orders.staging.apps.lead.sandbox.example.io", AF_INET, &status),
                           "203.0.113.10"));
    host("admin.prod.apps.lead.sandbox.example.io", AF_INET, &status);
    assert_int_equal(status, ARES_ENOTFOUND);
    host("nowhere.lead.sandbox.example.io", AF_INET, &status);
    assert_int_equal(status, ARES_ENOTFOUND);
    host("orders.staging.apps.lead.sandbox.example.io", AF_INET6, &status); // there, but no AAAA
    assert_int_equal(status, ARES_ENODATA);
    struct result r = {.done = false};
    ares_query(channel, "*.staging.apps.lead.sandbox.example.io", 1, 16, on_txt, &r);
    wait_for(&r);
    assert_string_equal(r.text, "heritage=external-dns,external-dns/owner=default,external-dns/"
                                "resource=gateway/istio-system/app-gateway");
}

static void names_change_and_fail(void **state)
{
    (void)state;
    int status;
    assert_true(apisim_dns_set(sim, "new.example.io", "AAAA", "2001:db8::1"));
    assert_string_equal(host("new.example.io", AF_INET6, &status), "2001:db8::1 ");
    assert_false(apisim_dns_set(sim, "new.example.io", "A", "not an address"));
    assert_true(apisim_dns_set(sim, "new.example.io", "RCODE", "SERVFAIL"));
    host("new.example.io", AF_INET, &status);
    // What c-ares makes of SERVFAIL from its only server.
    assert_true(status == ARES_ESERVFAIL || status == ARES_ECONNREFUSED);
    assert_true(apisim_dns_set(sim, "new.example.io", "RCODE", "SILENT"));
    host("new.example.io", AF_INET, &status);
    assert_int_equal(status, ARES_ETIMEOUT);
    assert_true(apisim_dns_set(sim, "new.example.io", NULL, NULL));
    host("new.example.io", AF_INET, &status);
    assert_int_equal(status, ARES_ENOTFOUND);
}

int main(void)
{
    struct err err = {0};
    sim = apisim_new(NULL);
    ares_library_init(ARES_LIB_INIT_ALL);
    if (!apisim_dns_start(sim, "tests/fixtures/platform/dns.txt", 0, &err)) {
        printf("%s\n", err.msg);
        return 1;
    }
    struct ares_options o = {.timeout = 200, .tries = 1, .lookups = (char[]){"b"}};
    char server[32];
    snprintf(server, sizeof server, "127.0.0.1:%d", apisim_dns_port(sim));
    if (ares_init_options(&channel, &o, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS) !=
            ARES_SUCCESS ||
        ares_set_servers_ports_csv(channel, server) != ARES_SUCCESS) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_resolve_as_the_zone_says),
        cmocka_unit_test(names_change_and_fail),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    ares_destroy(channel);
    ares_library_cleanup();
    apisim_stop(sim);
    return rc;
}
