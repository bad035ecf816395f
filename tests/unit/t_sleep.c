// SPDX-License-Identifier: Apache-2.0
// Time that jumps, under a live session: a laptop that was asleep (docs/rules/kubernetes-client.md#connection-sleep), a
// day that passed (docs/rules/kubernetes-client.md#connection-generation), watches whose time is up
// (docs/rules/kubernetes-client.md#watch-timeout). The test moves the clocks of this program; nothing waits for
// them.
#define _DEFAULT_SOURCE // syscall
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/store/session.h"

#include "tests/apisim/apisim.h"
#include "tests/support/simsession.h"
#include "tests/support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 30000, MINUTE = 60, HOUR = 3600 };

// --- the clocks: this definition goes before libc's in every part of the program

static _Atomic int64_t ran, slept; // seconds by which the test has moved the clocks: awake, asleep

int clock_gettime(clockid_t id, struct timespec *ts)
{
    int rc = (int)syscall(SYS_clock_gettime, id, ts);
    if (rc == 0 && id == CLOCK_MONOTONIC) {
        ts->tv_sec += atomic_load(&ran);
    } else if (rc == 0 && (id == CLOCK_BOOTTIME || id == CLOCK_REALTIME)) {
        ts->tv_sec += atomic_load(&ran) + atomic_load(&slept);
    }
    return rc;
}

static int64_t real_ms(void)
{
    return clock_mono_ms() - atomic_load(&ran) * 1000;
}

// --- a session

struct scene {
    char *dir;
    struct apisim *sim;
    struct simsession live;
};

// With the user "admin" by token, or by this plugin.
static void scene_open(struct scene *s, const struct apisim_options *sim, const char *plugin)
{
    struct err err = {0};
    *s = (struct scene){.dir = tempdir_new()};
    s->sim = apisim_start(sim, &err);
    assert_non_null(s->sim);
    assert_true(apisim_load(s->sim, "tests/fixtures/platform", &err));
    assert_true(http_global_init(&err));
    const struct session_options o = {
        .kinds = KIND_SET_ALL,
        .client = {.jitter_ms = 10, .backoff_first_ms = 10, .backoff_max_ms = 100},
    };
    if (plugin == NULL) {
        simsession_start_admin(&s->live, s->sim, &o);
        return;
    }
    char *config = xasprintf(
        "clusters: [{name: c, cluster: {server: \"%s\", certificate-authority: ca.crt}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, "
        "command: ./plugin, interactiveMode: Never}}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n",
        apisim_url(s->sim));
    tempdir_write(s->dir, "ca.crt", apisim_ca_pem(s->sim), 0600);
    tempdir_write(s->dir, "plugin", plugin, 0700);
    tempdir_write(s->dir, "config", config, 0600);
    char *path = xasprintf("%s/config", s->dir);
    simsession_start(&s->live, path, &o);
    free(path);
    free(config);
}

static void scene_close(struct scene *s)
{
    simsession_stop(&s->live);
    apisim_stop(s->sim);
    tempdir_free(s->dir);
}

// Waits for a snapshot that fulfils the condition. Every one on the way is shown to `each` (may be NULL).
static void wait_for(struct scene *s, bool (*holds)(struct scene *s, const struct snapshot *x),
                     void (*each)(const struct snapshot *x))
{
    int64_t end = real_ms() + PATIENCE_MS;
    for (;;) {
        const struct snapshot *x = session_latest(s->live.session);
        if (x != NULL && each != NULL) {
            each(x);
        }
        bool enough = x != NULL && holds(s, x);
        snapshot_unref(x);
        if (enough) {
            return;
        }
        if (real_ms() > end) {
            fail_msg("the snapshot that was waited for did not come");
        }
        simsession_wait(&s->live, 20); // conditions of the server make no byte
    }
}

static int watched_kinds(const struct snapshot *x, enum sync_state state)
{
    int n = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        n += x->states[k].state == state && kinds[k].reading == READ_WHOLE;
    }
    return n;
}

// What the server was asked so far.
struct asked {
    uint64_t conn; // the newest connection
    size_t watches, lists;
};

static void see(void *self, const struct apisim_seen *r)
{
    struct asked *n = self;
    n->conn = r->conn > n->conn ? r->conn : n->conn;
    bool stream = strstr(r->target, "sendInitialEvents=true") != NULL;
    n->watches += strcmp(r->verb, "watch") == 0 && !stream;
    stream = stream && r->status == 200;
    // Deployments are read once, and one namespace is the guard against a server that went back in time.
    n->lists +=
        stream || (strcmp(r->verb, "list") == 0 && strstr(r->target, "/deployments") == NULL &&
                   !str_ends(r->target, "?limit=1"));
}

