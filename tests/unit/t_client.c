// SPDX-License-Identifier: Apache-2.0
// The client against the API simulator: HTTP/2 over TLS on loopback, with faults.
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/support/file.h"
#include "tests/support/simclient.h"
#include "tests/support/tempdir.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// --- tests -----------------------------------------------------------------------------------------

static void lists_and_watches_two_thousand(void **state)
{
    (void)state;
    struct simclient w;
    simclient_up(&w, NULL, 600);
    int64_t start = clock_mono_ms();
    STEP_UNTIL(&w, simclient_all_live(&w));
    int64_t took = clock_mono_ms() - start;
    assert_true(simclient_all_equal(&w));
    assert_true(w.count >= 1800);
    assert_int_equal(w.connection, CLIENT_CONNECTED);
    assert_string_equal(w.states[VIRTUALSERVICES].version, "v1");
    printf("# client: %zu objects listed in %lld ms\n", w.count, (long long)took);
    for (int i = 0; i < 50; i++) {
        char name[32];
        snprintf(name, sizeof name, "vs-%d", i % 20);
        simclient_apply_vs(&w, name, i % 2 ? "a.test" : "b.test");
    }
    assert_true(apisim_delete(w.sim, SIMCLIENT_PLURALS[VIRTUALSERVICES], "default", "vs-3") > 0);
    STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES));
    assert_true(w.events[VIRTUALSERVICES] >= 21);
    assert_int_equal(w.begins[VIRTUALSERVICES], 1);
    assert_int_equal(apisim_open_connections(w.sim), 1); // all streams of one connection
    simclient_down(&w);
}

enum { CUSTOM = 3 }; // of KINDS, those that a CRD defines: they come as streaming lists

struct requests_seen {
    int secrets, streams, lists, watches;
};

static void check_request(void *self, const struct apisim_seen *r)
{
    struct requests_seen *seen = self;
    bool stream = strstr(r->target, "sendInitialEvents=true") != NULL;
    assert_non_null(strstr(r->user_agent, "gatetop/"));
    if (strstr(r->target, "/secrets") != NULL) {
        seen->secrets++;
        assert_non_null(strstr(r->accept, "PartialObjectMetadata"));
    }
    if (strstr(r->target, "watch=1") != NULL && !stream) {
        seen->watches++;
        assert_null(r->accept_encoding != NULL ? strstr(r->accept_encoding, "gzip") : NULL);
    } else if (stream || str_eq(r->verb, "list")) {
        seen->streams += stream;
        seen->lists += !stream;
        assert_non_null(r->accept_encoding);
        assert_string_equal(r->accept_encoding, "gzip");
        // The guard against a server that went back in time asks for one namespace.
        assert_true(strstr(r->target, "limit=") == NULL || str_ends(r->target, "?limit=1"));
    }
}

static void asks_as_it_should(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) { // a server without streaming lists gets whole lists
        struct simclient w;
        simclient_up(&w, &(struct apisim_options){.watchlist_off = old == 1}, 20);
        STEP_UNTIL(&w, simclient_all_live(&w) && apisim_open_watches(w.sim, NULL) == (size_t)KINDS);
        struct requests_seen seen = {0};
        apisim_requests(w.sim, check_request, &seen);
        assert_int_equal(seen.secrets, 2);
        assert_int_equal(seen.streams, CUSTOM); // refused once each by an old one
        assert_int_equal(seen.watches, old == 1 ? KINDS : KINDS - CUSTOM);
        assert_true(seen.lists >= seen.watches && seen.lists <= seen.watches + 1);
        simclient_down(&w);
    }
}

static void http1_in_the_clear_and_over_tls(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct simclient w;
        struct apisim_options o = {.transport = i == 0 ? APISIM_H1_PLAIN : APISIM_H1_TLS};
        simclient_serve(&w, &o);
        apisim_generate(w.sim, 20);
        simclient_start(&w);
        if (i == 1) {
            STEP_UNTIL(&w, simclient_all_live(&w));
            simclient_apply_vs(&w, "new", "a.test");
            STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES));
        } else {
            STEP_UNTIL(&w, w.connection_err.code == ERR_AUTH); // no credential is sent in the clear
        }
        simclient_down(&w);
    }
}

struct request_times {
    int64_t first, last; // ms: when namespaces were requested, and the last of the other kinds
};

static void see_order(void *self, const struct apisim_seen *r)
{
    struct request_times *o = self;
    if (str_eq(r->target, "/api/v1/namespaces")) {
        o->first = r->at_ms;
    } else if (str_eq(r->verb, "list") || str_eq(r->verb, "watch")) {
        o->last = r->at_ms > o->last ? r->at_ms : o->last;
    }
}

