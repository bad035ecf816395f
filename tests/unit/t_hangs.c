// SPDX-License-Identifier: Apache-2.0
// Whatever the network does, the program itself on a pseudo-terminal answers a resize, a change of context
// and quit at once: under 100 ms in every fault (docs/rules/kubernetes-client.md#simulator-faults), under a
// sanitizer five times that.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim.h"
#include "tests/support/dashboard_times.h"
#include "tests/support/ptyrun.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"
#include "tests/support/wireproxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#ifdef GATETOP_SANITIZED
enum { LIMIT_MS = 500 };
#else
enum { LIMIT_MS = 100 };
#endif
// On a busy machine any turn may be late; what waits for the network is late each time.
enum { TRIES = 4, PATIENCE_MS = 30000 };

static char *program;

enum place { TO_SIM, TO_FULL_BACKLOG, TO_HANGING_SERVER, BY_HANGING_HTTP, BY_HANGING_SOCKS };

struct fault {
    const char *name;
    const char *rule;   // of the simulator, NULL: none
    const char *rule2;  // one more
    const char *plugin; // a shell script as credential plugin
    enum place place;
    bool live;      // it begins when everything has been read
    bool blackhole; // the whole server
    bool refuse;    // and what is open is cut
    bool many;      // a large cluster
};

#define GOOD_PLUGIN                                                                                \
    "printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","     \
    "\"status\":{\"token\":\"admin-token\"}}'\n"

static const struct fault faults[] = {
    {.name = "nothing wrong", .live = true},
    {.name = "black hole", .blackhole = true},
    {.name = "black hole later", .blackhole = true, .live = true},
    {.name = "black hole by connection",
     .rule = "blackhole verb=watch",
     .rule2 = "blackhole verb=list"},
    {.name = "connect hangs", .place = TO_FULL_BACKLOG},
    {.name = "TLS hangs", .place = TO_HANGING_SERVER},
    {.name = "HTTP proxy hangs", .place = BY_HANGING_HTTP},
    {.name = "SOCKS proxy hangs", .place = BY_HANGING_SOCKS},
    {.name = "connection refused", .refuse = true},
    {.name = "connection refused later", .refuse = true, .live = true},
    {.name = "slow headers", .rule = "delay=600000"},
    {.name = "slow headers of lists", .rule = "delay=600000 verb=list"},
    {.name = "slow headers of watches", .rule = "delay=600000 verb=watch"},
    {.name = "endless lists", .rule = "drip=500 verb=watch", .rule2 = "drip=500 verb=list"},
    {.name = "slow link", .rule = "rate=2000"},
    {.name = "one byte at a time",
     .rule = "chunk=1 verb=watch",
     .rule2 = "chunk=1 verb=list",
     .many = true},
    {.name = "large lists",
     .rule = "chunk=16384 verb=watch",
     .rule2 = "chunk=16384 verb=list",
     .many = true},
    {.name = "a large cluster", .live = true, .many = true},
    {.name = "5xx storm", .rule = "status=503 body=html"},
    {.name = "5xx storm later", .rule = "status=500 body=text", .live = true},
    {.name = "429", .rule = "status=429 retry-after=30"},
    {.name = "401 loop", .rule = "status=401"},
    {.name = "401 loop with a plugin", .rule = "status=401", .plugin = GOOD_PLUGIN},
    {.name = "401 loop with a plugin later",
     .rule = "status=401",
     .plugin = GOOD_PLUGIN,
     .live = true},
    {.name = "plugin hangs", .plugin = "trap '' TERM INT HUP\nsleep 300 & wait\nsleep 300\n"},
    {.name = "plugin talks without end", .plugin = "yes\n"},
    {.name = "plugin fails", .plugin = "echo no >&2\nexit 1\n"},
    {.name = "no answer", .rule = "drop"},
    {.name = "no answer, reset", .rule = "drop how=rst", .live = true},
    {.name = "lists cut",
     .rule = "cut=rand:2000 verb=watch how=rst",
     .rule2 = "cut=rand:2000 verb=list how=rst"},
    {.name = "streams reset",
     .rule = "cut=10 how=stream verb=watch",
     .rule2 = "cut=10 how=stream verb=list"},
    {.name = "connections going away",
     .rule = "cut=1 how=goaway verb=list",
     .rule2 = "end=1 verb=watch"},
    {.name = "corruption", .rule = "corrupt=rand:500"},
    {.name = "history compacted", .rule = "compact verb=watch"},
};

