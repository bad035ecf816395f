// SPDX-License-Identifier: Apache-2.0
// The program on a pseudo-terminal before a simulated cluster and resolver: hosts on the screen are looked up before
// the hundreds of others, and never more than 20 a second.
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/ptyrun.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#define HOSTS 400
#define ROWS 21
#define SLACK                                                                                      \
    10 // questions of other hosts that may be on their way when the screen changes: half a second

static char *program;

struct child {
    const char *view, *config, *resolver;
};

static int start(void *arg)
{
    const struct child *c = arg;
    execl(program, "gatetop", c->view, "--kubeconfig", c->config, "--resolver", c->resolver, NULL);
    return 127;
}

static void apply(struct apisim *sim, const char *json)
{
    struct err err = {0};
    if (apisim_apply(sim, json, &err) == 0) {
        fail_msg("%s: %s", err.msg, json);
    }
}

static void fill(struct apisim *sim)
{
    apply(sim, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"shop\"}}");
    apply(sim,
          "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"Gateway\",\"metadata\":{\"name\":"
          "\"gw\",\"namespace\":\"shop\",\"annotations\":{\"external-dns.kubernetes.io/target\":"
          "\"192.0.2.1\"}},\"spec\":{\"selector\":{\"istio\":\"x\"},\"servers\":[{\"port\":{"
          "\"number\":80,\"name\":\"http\",\"protocol\":\"HTTP\"},\"hosts\":[\"shop/"
          "anything.example.net\"]}]}}");
    for (int i = 0; i < HOSTS; i++) {
        char *vs = xasprintf(
            "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"metadata\":{"
            "\"name\":\"h%03d\",\"namespace\":\"shop\",\"annotations\":{\"external-dns.kubernetes."
            "io/target\":\"192.0.2.1\"}},\"spec\":{\"hosts\":[\"h%03d.example.com\"],\"gateways\":["
            "\"gw\"],\"http\":[{\"route\":[{\"destination\":{\"host\":\"web\"}}]}]}}",
            i, i);
        apply(sim, vs);
        free(vs);
    }
}

// The number of the host in the n-th row of the screen, -1 if there is none.
static int host_in_row(struct pty *p, int row)
{
    const char *at = strstr(pty_row(p, row), ".example.com");
    int n;
    return at != NULL && at - pty_row(p, row) >= 4 && sscanf(at - 4, "h%3d", &n) == 1 ? n : -1;
}

static bool full_of_hosts(struct pty *p, const void *arg)
{
    int n = 0;
    (void)arg;
    for (int row = 0; row < pty_row_count(p); row++) {
        n += host_in_row(p, row) >= 0;
    }
    return n >= ROWS - 13; // header, titles, footer, and what explains a row
}

struct log {
    bool wanted[HOSTS]; // on screen
    bool asked[HOSTS];
    size_t skip, n; // questions before this one are passed over; all questions
    int open, others;
    int64_t first, last;
};

static void read_question(void *self, const struct apisim_question *q)
{
    struct log *l = self;
    l->first = l->n == 0 ? q->at_ms : l->first;
    l->last = q->at_ms;
    int host;
    bool is_host = sscanf(q->name, "h%3d.example.com", &host) == 1 && q->type == 1;
    if (is_host && host >= 0 && host < HOSTS && !l->asked[host]) {
        l->asked[host] = true;
        l->open -= l->wanted[host] ? 1 : 0;
        l->others += !l->wanted[host] && l->n >= l->skip && l->open > 0 ? 1 : 0;
    }
    l->n++;
}

// Reads what is on screen and waits until all of it was asked: before more than SLACK others were.
static void screen_is_asked_first(struct pty *p, struct apisim *sim, size_t before, int first)
{
    struct log l = {.skip = before};
    for (int row = 0; row < pty_row_count(p); row++) {
        int host = host_in_row(p, row);
        if (host >= 0 && !l.wanted[host]) {
            l.wanted[host] = true;
            l.open++;
        }
    }
    assert_true(l.open >= 5);
    assert_true(l.wanted[first]);
    int64_t until = clock_mono_ms() + PTY_WAIT_MS;
    struct log now;
    do {
        pty_drain(p);
        now = l;
        apisim_dns_questions(sim, read_question, &now);
    } while (now.open > 0 && clock_mono_ms() < until);
    if (now.open > 0 || now.others > SLACK) {
        fail_msg("%d of the screen not asked, %d others asked before", now.open, now.others);
    }
}

static size_t asked_so_far(struct apisim *sim)
{
    struct log l = {.n = 0};
    apisim_dns_questions(sim, read_question, &l);
    return l.n;
}

static void what_is_on_screen_is_asked_first(const char *view)
{
    struct err err;
    char *dir = tempdir_new();
    struct apisim *sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    fill(sim);
    assert_true(apisim_dns_start(sim, NULL, 0, &err));
    assert_true(apisim_dns_set(sim, "*.example.com", "A", "192.0.2.1"));
    char *config = xasprintf("%s/config", dir),
         *resolver = xasprintf("127.0.0.1:%d", apisim_dns_port(sim));
    assert_true(apisim_write_kubeconfig(sim, config, NULL, &err));
    struct child c = {view, config, resolver};
    const struct pty_options o = {.rows = ROWS, .columns = 150, .child = start, .arg = &c};
    struct pty *p = pty_start(&o);
    assert_true(pty_wait_text(p, "h000.example.com"));
    assert_true(pty_wait(p, full_of_hosts, NULL));
    assert_true(pty_wait_gone(p, "loading"));
    screen_is_asked_first(p, sim, asked_so_far(sim), 0);
    pty_type(p, "G");
    assert_true(pty_wait_text(p, "h399.example.com"));
    screen_is_asked_first(p, sim, asked_so_far(sim), 399);
    struct log all = {.n = 0};
    apisim_dns_questions(sim, read_question, &all);
    double seconds = (double)(all.last - all.first) / 1000;
    printf("# %s: %zu questions in %.1f s\n", view, all.n, seconds);
    assert_true((double)all.n <= 20 * seconds + 20); // a second's worth may have been held up
    pty_type(p, "q");
    assert_int_equal(pty_wait_exit(p), 0);
    pty_free(p);
    apisim_stop(sim);
    free(config);
    free(resolver);
    tempdir_free(dir);
}

static void records(void **state)
{
    (void)state;
    what_is_on_screen_is_asked_first("dns");
}

static void applications(void **state)
{
    (void)state;
    what_is_on_screen_is_asked_first("apps");
}

int main(void)
{
    program = shell_built("gatetop");
    const struct CMUnitTest tests[] = {cmocka_unit_test(records), cmocka_unit_test(applications)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(program);
    return failed;
}