// The kind of priority 0 has the connection to itself until it has begun, for half a second at most
// (docs/rules/kubernetes-client.md#list-order).
static void the_kinds_of_a_screen_come_first(void **state)
{
    (void)state;
    static const char *const faults[] = {"delay=150 resource=namespaces verb=list",
                                         "delay=600000 resource=namespaces verb=list",
                                         "status=403 resource=namespaces verb=list"};
    for (int i = 0; i < 3; i++) {
        struct simclient w;
        struct err err;
        simclient_serve(&w, NULL);
        apisim_generate(w.sim, 20);
        w.options.heartbeat_ms = 3600000;
        assert_true(apisim_fault(w.sim, faults[i], &err) >= 0);
        simclient_start(&w);
        for (int id = NAMESPACES + 1; id < KINDS; id++) {
            STEP_UNTIL(&w, simclient_phase_is(&w, id, CLIENT_LIVE));
        }
        struct request_times o = {0};
        apisim_requests(w.sim, see_order, &o);
        assert_true(o.first > 0 && o.last >= o.first + (i == 0 ? 150 : i == 1 ? 400 : 0));
        if (i == 1) {
            assert_int_equal(w.states[NAMESPACES].phase, CLIENT_SYNCING);
        }
        simclient_down(&w);
    }
}

static void legacy_and_beta_discovery(void **state)
{
    (void)state;
    for (int form = APISIM_DISCOVERY_V2BETA1; form <= APISIM_DISCOVERY_LEGACY; form++) {
        struct simclient w;
        struct apisim_options o = {.discovery = (enum apisim_discovery)form};
        simclient_up(&w, &o, 20);
        STEP_UNTIL(&w, simclient_all_live(&w) && simclient_all_equal(&w));
        simclient_down(&w);
    }
}

// With its areas on, the log says what was requested, what came, and the state of each kind and why.
static void the_log_follows_requests_and_watches(void **state)
{
    (void)state;
    char *dir = tempdir_new(), *path = xasprintf("%s/log", dir);
    struct simclient w;
    struct err err;
    assert_true(log_open(path, &err));
    log_areas_set(1u << LOG_AREA_CLIENT | 1u << LOG_AREA_WATCH);
    simclient_serve(&w, &(struct apisim_options){.watchlist_off = true});
    apisim_generate(w.sim, 3000);
    assert_true(apisim_fault(w.sim, "status=503 retry-after=1 verb=list resource=services times=1",
                             &err) >= 0);
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w) && simclient_all_equal(&w));
    simclient_down(&w);
    log_areas_set(0);
    log_close();
    char *text = file_read(path, NULL);
    static const char *const parts[] = {
        "debug client #1 GET /api: sent, generation 1\n",
        "GET /apis/networking.istio.io/v1/gateways?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=",
        ": 422 after ",
        " GET /api/v1/services: 503 after ",
        " GET /api/v1/services: ended, status 503, ",
        " GET /api/v1/services: ended, status 200, ",
        "debug watch gateways: streaming list\n",
        "debug watch gateways: list\n",
        "debug watch services: list\n",
        "debug watch services: watch\n",
        "debug watch services: syncing, 0 objects, 0 expected, next try in ",
        "debug watch services: the list is complete, 3000 objects\n",
        "debug watch services: syncing -> live, 3000 objects, 3000 expected\n",
        "debug watch gateways: read as 'networking.istio.io/v1'\n",
        ": cancelled, status 200, ",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strstr(text, parts[i]) == NULL) {
            print_error("not in the log: '%s'\n%s", parts[i], text);
            fail();
        }
    }
    assert_null(strstr(text, "admin-token"));
    assert_null(strstr(text, " info api services: ")); // one line for a change
    // It begins, fails once and continues: a change of the number of objects alone is no line.
    size_t syncing = 0;
    for (const char *p = text; (p = strstr(p, "debug watch services: syncing, ")) != NULL; p++) {
        syncing++;
    }
    assert_in_range(syncing, 2, 3);
    free(text);
    free(path);
    tempdir_free(dir);
}

static void compaction_lists_again_and_loses_nothing(void **state)
{
    (void)state;
    struct simclient w;
    simclient_up(&w, NULL, 50);
    STEP_UNTIL(&w, simclient_all_live(&w));
    simclient_apply_vs(&w, "a", "a.test");
    STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES));
    struct err err;
    assert_true(apisim_fault(w.sim, "delay=300 verb=watch times=6", &err) >= 0);
    apisim_end_watches(w.sim, NULL);
    simclient_apply_vs(&w, "b", "b.test");
    apisim_delete(w.sim, SIMCLIENT_PLURALS[VIRTUALSERVICES], "default", "a");
    apisim_compact(w.sim);
    STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES) && simclient_all_live(&w));
    simclient_down(&w);
}