// --- the scene: a server with the fault, another one without, a configuration that names both

struct scene {
    const struct fault *f;
    char *dir, *config, *resolver;
    struct apisim *bad, *good;
    struct wireproxy *hangs;
    int backlog, fill[8]; // a listener that takes no more connections
    int silent;           // a name server that says nothing
    int rule;
    char *more[4]; // words for the program, NULL: none
    struct pty *pty;
};

static int port_of(int fd)
{
    struct sockaddr_in at;
    socklen_t n = sizeof at;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    return ntohs(at.sin_port);
}

static int bound(int type)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void fill_backlog(struct scene *s)
{
    s->backlog = bound(SOCK_STREAM);
    assert_int_equal(listen(s->backlog, 0), 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port_of(s->backlog))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 8; i++) {
        s->fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(s->fill[i], (struct sockaddr *)&at, sizeof at);
    }
}

static void write_config(struct scene *s)
{
    const struct fault *f = s->f;
    struct buf b;
    buf_init(&b, 0);
    char *server = f->place == TO_FULL_BACKLOG
                       ? xasprintf("https://127.0.0.1:%d", port_of(s->backlog))
                   : f->place == TO_HANGING_SERVER
                       ? xasprintf("https://127.0.0.1:%d", wireproxy_port(s->hangs))
                       : xstrdup(apisim_url(s->bad));
    buf_addf(&b,
             "apiVersion: v1\nkind: Config\ncurrent-context: bad\nclusters:\n"
             "- {name: bad, cluster: {server: \"%s\", certificate-authority: bad.crt",
             server);
    if (f->place == BY_HANGING_HTTP || f->place == BY_HANGING_SOCKS) {
        buf_addf(&b, ", proxy-url: \"%s://127.0.0.1:%d\"",
                 f->place == BY_HANGING_HTTP ? "http" : "socks5", wireproxy_port(s->hangs));
    }
    buf_addf(&b,
             "}}\n- {name: good, cluster: {server: \"%s\", certificate-authority: good.crt}}\n"
             // passes every check of the configuration, and cannot be connected to
             "- {name: never, cluster: {server: \"https://127.0.0.1:1\", proxy-url: "
             "\"http://u:%0300d@127.0.0.1:1\"}}\n"
             "users:\n- {name: good, user: {token: admin-token}}\n",
             apisim_url(s->good), 0);
    if (f->plugin != NULL) {
        buf_adds(&b, "- {name: bad, user: {exec: {apiVersion: client.authentication.k8s.io/v1, "
                     "command: ./plugin, interactiveMode: Never}}}\n");
        char *script = xasprintf("#!/bin/sh\necho run >>\"${0%%/*}/runs\"\n%s", f->plugin);
        tempdir_write(s->dir, "plugin", script, 0700);
        free(script);
    } else {
        buf_adds(&b, "- {name: bad, user: {token: admin-token}}\n");
    }
    buf_adds(&b, "contexts:\n- {name: bad, context: {cluster: bad, user: bad}}\n"
                 "- {name: good, context: {cluster: good, user: good}}\n"
                 "- {name: never, context: {cluster: never, user: good}}\n");
    tempdir_write(s->dir, "bad.crt", apisim_ca_pem(s->bad), 0600);
    tempdir_write(s->dir, "good.crt", apisim_ca_pem(s->good), 0600);
    tempdir_write(s->dir, "config", b.data, 0600);
    s->config = xasprintf("%s/config", s->dir);
    free(server);
    buf_release(&b);
}

static int start(void *arg)
{
    struct scene *s = arg;
    char view[] = "gateways", config[] = "--kubeconfig", resolver[] = "--resolver";
    char *argv[] = {program,    view,       config,     s->config,  resolver, s->resolver,
                    s->more[0], s->more[1], s->more[2], s->more[3], NULL};
    execv(program, argv);
    return 127;
}

