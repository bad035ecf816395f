// SPDX-License-Identifier: Apache-2.0
// Memory does not grow with changes to 1,000 objects: afterwards it is within 5 % of what it was (client,
// decoders, store, index, apps and snapshots, as the dashboard has them).
//
// What counts is what malloc has handed out: all that the program holds, to the byte, whatever the allocator
// keeps in reserve and the kernel leaves resident. The resident size is looked at as well, with a wider bound:
// fragments would show there. The server is another process, so that its memory is none of ours.
//
// GATETOP_MEMORY_CHANGES: how many changes (`make memory`: 100,000).
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/mesh/chain/app_updater.h"

#include "tui/source/cluster.h"

#include "tests/apisim/apisim.h"
#include "tests/support/tempdir.h"

#include <malloc.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    APPLICATIONS = 286, // with what their teams have: 1,003 objects
    TEAMS = (APPLICATIONS + 9) / 10,
    WARM_UP = 10, // rounds
    PATIENCE_MS = 60000,
#ifdef GATETOP_SANITIZED
    CHANGES = 5000,
#else
    CHANGES = 20000,
#endif
};

// --- the server's process: a round changes every object once

static void patch(struct apisim *sim, const char *resource, const char *ns, const char *name,
                  const char *text)
{
    struct err err;
    if (apisim_patch(sim, resource, ns, name, text, &err) == 0) {
        (void)fprintf(stderr, "%s/%s: %s\n", ns, name, err.msg);
        _exit(1);
    }
}

// Every round leaves the same objects except for the digits that name it.
static int change_all(struct apisim *sim, int round)
{
    char text[400], ns[32], name[64];
    struct err err;
    int n = 0;
    for (int t = 0; t < TEAMS; t++) {
        snprintf(name, sizeof name, "team-%04d-wildcard", t);
        snprintf(text, sizeof text,
                 "{\"metadata\":{\"labels\":{\"round\":\"%06d\"}},\"status\":{\"renewalTime\":"
                 "\"@+%dd\"}}",
                 round, 20 + round % 40);
        patch(sim, "certificates", "istio-system", name, text);
        snprintf(name, sizeof name, "team-%04d-wildcard-certificate", t);
        patch(sim, "secrets", "istio-system", name, text);
        n += 2;
    }
    for (int i = 0; i < APPLICATIONS; i++) {
        snprintf(ns, sizeof ns, "team-%04d", i / 10);
        snprintf(name, sizeof name, "app-%05d", i);
        if (i % 10 == round % 10) { // another object of the same name
            char *service = apisim_object(sim, "services", ns, name);
            apisim_delete(sim, "services", ns, name);
            apisim_apply(sim, service, &err);
            free(service);
            n += 2;
        }
        snprintf(text, sizeof text,
                 "{\"metadata\":{\"labels\":{\"round\":\"%06d\"}},\"spec\":{\"selector\":{\"app\":"
                 "\"app-%05d\",\"round\":\"%06d\"}}}",
                 round, i, round);
        patch(sim, "services", ns, name, text);
        snprintf(text, sizeof text,
                 "{\"metadata\":{\"labels\":{\"round\":\"%06d\"}},\"spec\":{\"hosts\":[\"app-%05d."
                 "team-%04d.lead.load.example.io\",\"r-%06d-%05d.example.org\"]}}",
                 round, i, i / 10, round, i);
        patch(sim, "virtualservices", ns, name, text);
        snprintf(name, sizeof name, "app-%05d-gateway", i);
        snprintf(text, sizeof text, "{\"metadata\":{\"labels\":{\"round\":\"%06d\"}}}", round);
        patch(sim, "gateways.networking.istio.io", ns, name, text);
        n += 3;
    }
    return n;
}

static void serve(const char *config, int orders, int answers)
{
    struct err err;
    struct apisim_options o = {.history = 2000, .first_rv = 1000000}; // of one width
    struct apisim *sim = apisim_start(&o, &err);
    if (sim == NULL || !apisim_write_kubeconfig(sim, config, "admin", &err)) {
        _exit(1);
    }
    apisim_generate(sim, APPLICATIONS);
    int round, n = 0; // the first answer: ready
    while (write(answers, &n, sizeof n) == (ssize_t)sizeof n &&
           read(orders, &round, sizeof round) == (ssize_t)sizeof round) {
        n = change_all(sim, round);
    }
    apisim_stop(sim);
    _exit(0);
}

// --- the session

struct live_session {
    char *dir, *config;
    int orders, answers;
    pid_t server;
    struct cluster cluster;
    int round; // the newest
};