static void black_hole_is_left_behind(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    apisim_generate(w.sim, 50);
    w.options.limits = (struct http_limits){.idle_ms = 300, .probe_ms = 300};
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w));
    apisim_blackhole(w.sim, true);
    simclient_apply_vs(&w, "lost", "a.test");
    int64_t start = clock_mono_ms();
    STEP_UNTIL(&w, w.connection == CLIENT_DISCONNECTED);
    assert_non_null(strstr(w.connection_err.msg, "dead"));
    assert_true(clock_mono_ms() - start <
                10000); // not the standard limits, and room for a loaded machine
    apisim_blackhole(w.sim, false);
    STEP_UNTIL(&w, simclient_all_live(&w) && simclient_equal(&w, VIRTUALSERVICES));
    for (int i = 0; i < KINDS; i++) {
        assert_int_equal(w.begins[i], 1); // resumed, not listed again
    }
    simclient_down(&w);
}

// Two connections, one busy: the other is as dead as one alone would be, and found so. While the dead one is the
// one that new requests take, only leaving all of them behind helps.
static void a_dead_connection_beside_a_busy_one_is_left_behind(void **state)
{
    (void)state;
    static const char *const faults[] = {
        "cut=0 how=blackhole verb=watch resource=services times=1", // dark after the header
        "blackhole verb=watch resource=services times=1",           // before it
    };
    for (size_t i = 0; i < 2; i++) {
        struct simclient w;
        struct err err;
        simclient_serve(&w, NULL);
        w.options.limits = (struct http_limits){.idle_ms = 400, .probe_ms = 400};
        w.options.heartbeat_ms = 3600000; // no request but watches and probes
        w.options.discovery_ms = 3600000;
        simclient_start(&w);
        STEP_UNTIL(&w, simclient_all_live(&w) && apisim_open_watches(w.sim, NULL) == KINDS);
        apisim_goaway(w.sim);
        int fault = apisim_fault(w.sim, faults[i], &err);
        assert_true(fault >= 0);
        apisim_end_watches(w.sim, "services");
        STEP_UNTIL(&w, apisim_fault_count(w.sim, fault) == 1);
        int64_t start = clock_mono_ms();
        assert_true(apisim_apply(w.sim,
                                 "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{"
                                 "\"name\":\"new\",\"namespace\":\"default\"},\"spec\":{}}",
                                 &err) > 0);
        int n = 0, events = w.events[VIRTUALSERVICES];
        while (!simclient_equal(&w, SERVICES)) {
            char host[32];
            snprintf(host, sizeof host, "h%d.test", n++);
            simclient_apply_vs(&w, "busy", host); // the first connection is never silent
            client_step(w.client, 20);
            if (clock_mono_ms() - start > SIMCLIENT_PATIENCE_MS) {
                simclient_report(&w, faults[i]);
                fail();
            }
        }
        assert_true(w.events[VIRTUALSERVICES] > events);
        STEP_UNTIL(&w, simclient_all_live(&w) && simclient_all_equal(&w));
        for (int k = 0; k < KINDS; k++) {
            assert_int_equal(w.begins[k], 1); // resumed, not listed again
        }
        simclient_down(&w);
    }
}

static void idle_connection_is_probed_not_dropped(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    w.options.limits = (struct http_limits){.idle_ms = 100, .probe_ms = 5000};
    w.options.heartbeat_ms = 3600000;
    w.options.discovery_ms = 3600000;
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w));
    STEP_UNTIL(&w, apisim_request_count(w.sim, "health", NULL) >= 3);
    assert_true(simclient_all_live(&w));
    assert_int_equal(apisim_open_connections(w.sim), 1);
    simclient_down(&w);
}

static void cut_connections_resume(void **state)
{
    (void)state;
    struct simclient w;
    simclient_up(&w, NULL, 50);
    STEP_UNTIL(&w, simclient_all_live(&w));
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "cut-%d", i);
        if (i < 3) {
            apisim_drop_connections(w.sim, i % 2 == 1);
        } else {
            apisim_goaway(w.sim);
        }
        simclient_apply_vs(&w, name, "a.test");
        STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES) && simclient_all_live(&w));
    }
    assert_int_equal(w.begins[VIRTUALSERVICES], 1);
    simclient_down(&w);
}

// A server that is back and refuses the token is not reported as unreachable.
static void a_token_that_ended_in_an_outage_is_said(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    apisim_generate(w.sim, 20);
    w.options.backoff_first_ms = w.options.backoff_max_ms = 60000;
    w.options.heartbeat_ms = 600000;
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w));
    apisim_refuse(w.sim, true);
    apisim_drop_connections(w.sim, true);
    for (int id = 0; id < KINDS; id++) {
        STEP_UNTIL(&w, simclient_phase_is(&w, id, CLIENT_STALE));
    }
    apisim_expire_token(w.sim, "admin");
    apisim_refuse(w.sim, false);
    STEP_UNTIL(&w, w.connection == CLIENT_DISCONNECTED && w.connection_err.code == ERR_AUTH);
    simclient_down(&w);
}

