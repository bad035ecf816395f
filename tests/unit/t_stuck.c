// SPDX-License-Identifier: Apache-2.0
// Whatever a thread computes, keys, a resize, a change of context, quit and SIGTERM hold their time: nobody waits for a
// thread that computes for ever (docs/ARCHITECTURE.md). The program is build/release/stuck: tests/stuck/stuck.c.
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

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { LIMIT_MS = 100, TRIES = 4, PATIENCE_MS = 30000 };

static char *program;

struct scene {
    struct apisim *one, *other;
    char *dir, *config, *trigger, *begun, *variable;
    bool early; // it has work at the start only
    struct pty *pty;
};

// The gateway's Service, at an address that refuses a handshake at once.
static const char SERVICE[] =
    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"istio-ingressgateway\","
    "\"namespace\":\"istio-system\"},\"spec\":{\"type\":\"LoadBalancer\",\"selector\":{\"app\":"
    "\"istio-ingressgateway\",\"istio\":\"ingressgateway\"},\"ports\":[{\"name\":\"https\",\"port\":"
    "443,\"targetPort\":8443,\"protocol\":\"TCP\"}]},\"status\":{\"loadBalancer\":{\"ingress\":[{"
    "\"ip\":\"127.0.0.1\"}]}}}";

static struct apisim *server(void)
{
    struct err err;
    struct apisim *sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    assert_true(apisim_load(sim, "tests/fixtures/platform", &err));
    assert_true(apisim_apply(sim, SERVICE, &err) != 0);
    return sim;
}

static void write_config(struct scene *s)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters:\n"
             "- {name: one, cluster: {server: \"%s\", certificate-authority: one.crt}}\n"
             "- {name: other, cluster: {server: \"%s\", certificate-authority: other.crt}}\n"
             "users:\n- {name: admin, user: {token: admin-token}}\ncontexts:\n"
             "- {name: one, context: {cluster: one, user: admin}}\n"
             "- {name: other, context: {cluster: other, user: admin}}\n",
             apisim_url(s->one), apisim_url(s->other));
    tempdir_write(s->dir, "one.crt", apisim_ca_pem(s->one), 0600);
    tempdir_write(s->dir, "other.crt", apisim_ca_pem(s->other), 0600);
    tempdir_write(s->dir, "config", b.data, 0600);
    s->config = xasprintf("%s/config", s->dir);
    buf_release(&b);
}

static int start(void *arg)
{
    struct scene *s = arg;
    char view[] = "gateways", config[] = "--kubeconfig", tls[] = "--probe-tls",
         resolver[] = "--resolver", nobody[] = "127.0.0.1:9";
    char *argv[] = {program, view, config, s->config, tls, resolver, nobody, NULL};
    execv(program, argv);
    return 127;
}

static void scene_make(struct scene *s, const char *thread)
{
    *s = (struct scene){.dir = tempdir_new(), .one = server(), .other = server()};
    write_config(s);
    s->trigger = xasprintf("%s/trigger", s->dir);
    s->begun = xasprintf("%s.begun", s->trigger);
    s->variable = xasprintf("GATETOP_STUCK=%s=%s", thread, s->trigger);
}

// The thread computes for ever from now on.
static void hold_up(struct scene *s)
{
    struct err err;
    if (!s->early) {
        tempdir_write(s->dir, "trigger", "", 0600);
    }
    // Something new for each of them.
    assert_true(apisim_apply(s->one,
                             "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"Gateway\","
                             "\"metadata\":{\"name\":\"a-new-one\",\"namespace\":\"portal\"}}",
                             &err) != 0);
    pty_type(s->pty, "S");
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    while (access(s->begun, F_OK) != 0) {
        assert_true(clock_mono_ms() < end);
        pty_drain(s->pty);
        poll(NULL, 0, 5);
    }
}

// Starts the program, and waits until all is there.
static void scene_start(struct scene *s)
{
    const char *env[] = {s->variable, NULL};
    const struct pty_options o = {.rows = 30, .columns = 120, .child = start, .arg = s, .env = env};
    s->pty = pty_start(&o);
    assert_true(pty_wait_text(s->pty, "gatetop  one"));
    assert_true(pty_wait_text(s->pty, "connected"));
    assert_true(pty_wait_text(s->pty, "bookinfo-gateway"));
}

static void scene_begin(struct scene *s, const char *thread)
{
    scene_make(s, thread);
    s->early = strcmp(thread, "tls") == 0;
    if (s->early) {
        tempdir_write(s->dir, "trigger", "", 0600);
    }
    scene_start(s);
    hold_up(s);
}

static void scene_end(struct scene *s)
{
    if (s->pty != NULL) {
        pty_free(s->pty);
    }
    apisim_stop(s->one);
    apisim_stop(s->other);
    free(s->config);
    free(s->trigger);
    free(s->begun);
    free(s->variable);
    tempdir_free(s->dir);
}

// --- what is measured, in ms

static int64_t key(struct scene *s)
{
    int64_t since = clock_mono_ms();
    pty_type(s->pty, "?");
    assert_true(pty_wait_text(s->pty, "Keys"));
    int64_t took = clock_mono_ms() - since;
    pty_type(s->pty, "?");
    assert_true(pty_wait_gone(s->pty, "Keys"));
    return took;
}