static struct apisim *server(bool many)
{
    struct err err;
    struct apisim *sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    assert_true(apisim_load(sim, "tests/fixtures/platform", &err));
    if (many) {
        apisim_generate(sim, 900);
    }
    return sim;
}

static void add_rule(struct scene *s, const char *rule)
{
    struct err err = {0};
    s->rule = apisim_fault(s->bad, rule, &err);
    if (s->rule < 0) {
        fail_msg("%s", err.msg);
    }
}

static void begin_fault(struct scene *s)
{
    const struct fault *f = s->f;
    if (f->rule2 != NULL) {
        add_rule(s, f->rule2);
    }
    if (f->rule != NULL) {
        add_rule(s, f->rule);
    }
    if (f->blackhole) {
        apisim_blackhole(s->bad, true);
    }
    if (f->refuse) {
        apisim_refuse(s->bad, true);
        apisim_drop_connections(s->bad, true);
    }
    if (f->live && f->rule != NULL) {
        apisim_end_watches(s->bad, NULL); // what follows meets the fault
    }
}

static bool title_ends(struct pty *p, const void *arg)
{
    return str_ends(pty_row(p, 2), arg);
}

static void scene_start(struct scene *s)
{
    const struct pty_options o = {.rows = 30, .columns = 120, .child = start, .arg = s};
    s->pty = pty_start(&o);
}

static void scene_make(struct scene *s, const struct fault *f)
{
    *s = (struct scene){.f = f, .rule = -1, .backlog = -1};
    s->dir = tempdir_new();
    s->bad = server(f->many);
    s->good = server(false);
    s->hangs = wireproxy_start(WIREPROXY_HANGS, 0);
    s->silent = bound(SOCK_DGRAM);
    s->resolver = xasprintf("127.0.0.1:%d", port_of(s->silent));
    if (f->place == TO_FULL_BACKLOG) {
        fill_backlog(s);
    }
    write_config(s);
}

static void scene_begin(struct scene *s, const struct fault *f)
{
    scene_make(s, f);
    if (!f->live) {
        begin_fault(s);
    }
    scene_start(s);
    assert_true(pty_wait_text(s->pty, "gatetop  bad"));
    if (f->live) {
        assert_true(pty_wait_text(s->pty, "connected"));
        char *rows = xasprintf(" %d", (int)apisim_count(s->bad, "gateways.networking.istio.io"));
        assert_true(pty_wait(s->pty, title_ends, rows));
        free(rows);
        begin_fault(s);
    }
}

static void scene_end(struct scene *s)
{
    pty_free(s->pty);
    apisim_stop(s->bad);
    apisim_stop(s->good);
    wireproxy_stop(s->hangs);
    close(s->silent);
    if (s->backlog >= 0) {
        for (int i = 0; i < 8; i++) {
            close(s->fill[i]);
        }
        close(s->backlog);
    }
    free(s->config);
    free(s->resolver);
    tempdir_free(s->dir);
}

static bool plugin_ran(const struct scene *s)
{
    char *path = xasprintf("%s/runs", s->dir);
    bool ran = access(path, F_OK) == 0;
    free(path);
    return ran;
}

// The program meets the fault now.
static bool in_effect(struct scene *s)
{
    const struct fault *f = s->f;
    if (f->place == TO_HANGING_SERVER || f->place == BY_HANGING_HTTP ||
        f->place == BY_HANGING_SOCKS) {
        return wireproxy_accepted(s->hangs) > 0;
    }
    if (f->plugin != NULL && f->rule == NULL) {
        return plugin_ran(s);
    }
    return f->rule == NULL || apisim_fault_count(s->bad, s->rule) > 0;
}

static void wait_for_effect(struct scene *s)
{
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    while (!in_effect(s)) {
        if (clock_mono_ms() > end) {
            fail_msg("%s: the fault was not met", s->f->name);
        }
        pty_drain(s->pty);
        poll(NULL, 0, 5);
    }
}

// --- what is measured, in ms

static int64_t quit(struct scene *s)
{
    int64_t since = clock_mono_ms();
    pty_type(s->pty, "q");
    assert_int_equal(pty_wait_exit(s->pty), 0);
    int64_t took = clock_mono_ms() - since;
    assert_false(pty_alternate(s->pty));
    return took;
}