// After an outage all kinds are live as soon as one is answered, not each after a back-off of its own.
static void all_go_on_when_the_server_is_back(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    apisim_generate(w.sim, 20);
    w.options.backoff_first_ms = w.options.backoff_max_ms = 60000; // longer than this test may take
    w.options.heartbeat_ms = 600000; // only that of a lost server sends requests
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w));
    apisim_refuse(w.sim, true);
    apisim_drop_connections(w.sim, true);
    for (int id = 0; id < KINDS; id++) {
        STEP_UNTIL(&w, simclient_phase_is(&w, id, CLIENT_STALE) &&
                           (w.states[id].reason.code == ERR_NET || // refused since
                            w.states[id].reason.code == ERR_LOST));
    }
    simclient_apply_vs(&w, "meanwhile", "a.test");
    apisim_refuse(w.sim, false);
    STEP_UNTIL(&w, simclient_all_live(&w) && simclient_all_equal(&w));
    simclient_down(&w);
}

static void lists_that_are_cut_are_not_believed(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) { // of streams, and of whole lists and their pages
        static const char *const faults[] = {"cut=rand:60000 how=stream times=2",
                                             "cut=rand:60000 how=fin times=1 after=3",
                                             "status=503 times=1 after=2"};
        struct simclient w;
        struct err err;
        simclient_serve(&w, &(struct apisim_options){.watchlist_off = old == 1});
        apisim_generate(w.sim, 300);
        for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
            char *rule = xasprintf("%s verb=%s", faults[i], old == 1 ? "list" : "watch");
            assert_true(apisim_fault(w.sim, rule, &err) >= 0);
            free(rule);
        }
        assert_true(apisim_fault(w.sim, "status=429 retry-after=1 body=text verb=watch times=1",
                                 &err) >= 0);
        simclient_start(&w);
        STEP_UNTIL(&w, simclient_all_live(&w) && simclient_all_equal(&w));
        simclient_down(&w);
    }
}

struct streams {
    size_t streams, pages, lists; // lists in one answer
};

static void count_streams(void *self, const struct apisim_seen *r)
{
    struct streams *s = self;
    if (strstr(r->target, "/virtualservices") == NULL) {
        return;
    }
    bool paged = strstr(r->target, "limit=") != NULL;
    s->pages += str_eq(r->verb, "list") && paged;
    s->lists += str_eq(r->verb, "list") && !paged;
    if (strstr(r->target, "sendInitialEvents") != NULL) {
        s->streams++;
        assert_string_equal(r->accept_encoding, "gzip");
    }
}

// A kind arrives as a stream of gzip members, which continues as its watch. A stream that is damaged, or cut within a
// member and reported as ended well, is not believed: pages follow (docs/rules/kubernetes-client.md#watch-list-gzip,
// docs/rules/kubernetes-client.md#list-ladder).
static void a_streaming_list_comes_in_gzip_members(void **state)
{
    (void)state;
    static const char *const faults[] = {NULL, "cut=5000 how=stream code=0", "corrupt=5000",
                                         "cut=5000 how=eof"};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct simclient w;
        struct err err;
        simclient_serve(&w, NULL);
        apisim_generate(w.sim, 1200);
        if (faults[i] != NULL) {
            char *rule = xasprintf("%s verb=watch resource=virtualservices nth=1", faults[i]);
            assert_true(apisim_fault(w.sim, rule, &err) >= 0);
            free(rule);
        }
        simclient_start(&w);
        STEP_UNTIL(&w, simclient_all_live(&w));
        assert_true(simclient_all_equal(&w));
        struct streams seen = {0};
        apisim_requests(w.sim, count_streams, &seen);
        assert_int_equal(seen.streams, 1);
        // libcurl drops what its transfer has not taken when it reads a reset: a client that is slow has then seen an
        // answer that ended before its first byte, which says nothing of the size.
        bool nothing_seen = seen.lists == 1 && faults[i] != NULL && str_starts(faults[i], "cut=");
        assert_int_equal(seen.pages, faults[i] == NULL || nothing_seen ? 0 : 2); // of 500 and 1,000
        assert_int_equal(seen.lists, nothing_seen);
        simclient_apply_vs(&w, "later", "a.test");
        STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES));
        simclient_down(&w);
    }
}

static void forbidden_names_the_verb_and_resource(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    apisim_generate(w.sim, 20);
    apisim_user_rule(w.sim, "admin", "deny * secrets *");
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_phase_is(&w, SECRETS, CLIENT_FORBIDDEN) &&
                       simclient_phase_is(&w, SERVICES, CLIENT_LIVE));
    assert_non_null(strstr(w.states[SECRETS].reason.msg, "secrets"));
    assert_non_null(strstr(w.states[SECRETS].reason.msg, "list"));
    apisim_user_clear_rules(w.sim, "admin");
    client_relist(w.client, SECRETS);
    STEP_UNTIL(&w, simclient_all_live(&w) && simclient_equal(&w, SECRETS));
    simclient_down(&w);
}

