// SPDX-License-Identifier: Apache-2.0
// Replays every recording of cert-manager through the simulator's watch into a live session, whole and cut.
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/store/session.h"

#include "tests/apisim/apisim.h"
#include "tests/support/certtruth.h"
#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/simsession.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>

// What the recordings hold, by the plural that both sides know.
static const struct {
    enum kind kind;
    const char *resource;
} recorded[] = {
    {KIND_CERTIFICATE, "certificates.cert-manager.io"},
    {KIND_CERTIFICATEREQUEST, "certificaterequests.cert-manager.io"},
    {KIND_ISSUER, "issuers.cert-manager.io"},
    {KIND_CLUSTERISSUER, "clusterissuers.cert-manager.io"},
    {KIND_ORDER, "orders.acme.cert-manager.io"},
    {KIND_CHALLENGE, "challenges.acme.cert-manager.io"},
    {KIND_SECRET, "secrets"},
    {KIND_EVENT, "events"},
    {KIND_NAMESPACE, "namespaces"},
    {KIND_SERVICE, "services"},
    {KIND_GATEWAY, "gateways.networking.istio.io"},
    {KIND_VIRTUALSERVICE, "virtualservices.networking.istio.io"},
};
// clang-format on
enum { NRECORDED = sizeof recorded / sizeof *recorded };
// How long a checkpoint may take to arrive; only a fault of the program comes near.
enum { PATIENCE_MS = 20000, SETTLE_MS = 5000, SLOW_MS = 3000 };

struct replay {
    struct apisim *sim;
    struct simsession live;
    uint64_t random;
};

static struct {
    int scenarios, checkpoints, differences, drops;
    uint64_t cuts, watches;
    int64_t worst_ms;
} sum;

static uint64_t draw(struct replay *r, uint64_t below)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return r->random % below;
}

static void connect_session(struct replay *r)
{
    kind_set reads = 0;
    for (int i = 0; i < NRECORDED; i++) {
        reads |= KIND_BIT(recorded[i].kind);
    }
    const struct session_options o = {
        .kinds = reads,
        .first = KIND_BIT(KIND_CERTIFICATE),
        .client = {.jitter_ms = 5, .backoff_first_ms = 10, .backoff_max_ms = 50, .seed = r->random},
    };
    simsession_start_admin(&r->live, r->sim, &o);
}

// --- waiting for a checkpoint

static const struct object *object_of(const struct snapshot *snap, enum kind k, const char *key)
{
    const char *slash = strchr(key, '/');
    char ns[256] = "";
    if (slash != NULL) {
        snprintf(ns, sizeof ns, "%.*s", (int)(slash - key), key);
    }
    return snapshot_get(snap, k, ns, slash != NULL ? slash + 1 : key);
}

// Events that name no object of cert-manager and Secrets of other types are not read.
static bool wanted(struct apisim *sim, int i, const char *key)
{
    if (recorded[i].kind != KIND_EVENT && recorded[i].kind != KIND_SECRET) {
        return true;
    }
    const char *slash = strchr(key, '/');
    char *ns = xstrndup(key, slash != NULL ? (size_t)(slash - key) : 0);
    char *text = apisim_object(sim, recorded[i].resource, ns, slash != NULL ? slash + 1 : key);
    bool yes = false;
    if (text != NULL) {
        struct json *o = json_parse(text, strlen(text), NULL);
        const char *about = json_string(json_at(o, "involvedObject", "apiVersion", NULL));
        yes = recorded[i].kind == KIND_EVENT
                  ? about != NULL && strstr(about, "cert-manager.io/") != NULL
                  : str_eq(json_get_string(o, "type"), "kubernetes.io/tls");
        json_free(o);
        free(text);
    }
    free(ns);
    return yes;
}