static struct asked asked_of(struct scene *s)
{
    struct asked n = {0};
    apisim_requests(s->sim, see, &n);
    return n;
}

// Everything is live, and what was listed is being watched.
static bool all_live(struct scene *s, const struct snapshot *x)
{
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        bool read = kinds[k].reading == READ_WHOLE || kinds[k].reading == READ_METADATA ||
                    k == KIND_EVENT || k == KIND_POD;
        if (read && x->states[k].state != SYNC_LIVE) {
            return false;
        }
    }
    return x->cluster.connected && apisim_open_watches(s->sim, NULL) == asked_of(s).lists;
}

static bool asleep_is_said(struct scene *s, const struct snapshot *x)
{
    (void)s;
    return !x->cluster.connected && strstr(x->cluster.connection, "asleep") != NULL;
}

static bool has_new(struct scene *s, const struct snapshot *x)
{
    return all_live(s, x) && snapshot_get(x, KIND_SERVICE, "toolchain", "brand-new") != NULL;
}

static void add_new(struct scene *s)
{
    struct err err;
    assert_true(apisim_apply(s->sim,
                             "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":"
                             "\"brand-new\",\"namespace\":\"toolchain\"},\"spec\":{\"ports\":[]}}",
                             &err) != 0);
}

// Moves the clocks; the thread looks at them now instead of at its next turn.
static void pass(struct scene *s, int64_t awake, int64_t asleep)
{
    atomic_fetch_add(&ran, awake);
    atomic_fetch_add(&slept, asleep);
    session_relist(s->live.session, 0);
}

// --- sleep

static void after_sleep_every_watch_goes_on_over_a_new_connection(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, NULL, NULL);
    wait_for(&s, all_live, NULL);
    struct asked before = asked_of(&s);
    size_t open = apisim_open_watches(s.sim, NULL);
    apisim_blackhole(s.sim, true); // of the old connection, as after a change of networks
    atomic_fetch_add(&slept, 31);  // nothing wakes the thread
    int64_t woke = real_ms();
    wait_for(&s, asleep_is_said, NULL);
    assert_in_range(real_ms() - woke, 0, 6000); // two seconds, with room for a busy machine
    apisim_blackhole(s.sim, false);
    pass(&s, 31, 0); // what was tried meanwhile is given up
    add_new(&s);
    wait_for(&s, has_new, NULL);
    struct asked after = asked_of(&s);
    assert_true(after.conn > before.conn);
    assert_true(after.watches - before.watches >= open);
    scene_close(&s);
}

static void a_nap_changes_nothing(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, NULL, NULL);
    wait_for(&s, all_live, NULL);
    struct asked before = asked_of(&s);
    pass(&s, 0, 29);
    add_new(&s);
    wait_for(&s, has_new, NULL);
    struct asked after = asked_of(&s);
    assert_int_equal(after.conn, before.conn);
    assert_int_equal(after.watches, before.watches);
    scene_close(&s);
}

// Stopped for an hour (Ctrl-Z) while the network went away: the clocks show no sleep, so the connection is probed, and
// its silence is reported as soon as the probe fails.
static bool down_as_time_goes_on(struct scene *s, const struct snapshot *x)
{
    if (x->cluster.connected) {
        pass(s, 1, 0);
    }
    return !x->cluster.connected;
}

static void after_a_stop_the_connection_is_asked(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, NULL, NULL);
    wait_for(&s, all_live, NULL);
    apisim_blackhole(s.sim, true);
    pass(&s, HOUR, 0);
    int64_t since = atomic_load(&ran);
    wait_for(&s, down_as_time_goes_on, NULL);
    assert_in_range(atomic_load(&ran) - since, 0, 50);
    apisim_blackhole(s.sim, false);
    pass(&s, 31, 0);
    add_new(&s);
    wait_for(&s, has_new, NULL);
    scene_close(&s);
}

// The token ran out meanwhile: what follows is asked with a new one.
static bool ran_twice(struct scene *s, const struct snapshot *x)
{
    return tempdir_lines(s->dir, "runs") == 2 && all_live(s, x);
}

static void look_for_refused(void *self, const struct apisim_seen *r)
{
    *(bool *)self |= r->status == 401;
}