static void falls_back_to_the_namespaces_that_may_be_read(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    simclient_apply_vs(&w, "mine", "a.test");
    apisim_user_rule(w.sim, "admin", "allow * virtualservices default");
    apisim_user_rule(w.sim, "admin", "deny * virtualservices *");
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE));
    const char *names[] = {"default", "other"};
    client_set_namespaces(w.client, names, 2);
    STEP_UNTIL(&w, w.states[VIRTUALSERVICES].tried == 2 &&
                       simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE));
    assert_int_equal(w.states[VIRTUALSERVICES].readable, 1);
    assert_true(simclient_equal(&w, VIRTUALSERVICES));
    simclient_apply_vs(&w, "more", "b.test");
    STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES));
    apisim_user_clear_rules(w.sim, "admin");
    client_relist(w.client, VIRTUALSERVICES);
    STEP_UNTIL(&w, w.states[VIRTUALSERVICES].tried == 0 &&
                       simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE));
    assert_true(simclient_equal(&w, VIRTUALSERVICES));
    simclient_down(&w);
}

// Of so many the first 64 are watched, the others listed now and then.
static void many_namespaces_are_not_all_watched(void **state)
{
    (void)state;
    enum { MANY = 70, WATCHED = 64 };
    struct simclient w;
    simclient_serve(&w, NULL);
    apisim_user_rule(w.sim, "admin", "deny * virtualservices -"); // in all namespaces
    w.options.poll_ms = 200;
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE));
    char texts[MANY][16];
    const char *names[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "n%d", i);
        names[i] = texts[i];
    }
    client_set_namespaces(w.client, names, MANY); // beside its own
    STEP_UNTIL(&w, w.states[VIRTUALSERVICES].tried == MANY + 1 &&
                       w.states[VIRTUALSERVICES].readable == MANY + 1 &&
                       apisim_open_watches(w.sim, "virtualservices") == WATCHED);
    size_t lists = apisim_request_count(w.sim, "list", "virtualservices");
    STEP_UNTIL(&w, apisim_request_count(w.sim, "list", "virtualservices") >=
                       lists + 2 * (MANY + 1 - WATCHED));
    assert_int_equal(apisim_open_watches(w.sim, "virtualservices"), WATCHED);
    simclient_down(&w);
}

// docs/rules/kubernetes-client.md#path-not-found, with discovery asked every 300 ms, not every 60 s.
static void a_crd_that_comes_goes_and_comes_again(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    assert_true(apisim_crd(w.sim, "networking.istio.io", false));
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_NOT_INSTALLED) &&
                       simclient_phase_is(&w, SERVICES, CLIENT_LIVE));
    for (int i = 0; i < 2; i++) {
        assert_true(apisim_crd(w.sim, "networking.istio.io", true));
        simclient_apply_vs(&w, "a", "a.test");
        STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE) &&
                           simclient_equal(&w, VIRTUALSERVICES));
        assert_true(apisim_crd(w.sim, "networking.istio.io", false));
        STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_NOT_INSTALLED));
        for (size_t k = 0; k < w.count; k++) {
            assert_int_not_equal(w.objects[k].id, VIRTUALSERVICES);
        }
    }
    simclient_down(&w);
}

// Its ETag must not confirm a document that was wrong.
static void a_404_of_discovery_is_taken_back(void **state)
{
    (void)state;
    struct simclient w;
    struct err err;
    simclient_up(&w, NULL, 10);
    STEP_UNTIL(&w, simclient_all_live(&w));
    assert_true(apisim_fault(w.sim, "status=404 verb=discovery times=2", &err) >= 0);
    assert_true(apisim_fault(w.sim, "status=404 verb=watch resource=services times=1", &err) >= 0);
    apisim_end_watches(w.sim, "services");
    STEP_UNTIL(&w, simclient_phase_is(&w, SERVICES, CLIENT_NOT_INSTALLED));
    STEP_UNTIL(&w, simclient_phase_is(&w, SERVICES, CLIENT_LIVE));
    assert_true(simclient_all_equal(&w));
    simclient_down(&w);
}

static void count_whole_document(void *self, const struct apisim_seen *r)
{
    *(int *)self += str_eq(r->verb, "discovery") && r->status == 200;
}

// What discovery said of a path that answers 404 is doubted: the next look is at the whole document.
static void a_404_is_looked_up_in_a_whole_document(void **state)
{
    (void)state;
    struct simclient w;
    struct err err;
    simclient_up(&w, NULL, 10);
    STEP_UNTIL(&w, simclient_all_live(&w));
    apisim_requests_clear(w.sim);
    assert_true(apisim_fault(w.sim, "status=404 verb=watch resource=services times=1", &err) >= 0);
    apisim_end_watches(w.sim, "services");
    int whole = 0;
    STEP_UNTIL(&w, w.states[SERVICES].phase != CLIENT_LIVE);
    STEP_UNTIL(&w, simclient_phase_is(&w, SERVICES, CLIENT_LIVE));
    apisim_requests(w.sim, count_whole_document, &whole);
    assert_int_equal(whole, 2);
    simclient_down(&w);
}