// The first thing that the snapshot does not hold as the server does, as text; NULL: it is the same.
static char *lacks(struct replay *r, const struct snapshot *snap)
{
    for (int i = 0; i < NRECORDED; i++) {
        char *dump = apisim_dump(r->sim, recorded[i].resource);
        char *save = NULL, *missing = NULL;
        size_t n = 0;
        for (char *line = dump != NULL ? strtok_r(dump, "\n", &save) : NULL;
             line != NULL && missing == NULL; line = strtok_r(NULL, "\n", &save)) {
            char key[600], rv[32];
            assert_int_equal(sscanf(line, "%599s %*s %31s", key, rv), 2);
            if (!wanted(r->sim, i, key)) {
                continue;
            }
            n++;
            const struct object *o = object_of(snap, recorded[i].kind, key);
            if (o == NULL || !str_eq(o->resource_version, rv)) {
                missing = xasprintf("%s %s at %s, held: %s", recorded[i].resource, key, rv,
                                    o != NULL ? o->resource_version : "none");
            }
        }
        free(dump);
        long held = snap->states[recorded[i].kind].objects;
        if (missing == NULL && (long)n != held && recorded[i].kind != KIND_SECRET &&
            recorded[i].kind != KIND_EVENT) {
            missing = xasprintf("%s: %zu there, %ld held", recorded[i].resource, n, held);
        }
        if (missing == NULL && !snap->states[recorded[i].kind].synced) {
            missing = xasprintf("%s are not synced", recorded[i].resource);
        }
        if (missing != NULL) {
            return missing;
        }
    }
    return NULL;
}

// A snapshot that holds what the server does now.
static const struct snapshot *await(struct replay *r, const char *scenario, int seq)
{
    int64_t begin = clock_mono_ms();
    char *last = NULL; // what was missing when it was looked at last
    for (;;) {
        const struct snapshot *snap = session_latest(r->live.session);
        char *missing = snap != NULL ? lacks(r, snap) : xstrdup("no snapshot");
        int64_t waited = clock_mono_ms() - begin;
        if (missing == NULL) {
            sum.worst_ms = waited > sum.worst_ms ? waited : sum.worst_ms;
            if (waited > SLOW_MS) {
                printf("# %s seq %d took %d ms: %s\n", scenario, seq, (int)waited,
                       str_or_empty(last));
            }
            free(last);
            return snap;
        }
        snapshot_unref(snap);
        if (waited > PATIENCE_MS) {
            fail_msg("%s seq %d: not there after %d ms: %s", scenario, seq, PATIENCE_MS, missing);
        }
        free(last);
        last = missing;
        simsession_wait(&r->live, PATIENCE_MS);
    }
}

// --- the replays

// Continues to row `to`; with cuts in pieces, between which connections break.
static void step_to(struct replay *r, int from, int to, bool cut)
{
    for (int at = from + 1; at < to && cut; at++) {
        if (draw(r, 4) == 0) {
            assert_true(apisim_replay_step(r->sim, at));
        }
        if (draw(r, 12) == 0) {
            apisim_drop_connections(r->sim, draw(r, 2) == 0);
            sum.drops++;
        }
    }
    assert_true(apisim_replay_step(r->sim, to));
}

static int compare_with(const struct snapshot *snap, const char *scenario, const struct json *c)
{
    struct arena a;
    arena_init(&a);
    struct mesh m = {.snap = snap, .arena = &a, .now = time_parse(json_get_string(c, "time"))};
    int seq = (int)json_get_int(c, "seq", 0), differences = 0;
    for (const struct json *w = json_first(json_get(c, "certificates")); w != NULL;
         w = json_next(w)) {
        differences += certtruth_check(&m, scenario, seq, w);
    }
    arena_release(&a);
    return differences;
}