static void least(int64_t *of, int64_t took)
{
    *of = took < *of ? took : *of;
}

static void each_fault(void **state)
{
    (void)state;
    const char *only = getenv("GATETOP_FAULT");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        int64_t resized = INT64_MAX, gone = INT64_MAX, ended = INT64_MAX;
        if (only != NULL && strcmp(only, faults[i].name) != 0) {
            continue;
        }
        for (int try = 0;
             try < TRIES && (resized > LIMIT_MS || gone > LIMIT_MS || ended > LIMIT_MS); try++) {
            struct scene s;
            scene_begin(&s, &faults[i]);
            wait_for_effect(&s);
            least(&resized, dashboard_resize_ms(s.pty));
            least(&gone, dashboard_context_ms(s.pty, "good"));
            assert_true(pty_wait_text(s.pty, "connected"));
            (void)dashboard_context_ms(s.pty, "bad"); // and back, so that quit meets the fault, too
            least(&ended, quit(&s));
            scene_end(&s);
        }
        printf("# %s: resize %lld ms, context %lld ms, quit %lld ms\n", faults[i].name,
               (long long)resized, (long long)gone, (long long)ended);
        fflush(stdout);
        assert_true(resized <= LIMIT_MS);
        assert_true(gone <= LIMIT_MS);
        assert_true(ended <= LIMIT_MS);
    }
}

static void a_context_that_cannot_be_opened_leaves_the_one_before(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, &faults[0]);
    pty_type(s.pty, ":ctx never\r");
    assert_true(pty_wait_text(s.pty, "proxy-url is longer than 255 bytes"));
    assert_true(pty_wait_text(s.pty, "gatetop  bad"));
    // What changes is still seen.
    struct err err;
    assert_true(apisim_apply(s.bad,
                             "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"Gateway\","
                             "\"metadata\":{\"name\":\"a-new-one\",\"namespace\":\"portal\"}}",
                             &err) != 0);
    assert_true(pty_wait_text(s.pty, "a-new-one"));
    pty_type(s.pty, ":ctx good\r");
    assert_true(pty_wait_text(s.pty, "gatetop  good"));
    (void)quit(&s);
    scene_end(&s);
}

static void look_for_refused(void *self, const struct apisim_seen *r)
{
    *(bool *)self |= r->status == 401;
}

// Options that say where and who are of the context they were given with.
static void options_of_one_context_do_not_go_to_another(void **state)
{
    (void)state;
    struct scene s;
    struct fault f = {.name = "options", .place = TO_HANGING_SERVER}; // what the file says of "bad"
    scene_make(&s, &f);
    apisim_user(s.bad, "admin", "token-of-the-option");
    char server[] = "--server", token[] = "--token", value[] = "token-of-the-option";
    char *url = xstrdup(apisim_url(s.bad));
    s.more[0] = server;
    s.more[1] = url;
    s.more[2] = token;
    s.more[3] = value;
    scene_start(&s);
    assert_true(pty_wait_text(s.pty, "connected"));
    for (int round = 0; round < 2; round++) {
        pty_type(s.pty, ":ctx good\r");
        assert_true(pty_wait_text(s.pty, "gatetop  good"));
        assert_true(pty_wait_text(s.pty, "connected"));
        assert_true(apisim_wait_requests(s.good, "watch", NULL, 1, PATIENCE_MS));
        bool refused = false;
        apisim_requests(s.good, look_for_refused, &refused);
        assert_false(refused);
        pty_type(s.pty, ":ctx bad\r"); // and they are there again with it
        assert_true(pty_wait_text(s.pty, "gatetop  bad"));
        assert_true(pty_wait_text(s.pty, "connected"));
    }
    (void)quit(&s);
    free(url);
    scene_end(&s);
}

int main(void)
{
    program = shell_built("gatetop");
    setenv("ASAN_OPTIONS", "detect_leaks=0",
           1); // of the program: its search is no part of quitting
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault),
        cmocka_unit_test(a_context_that_cannot_be_opened_leaves_the_one_before),
        cmocka_unit_test(options_of_one_context_do_not_go_to_another),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(program);
    return failed;
}