static void an_upgrade_is_followed(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    assert_true(apisim_version(w.sim, "networking.istio.io", "v1", false));
    apisim_generate(w.sim, 10);
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w));
    assert_string_equal(w.states[VIRTUALSERVICES].version, "v1beta1");
    assert_true(apisim_version(w.sim, "networking.istio.io", "v1", true));
    assert_true(apisim_version(w.sim, "networking.istio.io", "v1beta1", false));
    apisim_end_watches(w.sim, NULL);
    STEP_UNTIL(&w, simclient_all_live(&w) && str_eq(w.states[VIRTUALSERVICES].version, "v1"));
    assert_true(simclient_all_equal(&w));
    simclient_down(&w);
}

static void stale_group_does_not_stop_the_rest(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    apisim_generate(w.sim, 10);
    apisim_stale(w.sim, "cert-manager.io", true);
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE) &&
                       simclient_phase_is(&w, SERVICES, CLIENT_LIVE));
    assert_int_not_equal(w.states[CERTIFICATES].phase, CLIENT_NOT_INSTALLED);
    apisim_stale(w.sim, "cert-manager.io", false);
    STEP_UNTIL(&w, simclient_all_live(&w) && simclient_all_equal(&w));
    simclient_down(&w);
}

// docs/rules/kubernetes-client.md#discovery-refused: versions are tried in the order of preference. A kind
// that answers 404 in all of them is not installed.
static void without_rights_to_discovery_versions_are_tried(void **state)
{
    (void)state;
    struct simclient w;
    struct err err;
    simclient_serve(&w, NULL);
    apisim_generate(w.sim, 10);
    assert_true(apisim_version(w.sim, "networking.istio.io", "v1", false));
    assert_true(apisim_version(w.sim, "networking.istio.io", "v1beta1", false));
    assert_true(apisim_crd(w.sim, "cert-manager.io", false));
    int closed = apisim_fault(w.sim, "status=403 verb=discovery", &err);
    assert_true(closed >= 0);
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE) &&
                       simclient_phase_is(&w, GATEWAYS, CLIENT_LIVE) &&
                       simclient_phase_is(&w, SERVICES, CLIENT_LIVE) &&
                       simclient_phase_is(&w, CERTIFICATES, CLIENT_NOT_INSTALLED));
    assert_string_equal(w.states[VIRTUALSERVICES].version, "v1alpha3");
    assert_true(simclient_equal(&w, VIRTUALSERVICES) && simclient_equal(&w, GATEWAYS));
    assert_int_equal(w.connection, CLIENT_CONNECTED); // nothing is wrong with the connection
    simclient_apply_vs(&w, "later", "a.test");
    STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES));
    // A CRD that comes is found by trying, too.
    assert_true(apisim_crd(w.sim, "cert-manager.io", true));
    STEP_UNTIL(&w, simclient_phase_is(&w, CERTIFICATES, CLIENT_LIVE));
    // The rights come: discovery says what is there, and nothing is listed again for that.
    int begins = w.begins[SERVICES];
    size_t asked = apisim_request_count(w.sim, "discovery", NULL);
    apisim_fault_remove(w.sim, closed);
    assert_true(apisim_crd(w.sim, "gateways.networking.istio.io", false));
    STEP_UNTIL(&w, simclient_phase_is(&w, GATEWAYS, CLIENT_NOT_INSTALLED));
    assert_true(apisim_request_count(w.sim, "discovery", NULL) > asked);
    assert_int_equal(w.begins[SERVICES], begins);
    STEP_UNTIL(&w, simclient_phase_is(&w, VIRTUALSERVICES, CLIENT_LIVE));
    simclient_down(&w);
}

static void count_heartbeat(void *self, const struct apisim_seen *r)
{
    *(size_t *)self += strstr(r->target, "/namespaces?limit=1") != NULL ? 1 : 0;
}

static size_t heartbeats(struct apisim *sim)
{
    size_t n = 0;
    apisim_requests(sim, count_heartbeat, &n);
    return n;
}