static void session_open(struct live_session *s)
{
    struct err err = {0};
    int orders[2], answers[2], n;
    *s = (struct live_session){.dir = tempdir_new()};
    s->config = xasprintf("%s/config", s->dir);
    assert_int_equal(pipe(orders), 0);
    assert_int_equal(pipe(answers), 0);
    s->server = fork();
    if (s->server == 0) {
        close(orders[1]);
        close(answers[0]);
        serve(s->config, orders[0], answers[1]);
    }
    close(orders[0]);
    close(answers[1]);
    s->orders = orders[1];
    s->answers = answers[0];
    assert_int_equal(read(s->answers, &n, sizeof n), sizeof n);
    struct api_flags flags = {.kubeconfig = s->config};
    struct cluster_options wanted = {
        .api = &flags, .kinds = KIND_SET_ALL, .chains = true, .watch = true};
    struct buf problems;
    buf_init(&problems, 0);
    assert_true(cluster_init(&s->cluster, &err));
    if (!cluster_connect(&s->cluster, &wanted, &problems, &err)) {
        fail_msg("%s", problems.data);
    }
    buf_release(&problems);
}

static void session_close(struct live_session *s)
{
    int status;
    cluster_release(&s->cluster);
    close(s->orders);
    close(s->answers);
    assert_int_equal(waitpid(s->server, &status, 0), s->server);
    assert_int_equal(status, 0);
    free(s->config);
    tempdir_free(s->dir);
}

static bool has_round(const struct snapshot *s, enum kind k, const char *ns, const char *name,
                      const char *round)
{
    const struct object *o = snapshot_get(s, k, ns, name);
    return o != NULL && str_eq(object_label(o, "round"), round);
}

// The last object of each kind in a round has arrived, and so has everything before it.
static bool arrived(const struct live_session *s, const struct snapshot *snap)
{
    char round[16], ns[32], name[64];
    snprintf(round, sizeof round, "%06d", s->round);
    snprintf(ns, sizeof ns, "team-%04d", TEAMS - 1);
    snprintf(name, sizeof name, "team-%04d-wildcard", TEAMS - 1);
    bool all = has_round(snap, KIND_CERTIFICATE, "istio-system", name, round);
    snprintf(name, sizeof name, "team-%04d-wildcard-certificate", TEAMS - 1);
    all = all && has_round(snap, KIND_SECRET, "istio-system", name, round);
    snprintf(name, sizeof name, "app-%05d", APPLICATIONS - 1);
    all = all && has_round(snap, KIND_SERVICE, ns, name, round);
    all = all && has_round(snap, KIND_VIRTUALSERVICE, ns, name, round);
    snprintf(name, sizeof name, "app-%05d-gateway", APPLICATIONS - 1);
    return all && has_round(snap, KIND_GATEWAY, ns, name, round);
}

static int change(struct live_session *s)
{
    int n = 0, round = s->round + 1;
    assert_int_equal(write(s->orders, &round, sizeof round), sizeof round);
    assert_int_equal(read(s->answers, &n, sizeof n), sizeof n);
    assert_true(n > 900);
    s->round = round;
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    for (;;) {
        const struct snapshot *snap = session_latest(s->cluster.session);
        bool here = snap != NULL && arrived(s, snap);
        snapshot_unref(snap);
        if (here) {
            return n;
        }
        assert_true(clock_mono_ms() < end);
        struct pollfd p = {s->cluster.wake[0], POLLIN, 0};
        poll(&p, 1, 500);
        cluster_drain(&s->cluster);
    }
}

#ifdef GATETOP_SANITIZED // mallinfo2 knows nothing of a sanitizer's allocator, whose header gcc does not bring
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

struct use {
    size_t held, resident; // bytes
};

static struct use use_now(void)
{
#ifdef GATETOP_SANITIZED
    size_t held = __sanitizer_get_current_allocated_bytes();
#else
    struct mallinfo2 m = mallinfo2();
    size_t held = m.uordblks + m.hblkhd;
#endif
    unsigned long size, pages;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &size, &pages), 2);
    fclose(f);
    return (struct use){held, pages * (size_t)sysconf(_SC_PAGESIZE)};
}

static void memory_does_not_grow_with_changes(void **state)
{
    (void)state;
    const char *wanted = getenv("GATETOP_MEMORY_CHANGES");
    long changes = wanted != NULL ? atol(wanted) : CHANGES, done = 0;
    struct live_session s;
    session_open(&s);
    for (int i = 0; i < WARM_UP; i++) { // the lists, and what grows to a size and stays
        (void)change(&s);
    }
    struct use before = use_now();
    int64_t since = clock_mono_ms();
    while (done < changes) {
        done += change(&s);
    }
    struct use after = use_now();
    printf("# %ld changes in %lld ms: held %zu KiB before, %zu after; resident %zu and %zu\n", done,
           (long long)(clock_mono_ms() - since), before.held / 1024, after.held / 1024,
           before.resident / 1024, after.resident / 1024);
    assert_true(after.held < before.held + before.held / 20);
#ifndef GATETOP_SANITIZED // what was freed stays resident there for a while
    assert_true(after.resident < before.resident + before.resident / 10);
#endif
    session_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_does_not_grow_with_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