static void after_sleep_the_credential_is_renewed_first(void **state)
{
    (void)state;
    struct scene s;
    struct arena a;
    arena_init(&a);
    char *plugin = xasprintf(
        "#!/bin/sh\necho x >>\"${0%%/*}/runs\"\nif [ $(wc -l <\"${0%%/*}/runs\") = 1 ]; then "
        "t=admin-token e=%s; else t=second-token e=9999-01-01T00:00:00Z; fi\n"
        "printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
        "\"status\":{\"token\":\"%%s\",\"expirationTimestamp\":\"%%s\"}}' $t $e\n",
        time_format(&a, clock_now() + HOUR));
    scene_open(&s, NULL, plugin);
    wait_for(&s, all_live, NULL);
    apisim_user(s.sim, "admin", "second-token");
    pass(&s, 0, 2 * HOUR);
    wait_for(&s, ran_twice, NULL);
    bool refused = false;
    apisim_requests(s.sim, look_for_refused, &refused);
    assert_false(refused);
    scene_close(&s);
    free(plugin);
    arena_release(&a);
}

// --- a day, and the watches' own time

static void never_down(const struct snapshot *x)
{
    assert_true(x->cluster.connected);
    assert_int_equal(watched_kinds(x, SYNC_STALE), 0);
    assert_int_equal(watched_kinds(x, SYNC_SYNCING), 0);
}

static size_t open_before;
static uint64_t conn_before;

static bool renewed(struct scene *s, const struct snapshot *x)
{
    return all_live(s, x) && asked_of(s).conn > conn_before &&
           apisim_open_watches(s->sim, NULL) >= open_before;
}

static void a_day_old_connection_is_replaced_and_nobody_notices(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, NULL, NULL);
    wait_for(&s, all_live, NULL);
    struct asked before = asked_of(&s);
    conn_before = before.conn;
    open_before = apisim_open_watches(s.sim, NULL);
    pass(&s, 24 * HOUR + 1, 0);
    wait_for(&s, renewed, never_down);
    add_new(&s);
    wait_for(&s, has_new, never_down);
    scene_close(&s);
}

static size_t watches_before;

static bool watched_again(struct scene *s, const struct snapshot *x)
{
    return all_live(s, x) && asked_of(s).watches >= watches_before + open_before;
}

static void a_watch_whose_time_is_up_goes_on_without_a_list(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, NULL, NULL);
    wait_for(&s, all_live, NULL);
    struct asked before = asked_of(&s);
    watches_before = before.watches;
    open_before = apisim_open_watches(s.sim, NULL);
    pass(&s, 15 * MINUTE, 0); // the longest that is asked for
    wait_for(&s, watched_again, never_down);
    add_new(&s);
    wait_for(&s, has_new, never_down);
    assert_int_equal(asked_of(&s).lists, before.lists);
    scene_close(&s);
}

struct times {
    int n, low, high; // seconds
};

static void see_time(void *self, const struct apisim_seen *r)
{
    struct times *t = self;
    const char *at = strstr(r->target, "timeoutSeconds=");
    if (strcmp(r->verb, "watch") == 0 && strstr(r->target, "sendInitialEvents") == NULL) {
        assert_non_null(at);
        int seconds = atoi(at + strlen("timeoutSeconds="));
        t->low = t->n == 0 || seconds < t->low ? seconds : t->low;
        t->high = seconds > t->high ? seconds : t->high;
        t->n++;
    }
}

static void watches_ask_for_a_time_of_their_own(void **state)
{
    (void)state;
    static const struct {
        enum apisim_transport transport;
        int low, high;
    } cases[] = {{APISIM_H2_TLS, 300, 600}, {APISIM_H1_TLS, 120, 180}};
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        struct apisim_options o = {.transport = cases[i].transport, .watchlist_off = true};
        struct times t = {0};
        scene_open(&s, &o, NULL);
        wait_for(&s, all_live, NULL);
        apisim_requests(s.sim, see_time, &t);
        assert_true(t.n > 5);
        assert_true(t.low >= cases[i].low && t.high < cases[i].high);
        assert_true(t.low < t.high); // not all at once
        scene_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_sleep_every_watch_goes_on_over_a_new_connection),
        cmocka_unit_test(a_nap_changes_nothing),
        cmocka_unit_test(after_a_stop_the_connection_is_asked),
        cmocka_unit_test(after_sleep_the_credential_is_renewed_first),
        cmocka_unit_test(a_day_old_connection_is_replaced_and_nobody_notices),
        cmocka_unit_test(a_watch_whose_time_is_up_goes_on_without_a_list),
        cmocka_unit_test(watches_ask_for_a_time_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