static void a_restored_backup_is_noticed(void **state)
{
    (void)state;
    struct simclient w;
    simclient_up(&w, NULL, 10);
    uint64_t before = apisim_rv(w.sim);
    STEP_UNTIL(&w, simclient_all_live(&w));
    for (int i = 0; i < 10; i++) {
        simclient_apply_vs(&w, "later", i % 2 ? "a.test" : "b.test");
    }
    STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES));
    client_relist(w.client, -1); // so that every kind is at the newest resource version
    client_reconnect(w.client);
    size_t seen = heartbeats(w.sim);
    STEP_UNTIL(&w, simclient_all_live(&w) && heartbeats(w.sim) >= seen + 2);
    assert_true(apisim_rollback(w.sim, before));
    STEP_UNTIL(&w, w.warning[0] != '\0');
    assert_non_null(strstr(w.warning, "back in time"));
    for (int i = 0; i < KINDS; i++) {
        STEP_UNTIL(&w, w.forced[i]); // the lists come one after the other
    }
    STEP_UNTIL(&w, simclient_all_live(&w) && simclient_all_equal(&w));
    simclient_down(&w);
}

static void on_answer(void *self, int status, const char *body, size_t n, const struct err *err)
{
    struct simclient *w = self;
    if (err != NULL) {
        print_error("no answer: %s\n", err->msg);
    }
    free(w->body);
    w->body = xstrndup(body, n);
    w->status = status;
}

static void one_off_requests(void **state)
{
    (void)state;
    struct simclient w;
    simclient_up(&w, NULL, 10);
    client_get(w.client, "/api/v1/namespaces?limit=1", "application/json", on_answer, &w);
    STEP_UNTIL(&w, w.status >= 0);
    assert_int_equal(w.status, 200);
    assert_non_null(strstr(w.body, "NamespaceList"));
    w.status = -1;
    client_get(w.client, "/api/v1/nothings", "application/json", on_answer, &w);
    STEP_UNTIL(&w, w.status >= 0);
    assert_int_equal(w.status, 404);
    assert_null(
        client_review(w.client, "/api/v1/namespaces", "{}", on_answer, &w)); // nothing but reviews
    client_request_cancel(client_get(w.client, "/version", "application/json", on_answer, &w));
    simclient_down(&w);
}

// docs/rules/kubernetes-client.md#retry-lost-get.
static void a_get_is_repeated_on_the_next_connection(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    w.options.limits = (struct http_limits){.idle_ms = 300, .probe_ms = 300};
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w));
    apisim_blackhole(w.sim, true);
    client_get(w.client, "/version", "application/json", on_answer, &w);
    STEP_UNTIL(&w, w.connection == CLIENT_DISCONNECTED);
    assert_int_equal(w.status, -1); // not reported yet
    apisim_blackhole(w.sim, false);
    STEP_UNTIL(&w, w.status >= 0);
    assert_int_equal(w.status, 200);
    simclient_down(&w);
}

static void the_standard_pace(void **state)
{
    (void)state;
    struct client_options o = client_options_complete(NULL);
    assert_int_equal(o.discovery_ms, 60000);
    assert_int_equal(o.heartbeat_ms, 600000);
    assert_int_equal(o.jitter_ms, 3000);
    assert_int_not_equal(o.seed, 0);
    o = client_options_complete(&(struct client_options){.jitter_ms = 7, .seed = 9});
    assert_int_equal(o.discovery_ms, 60000);
    assert_int_equal(o.jitter_ms, 7);
    assert_int_equal(o.seed, 9);
}

static void refused_and_untrusted_are_named(void **state)
{
    (void)state;
    struct simclient w, other;
    simclient_serve(&w, NULL);
    simclient_serve(&other, NULL);
    free(w.config.ca.data); // the CA of another cluster
    w.config.ca.data = xstrdup(apisim_ca_pem(other.sim));
    w.config.ca.len = strlen(w.config.ca.data);
    simclient_start(&w);
    STEP_UNTIL(&w, w.connection == CLIENT_DISCONNECTED);
    assert_int_equal(w.connection_err.code, ERR_TLS);
    assert_non_null(strstr(w.connection_err.msg, "cluster 'sim'"));
    simclient_down(&w);
    simclient_down(&other);

    simclient_serve(&w, NULL);
    apisim_stop(w.sim);
    w.sim = NULL;
    simclient_start(&w);
    STEP_UNTIL(&w, w.connection == CLIENT_DISCONNECTED);
    assert_int_equal(w.connection_err.code, ERR_NET);
    assert_non_null(strstr(w.connection_err.msg, "refused"));
    simclient_down(&w);
}