static int64_t quit(struct scene *s, int sig)
{
    int64_t since = clock_mono_ms();
    if (sig != 0) {
        kill(pty_pid(s->pty), sig);
    } else {
        pty_type(s->pty, "q");
    }
    int status = pty_wait_exit(s->pty);
    int64_t took = clock_mono_ms() - since;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), sig != 0 ? 128 + sig : 0);
    assert_false(pty_alternate(s->pty));
    assert_true(pty_cursor_visible(s->pty));
    return took;
}

static void least(int64_t *of, int64_t took)
{
    *of = took < *of ? took : *of;
}

enum { KEY, RESIZE, CONTEXT, QUIT, TERMINATE, MEASURES };

static bool too_late(const int64_t took[MEASURES])
{
    bool late = false;
    for (int i = 0; i < MEASURES; i++) {
        late = late || took[i] > LIMIT_MS;
    }
    return late;
}

// q in the context that was changed to, SIGTERM in the one whose thread computes.
static void measure(const char *thread, int64_t took[MEASURES])
{
    struct scene s;
    scene_begin(&s, thread);
    least(&took[KEY], key(&s));
    least(&took[RESIZE], dashboard_resize_ms(s.pty));
    least(&took[CONTEXT], dashboard_context_ms(s.pty, "other"));
    assert_true(pty_wait_text(s.pty, "connected"));
    least(&took[QUIT], quit(&s, 0));
    scene_end(&s);
    scene_begin(&s, thread);
    least(&took[TERMINATE], quit(&s, SIGTERM));
    scene_end(&s);
}

static void no_thread_holds_up_the_screen(void **state)
{
    (void)state;
    static const char *const threads[] = {"io", "rows", "dns", "tls"};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        int64_t took[] = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
        for (int try = 0; try < TRIES && too_late(took); try++) {
            measure(threads[i], took);
        }
        printf(
            "# %s: key %lld ms, resize %lld ms, context %lld ms, quit %lld ms, SIGTERM %lld ms\n",
            threads[i], (long long)took[KEY], (long long)took[RESIZE], (long long)took[CONTEXT],
            (long long)took[QUIT], (long long)took[TERMINATE]);
        assert_false(too_late(took));
    }
}

// After the change of context the new cluster is shown, while the thread of the old one still computes.
static void another_context_is_shown(void **state)
{
    (void)state;
    struct scene s;
    struct err err;
    scene_begin(&s, "io");
    (void)dashboard_context_ms(s.pty, "other");
    assert_true(pty_wait_text(s.pty, "bookinfo-gateway"));
    assert_true(apisim_apply(s.other,
                             "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"Gateway\","
                             "\"metadata\":{\"name\":\"a-later-one\",\"namespace\":\"portal\"}}",
                             &err) != 0);
    assert_true(pty_wait_text(s.pty, "a-later-one"));
    assert_false(pty_has(s.pty, "a-new-one"));
    (void)quit(&s, 0);
    scene_end(&s);
}

// A large object is announced before it is judged, and the rows that were there stay there.
static void what_the_thread_works_at_is_said(void **state)
{
    (void)state;
    enum { HOSTS = 20000 };
    struct scene s;
    struct err err;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(
        &b,
        "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"metadata\":{"
        "\"name\":\"large\",\"namespace\":\"portal\"},\"spec\":{\"gateways\":[\"gw\"],\"hosts\":["
        "\"last.example.com\"");
    for (int i = 1; i < HOSTS; i++) {
        buf_addf(&b, ",\"h%d.example.com\"", i);
    }
    buf_adds(&b, "],\"http\":[{\"route\":[{\"destination\":{\"host\":\"x\"}}]}]}}");
    scene_make(&s, "none");
    scene_start(&s);
    assert_true(apisim_apply(s.one, b.data, &err) != 0);
    assert_true(pty_wait_text(s.pty, "working: VirtualService portal/large, 20,000 hosts"));
    assert_true(pty_has(s.pty, "bookinfo-gateway"));
    assert_true(pty_wait_text(s.pty, "connected"));
    pty_type(s.pty, ":apps\r/last.example.com\r");
    assert_true(pty_wait_text(s.pty, " last.example.com"));
    (void)quit(&s, 0);
    buf_release(&b);
    scene_end(&s);
}

static void a_subcommand_ends_as_well(void **state)
{
    (void)state;
    struct scene s;
    scene_make(&s, "io");
    tempdir_write(s.dir, "trigger", "", 0600);
    char *line = xasprintf("%s LC_ALL=C.UTF-8 '%s' get apps --kubeconfig %s --request-timeout 1 "
                           ">%s/out 2>&1",
                           s.variable, program, s.config, s.dir);
    int64_t since = clock_mono_ms();
    int status = system(line);
    int64_t took = clock_mono_ms() - since;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_true(took < 5000);
    assert_int_equal(access(s.begun, F_OK), 0);
    free(line);
    scene_end(&s);
}

int main(void)
{
    program = shell_built("stuck");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_holds_up_the_screen),
        cmocka_unit_test(another_context_is_shown),
        cmocka_unit_test(what_the_thread_works_at_is_said),
        cmocka_unit_test(a_subcommand_ends_as_well),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(program);
    return failed;
}