// Secrets asked by name and events come on requests of their own, later than what `await` can see: what
// differs is looked at again for a while.
static int compare(struct replay *r, const char *scenario, const struct json *c)
{
    const struct json *certificates = json_get(c, "certificates");
    for (const struct json *w = json_first(certificates); w != NULL; w = json_next(w)) {
        sum.checkpoints++;
    }
    int64_t begin = clock_mono_ms();
    for (;;) {
        const struct snapshot *snap = await(r, scenario, (int)json_get_int(c, "seq", 0));
        int differences = compare_with(snap, scenario, c);
        snapshot_unref(snap);
        if (differences == 0 || clock_mono_ms() - begin > SETTLE_MS) {
            return differences;
        }
        printf("# not settled yet, looking again\n");
        simsession_wait(&r->live, SETTLE_MS);
    }
}

static void replay(const char *dir, const char *scenario, bool cut, uint64_t seed)
{
    char *truth_path = xasprintf("%s/truth.json", dir);
    struct err err = {0};
    struct json *truth = file_json(truth_path);
    struct apisim_options options = {.seed = seed};
    struct replay r = {.sim = apisim_start(&options, &err), .random = seed};
    assert_non_null(r.sim);
    if (!apisim_replay_open(r.sim, dir, &err)) {
        fail_msg("%s: %s", scenario, err.msg);
    }
    if (cut) {
        assert_true(apisim_fault(r.sim, "cut=rand:6000 how=rst verb=watch p=0.5", &err) >= 0);
        assert_true(apisim_fault(r.sim, "cut=rand:6000 how=stream verb=watch p=0.5", &err) >= 0);
        assert_true(apisim_fault(r.sim, "cut=rand:20000 how=eof verb=list p=0.2", &err) >= 0);
    }
    connect_session(&r);
    int at = 0;
    for (const struct json *c = json_first(json_get(truth, "checkpoints")); c != NULL;
         c = json_next(c)) {
        int seq = (int)json_get_int(c, "seq", 0);
        step_to(&r, at, seq, cut);
        at = seq;
        sum.differences += compare(&r, scenario, c);
    }
    sum.scenarios++;
    sum.cuts += apisim_fault_total(r.sim, "cut");
    sum.watches += apisim_request_count(r.sim, "watch", NULL);
    simsession_stop(&r.live);
    apisim_stop(r.sim);
    json_free(truth);
    free(truth_path);
}

static void every(bool cut, uint64_t seed)
{
    memset(&sum, 0, sizeof sum);
    struct corpus_files f = corpus_list("certs", "truth", ".json", true);
    assert_true(f.n > 0);
    int64_t begin = clock_mono_ms();
    for (size_t i = 0; i < f.n; i++) {
        char *dir = xstrndup(f.at[i], strlen(f.at[i]) - strlen("/truth.json"));
        replay(dir, strrchr(dir, '/') + 1, cut, seed + i);
        free(dir);
    }
    corpus_files_release(&f);
    printf("# %d recordings through the watch%s: %d Certificates at checkpoints compared, %d "
           "differences; %d ms, the slowest checkpoint %d ms\n",
           sum.scenarios, cut ? ", cut" : "", sum.checkpoints, sum.differences,
           (int)(clock_mono_ms() - begin), (int)sum.worst_ms);
    if (cut) {
        printf("# seed %d: %d answers cut, %d times every connection dropped, %d watches opened\n",
               (int)seed, (int)sum.cuts, sum.drops, (int)sum.watches);
        assert_true(sum.cuts > 0 && sum.drops > 0);
    }
    assert_true(sum.checkpoints > 0);
    assert_int_equal(sum.differences, 0);
}

static void test_byte_for_byte(void **state)
{
    (void)state;
    every(false, 1);
}

static void test_cut_and_reconnected(void **state)
{
    (void)state;
    const char *seed = getenv("SEED");
    every(true, seed != NULL ? strtoull(seed, NULL, 10) : 20261125);
}

int main(void)
{
    struct err err = {0};
    if (!http_global_init(&err)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_for_byte),
        cmocka_unit_test(test_cut_and_reconnected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