// 401 on every kind at once runs the plugin once, and each is tried again once
// (docs/rules/kubernetes-client.md#exec-plugin-refused).
static void an_expired_token_is_renewed_once(void **state)
{
    (void)state;
    struct simclient w;
    char *dir = tempdir_new();
    tempdir_write(dir, "token", "admin-token", 0600);
    tempdir_write(dir, "plugin",
                  "#!/bin/sh\ncd \"${0%/*}\" || exit 1\necho run >>runs\n"
                  "printf "
                  "'{\"apiVersion\":\"client.authentication.k8s.io/"
                  "v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"%s\"}}' "
                  "\"$(cat token)\"\n",
                  0700);
    char *command = xasprintf("%s/plugin", dir);
    char api[] = "client.authentication.k8s.io/v1", mode[] = "Never";
    struct exec_config plugin = {.api_version = api, .command = command, .interactive_mode = mode};
    simclient_serve(&w, NULL);
    apisim_generate(w.sim, 20);
    free(w.config.token);
    w.config.token = NULL;
    w.config.exec = &plugin;
    simclient_start(&w);
    STEP_UNTIL(&w, simclient_all_live(&w));
    assert_int_equal(tempdir_lines(dir, "runs"), 1);
    tempdir_write(dir, "token", "second-token", 0600);
    apisim_user(w.sim, "admin", "second-token"); // the first one is refused from now on
    apisim_end_watches(w.sim, NULL);
    simclient_apply_vs(&w, "after", "a.test");
    STEP_UNTIL(&w, simclient_equal(&w, VIRTUALSERVICES) && simclient_all_live(&w) &&
                       apisim_open_watches(w.sim, NULL) == KINDS);
    assert_int_equal(tempdir_lines(dir, "runs"), 2);
    for (int i = 0; i < KINDS; i++) {
        assert_int_equal(w.begins[i], 1); // resumed, not listed again
    }
    simclient_down(&w);
    free(command);
    tempdir_free(dir);
}

static void a_wrong_token_is_said(void **state)
{
    (void)state;
    struct simclient w;
    simclient_serve(&w, NULL);
    free(w.config.token);
    w.config.token = xstrdup("nobody's");
    simclient_start(&w);
    STEP_UNTIL(&w, w.states[SERVICES].reason.code == ERR_AUTH);
    assert_null(strstr(w.states[SERVICES].reason.msg, "nobody's"));
    simclient_down(&w);
}

static void quits_at_once_while_the_server_hangs(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct simclient w;
        simclient_serve(&w, NULL);
        apisim_generate(w.sim, 20);
        if (i == 0) {
            apisim_blackhole(w.sim, true); // hangs in the handshake
        }
        simclient_start(&w);
        if (i == 1) {
            STEP_UNTIL(&w, simclient_all_live(&w));
            apisim_blackhole(w.sim, true);
        }
        for (int k = 0; k < 3; k++) {
            client_step(w.client, 20);
        }
        int64_t start = clock_mono_ms();
        client_free(w.client);
        w.client = NULL;
        int64_t took = clock_mono_ms() - start;
#ifndef GATETOP_SANITIZED
        assert_true(took < 1000); // some ms; the handshake's own limit is longer by far
#endif
        printf("# client: freed in %lld ms\n", (long long)took);
        simclient_down(&w);
    }
}

int main(void)
{
    struct err err;
    if (!http_global_init(&err)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_watches_two_thousand),
        cmocka_unit_test(asks_as_it_should),
        cmocka_unit_test(http1_in_the_clear_and_over_tls),
        cmocka_unit_test(the_kinds_of_a_screen_come_first),
        cmocka_unit_test(legacy_and_beta_discovery),
        cmocka_unit_test(the_log_follows_requests_and_watches),
        cmocka_unit_test(compaction_lists_again_and_loses_nothing),
        cmocka_unit_test(black_hole_is_left_behind),
        cmocka_unit_test(a_dead_connection_beside_a_busy_one_is_left_behind),
        cmocka_unit_test(idle_connection_is_probed_not_dropped),
        cmocka_unit_test(cut_connections_resume),
        cmocka_unit_test(a_token_that_ended_in_an_outage_is_said),
        cmocka_unit_test(all_go_on_when_the_server_is_back),
        cmocka_unit_test(lists_that_are_cut_are_not_believed),
        cmocka_unit_test(a_streaming_list_comes_in_gzip_members),
        cmocka_unit_test(forbidden_names_the_verb_and_resource),
        cmocka_unit_test(falls_back_to_the_namespaces_that_may_be_read),
        cmocka_unit_test(many_namespaces_are_not_all_watched),
        cmocka_unit_test(a_crd_that_comes_goes_and_comes_again),
        cmocka_unit_test(a_404_of_discovery_is_taken_back),
        cmocka_unit_test(a_404_is_looked_up_in_a_whole_document),
        cmocka_unit_test(an_upgrade_is_followed),
        cmocka_unit_test(stale_group_does_not_stop_the_rest),
        cmocka_unit_test(without_rights_to_discovery_versions_are_tried),
        cmocka_unit_test(a_restored_backup_is_noticed),
        cmocka_unit_test(one_off_requests),
        cmocka_unit_test(a_get_is_repeated_on_the_next_connection),
        cmocka_unit_test(the_standard_pace),
        cmocka_unit_test(refused_and_untrusted_are_named),
        cmocka_unit_test(an_expired_token_is_renewed_once),
        cmocka_unit_test(a_wrong_token_is_said),
        cmocka_unit_test(quits_at_once_while_the_server_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
