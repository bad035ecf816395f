// SPDX-License-Identifier: Apache-2.0
// Nothing is lost: a cluster changes at random under faults of every kind; at quiet points gatetop's snapshot is
// the server's state, object by object.
//
// GATETOP_DIVERGENCE: how many changes (`make divergence`: 1,000,000 in twelve runs). GATETOP_SEED repeats the sequence
// of changes and of what befalls the cluster; which request a fault rule hits depends on timing as well. GATETOP_LOG: a
// file for the log.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/str.h"

#include "kube/store/session.h"
#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"

#include "tests/apisim/apisim.h"
#include "tests/support/simsession.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    NAMES =
        800, // of the kind whose lists have pages, 240 of others; some four fifths are there at a time
    FEW_NAMES = 240,
    ROUND = 1000, // changes between two quiet points
    PAUSE = 50,   // changes between two looks at the client
    PATIENCE_MS = 90000,
    LIVE_MIN = 2000,
};

// A sanitizer's build needs longer for the same answers: limits that it passes by itself end every connection.
#ifdef GATETOP_SANITIZED
enum { SLOW = 5 };
#else
enum { SLOW = 1 };
#endif

static struct world {
    struct apisim *sim;
    struct simsession live;
    uint64_t seed;
    char plural[KIND_COUNT][96];
    bool present[KIND_COUNT];      // its CRD
    bool there[KIND_COUNT][NAMES]; // what the model knows
    long changes, compared;
    long moods[16];
} world; // static: its threads look at it until end_world, also after a test has failed

static uint64_t draw(struct world *w, uint64_t below)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return (w->seed >> 11) % below;
}

static size_t names_of(enum kind k)
{
    return k == KIND_VIRTUALSERVICE ? NAMES : FEW_NAMES;
}

static bool is_read(enum kind k)
{
    return kinds[k].reading == READ_WHOLE || kinds[k].reading == READ_METADATA;
}

// --- up and down

static void give_token(struct world *w)
{
    apisim_user(w->sim, "admin", "admin-token");
}

static void open_world(struct world *w, uint64_t seed)
{
    struct err err = {0};
    const char *log = getenv("GATETOP_LOG");
    if (log != NULL && !log_open(log, &err)) {
        fail_msg("%s", err.msg);
    }
    memset(w, 0, sizeof *w);
    w->seed = seed * 0x9E3779B97F4A7C15u | 1;
    struct apisim_options o = {.history = 600,
                               .bookmark_ms = 50,
                               .seed = seed,
                               .too_large_delay_ms = 5,
                               .page_max = FEW_NAMES,
                               .watchlist_off = seed % 2 == 0};
    w->sim = apisim_start(&o, &err);
    assert_non_null(w->sim);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        const char *group = kinds[k].groups[0].group;
        snprintf(w->plural[k], sizeof w->plural[k], "%s%s%s", kinds[k].resource,
                 group[0] != '\0' ? "." : "", group);
        w->present[k] = true;
    }
    struct session_options l = {
        .kinds = KIND_SET_ALL,
        .client = {.limits = {.connect_ms = 2000 * SLOW,
                              .answer_ms = 20 * SLOW * 1000,
                              .silent_ms = 1000 * SLOW,
                              .idle_ms = 200 * SLOW,
                              .probe_ms = 500 * SLOW},
                   .discovery_ms = 150,
                   .heartbeat_ms = 100,
                   .jitter_ms = 10,
                   .backoff_first_ms = 5,
                   .backoff_max_ms = 50,
                   .refused_ms = 30,
                   .poll_ms = 30,
                   .seed = seed},
    };
    simsession_start_admin(&w->live, w->sim, &l);
}

static int end_world(void **state)
{
    (void)state;
    simsession_stop(&world.live);
    apisim_stop(world.sim);
    log_close();
    return 0;
}

// --- changes

static void name_of(const struct world *w, enum kind k, size_t n, char ns[16], char name[32])
{
    (void)w;
    snprintf(ns, 16, "%s", kinds[k].namespaced ? (n % 3 == 0 ? "ns-0" : "ns-1") : "");
    snprintf(name, 32, "%s-%zu", k == KIND_NAMESPACE ? "ns" : "o", n);
}

// The part of an object that makes its kind's row depend on others.
static void body_of(struct world *w, enum kind k, struct buf *b)
{
    unsigned a = (unsigned)draw(w, FEW_NAMES), c = (unsigned)draw(w, FEW_NAMES);
    switch (k) {
    case KIND_GATEWAY:
        buf_addf(b,
                 ",\"spec\":{\"selector\":{\"istio\":\"ingressgateway\"},\"servers\":[{\"hosts\":["
                 "\"h-%u.example.org\"],\"port\":{\"number\":443,"
                 "\"name\":\"https\",\"protocol\":\"HTTPS\"},\"tls\":{\"mode\":\"SIMPLE\","
                 "\"credentialName\":\"o-%u\"}}]}",
                 a, c);
        break;
    case KIND_VIRTUALSERVICE:
        buf_addf(
            b,
            ",\"spec\":{\"hosts\":[\"h-%u.example.org\"],\"gateways\":[\"ns-1/o-%u\"],\"http\":[{"
            "\"route\":[{\"destination\":{\"host\":\"o-%u.ns-1.svc.cluster.local\"}}]}]}",
            a, c, a);
        break;
    case KIND_CERTIFICATE:
        buf_addf(b,
                 ",\"spec\":{\"secretName\":\"o-%u\",\"dnsNames\":[\"h-%u.example.org\"],"
                 "\"issuerRef\":{\"name\":\"o-1\",\"kind\":\"ClusterIssuer\"}}",
                 a, c);
        break;
    case KIND_SECRET:
        buf_adds(b, ",\"type\":\"kubernetes.io/tls\"");
        break;
    case KIND_SERVICE:
        buf_adds(b, ",\"spec\":{\"ports\":[{\"port\":80}]}");
        break;
    default:
        break;
    }
}

static void put(struct world *w, enum kind k, size_t n)
{
    char ns[16], name[32];
    struct err err;
    struct buf b;
    name_of(w, k, n, ns, name);
    buf_init(&b, 0);
    const char *group = kinds[k].groups[0].group, *version = kinds[k].groups[0].versions[0];
    buf_addf(&b, "{\"apiVersion\":\"%s%s%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",", group,
             group[0] != '\0' ? "/" : "", version, kinds[k].kind, name);
    if (ns[0] != '\0') {
        buf_addf(&b, "\"namespace\":\"%s\",", ns);
    }
    buf_addf(&b, "\"labels\":{\"r\":\"%" PRIu64 "\"}}", draw(w, 1000000000));
    body_of(w, k, &b);
    buf_addc(&b, '}');
    if (apisim_apply(w->sim, b.data, &err) == 0) {
        fail_msg("%s: %s", b.data, err.msg);
    }
    buf_release(&b);
    w->there[k][n] = true;
}

static void drop(struct world *w, enum kind k, size_t n)
{
    char ns[16], name[32];
    name_of(w, k, n, ns, name);
    apisim_delete(w->sim, w->plural[k], ns, name);
    w->there[k][n] = false;
}

static enum kind draw_kind(struct world *w)
{
    for (;;) {
        enum kind k = (enum kind)draw(w, KIND_COUNT);
        if (is_read(k) && w->present[k]) {
            return k;
        }
    }
}

static void change(struct world *w)
{
    enum kind k = draw_kind(w);
    size_t n = draw(w, names_of(k));
    uint64_t what = draw(w, 20);
    if (w->there[k][n] && what < 4) {
        drop(w, k, n);
        if (what < 2) {
            put(w, k, n); // the same name with another uid
        }
    } else {
        put(w, k, n);
    }
    w->changes++;
}

static void fill(struct world *w, enum kind k)
{
    for (size_t n = 0; n < names_of(k); n++) {
        if (!w->there[k][n] && draw(w, 6) > 0) {
            put(w, k, n);
        }
    }
}

static long live_objects(const struct world *w)
{
    long sum = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        for (size_t n = 0; n < names_of(k); n++) {
            sum += w->there[k][n];
        }
    }
    return sum;
}

// --- what befalls it

static void crd(struct world *w, enum kind k, bool present)
{
    assert_true(apisim_crd(w->sim, w->plural[k], present));
    w->present[k] = present;
    if (!present) {
        memset(w->there[k], 0, sizeof w->there[k]);
    } else {
        fill(w, k);
    }
}

enum mood {
    MOOD_END,
    MOOD_FIN,
    MOOD_RST,
    MOOD_GOAWAY,
    MOOD_COMPACT,
    MOOD_BLACKHOLE,
    MOOD_DENY,
    MOOD_EXPIRE,
    MOOD_CRD,
    MOOD_VERSION,
    MOOD_STALE,
    MOOD_ROLLBACK,
    MOODS
};
static const char *const mood_names[MOODS] = {"watches ended", "connections FIN", "connections RST",
                                              "GOAWAY",        "compaction",      "black hole",
                                              "RBAC denied",   "token expired",   "CRD removed",
                                              "version gone",  "group stale",     "rollback"};

static enum kind draw_crd(struct world *w)
{
    for (;;) {
        enum kind k = draw_kind(w);
        if (kinds[k].groups[0].group[0] != '\0') {
            return k;
        }
    }
}

// Ends what an earlier mood left behind.
static void heal(struct world *w)
{
    give_token(w);
    apisim_blackhole(w->sim, false);
    apisim_user_clear_rules(w->sim, "admin");
    apisim_version(w->sim, "networking.istio.io", "v1", true);
    apisim_stale(w->sim, "cert-manager.io", false);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        if (is_read(k) && !w->present[k]) {
            crd(w, k, true);
        }
    }
}

static void befall(struct world *w)
{
    static const int weights[MOODS] = {
        [MOOD_END] = 20,    [MOOD_FIN] = 1,       [MOOD_RST] = 1,  [MOOD_GOAWAY] = 2,
        [MOOD_COMPACT] = 2, [MOOD_BLACKHOLE] = 1, [MOOD_DENY] = 2, [MOOD_EXPIRE] = 1,
        [MOOD_CRD] = 1,     [MOOD_VERSION] = 1,   [MOOD_STALE] = 1};
    int all = 0, m = 0;
    for (int i = 0; i < MOODS; i++) {
        all += weights[i];
    }
    for (int at = (int)draw(w, (uint64_t)all); at >= weights[m]; m++) {
        at -= weights[m];
    }
    w->moods[m]++;
    char rule[160];
    switch ((enum mood)m) {
    case MOOD_END:
        for (int i = 0; i < 4; i++) {
            apisim_end_watches(w->sim, w->plural[draw_kind(w)]);
        }
        break;
    case MOOD_FIN:
    case MOOD_RST:
        apisim_drop_connections(w->sim, m == MOOD_RST);
        break;
    case MOOD_GOAWAY:
        apisim_goaway(w->sim);
        break;
    case MOOD_COMPACT:
        apisim_compact(w->sim);
        break;
    case MOOD_BLACKHOLE:
        apisim_blackhole(w->sim, true);
        break;
    case MOOD_DENY:
        snprintf(rule, sizeof rule, "deny %s %s", draw(w, 2) == 0 ? "*" : "watch",
                 w->plural[draw_kind(w)]);
        assert_true(apisim_user_rule(w->sim, "admin", rule));
        break;
    case MOOD_EXPIRE:
        apisim_expire_token(w->sim, "admin");
        break;
    case MOOD_CRD:
        crd(w, draw_crd(w), false);
        break;
    case MOOD_VERSION:
        assert_true(apisim_version(w->sim, "networking.istio.io", "v1", false));
        break;
    case MOOD_STALE:
        assert_true(apisim_stale(w->sim, "cert-manager.io", true));
        break;
    default:
        break;
    }
}

// Rules of which each hits some of the requests.
static const char *const rules[] = {
    "delay=20",
    "cut=rand:3000 how=fin",
    "cut=rand:3000 how=eof",
    "cut=rand:3000 how=rst",
    "cut=rand:3000 how=goaway",
    "cut=rand:3000 how=refuse",
    "cut=rand:3000 how=stream code=0",
    "cut=rand:3000 how=stream code=1",
    "cut=rand:3000 how=stream code=2",
    "cut=rand:3000 how=stream code=3",
    "cut=rand:3000 how=stream code=4",
    "cut=rand:3000 how=stream code=5",
    "cut=rand:3000 how=stream code=6",
    "cut=rand:3000 how=stream code=7",
    "cut=rand:3000 how=stream code=8",
    "cut=rand:3000 how=stream code=9",
    "cut=rand:3000 how=stream code=10",
    "cut=rand:3000 how=stream code=11",
    "cut=rand:3000 how=stream code=12",
    "cut=rand:3000 how=stream code=13",
    "drop how=fin",
    "blackhole",
    "rate=200000",
    "chunk=700",
    "split=rand:3000",
    "corrupt=rand:3000",
    "end=rand:2000 verb=watch p=0.03",
    "compact",
    "status=410 verb=watch resource=virtualservices p=0.8", // the kind whose lists have pages
    "compact verb=list resource=virtualservices p=0.9",     // between two of them
    "expire",
    "status=401",
    "status=403",
    "status=404",
    "status=410",
    "status=429 retry-after=1",
    "status=500",
    "status=502 body=html",
    "status=503",
    "status=504",
    "status=503 retry-after=1",
};
enum { RULES = sizeof rules / sizeof *rules };

static uint64_t fired[RULES];
static long requests, pages, streamed;

static void tally(void *self, const struct apisim_seen *r)
{
    (void)self;
    requests++;
    pages += strstr(r->target, "continue=") != NULL;
    streamed += strstr(r->target, "sendInitialEvents=true") != NULL;
}

static void arm(struct world *w, int ids[RULES])
{
    struct err err = {0};
    for (size_t i = 0; i < RULES; i++) {
        char rule[160];
        snprintf(rule, sizeof rule, "%s%s", rules[i], strstr(rules[i], " p=") ? "" : " p=0.0027");
        ids[i] = apisim_fault(w->sim, rule, &err);
        assert_true(ids[i] >= 0);
    }
}

static void disarm(struct world *w, const int ids[RULES])
{
    for (size_t i = 0; i < RULES; i++) {
        fired[i] += apisim_fault_count(w->sim, ids[i]);
    }
    apisim_fault_clear(w->sim);
    apisim_requests(w->sim, tally, NULL);
    apisim_requests_clear(w->sim);
}

// --- the comparison

// Whether kind k of the snapshot is `dump` ("ns/name uid rv" a line), and nothing else. Says what differs.
static bool same(const struct snapshot *s, enum kind k, char *dump, struct buf *out)
{
    size_t lines = 0;
    bool ok = true;
    char *save = NULL;
    for (char *line = strtok_r(dump, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        lines++;
        char *uid = strchr(line, ' '), *rv = strchr(uid + 1, ' ');
        *uid++ = *rv++ = '\0';
        char *slash = strchr(line, '/');
        const char *ns = "", *name = line;
        if (slash != NULL) {
            *slash = '\0';
            ns = line;
            name = slash + 1;
        }
        const struct object *o = snapshot_get(s, k, ns, name);
        if (o == NULL || !str_eq(o->uid, uid) || !str_eq(o->resource_version, rv)) {
            if (out == NULL) {
                return false;
            }
            buf_addf(out, "  %s %s/%s: server %s %s, gatetop %s %s\n", kinds[k].kind, ns, name, uid,
                     rv, o != NULL ? o->uid : "-", o != NULL ? o->resource_version : "-");
            ok = false;
        }
    }
    if (s->objects[k].count != lines) {
        if (out != NULL) {
            buf_addf(out, "  %s: server %zu objects, gatetop %zu\n", kinds[k].kind, lines,
                     (size_t)s->objects[k].count);
        }
        ok = false;
    }
    return ok;
}

// Whether kind k is live and whole; without looking at its objects.
static bool is_live(const struct snapshot *s, enum kind k)
{
    const struct kind_state *x = &s->states[k];
    return x->state == SYNC_LIVE && !x->partial && x->dropped == 0;
}

// Says what differs where out is given.
static bool equal(struct world *w, const struct snapshot *s, struct buf *out)
{
    bool ok = true;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        if (is_read(k) && !is_live(s, k)) {
            ok = false;
            if (out != NULL) {
                buf_addf(out, "  %s: %s%s %s\n", kinds[k].kind, sync_state_name(s->states[k].state),
                         s->states[k].partial ? ", partial" : "", s->states[k].reason);
            }
        }
    }
    for (enum kind k = 0; k < KIND_COUNT && (ok || out != NULL); k++) {
        if (is_read(k)) {
            char *dump = apisim_dump(w->sim, w->plural[k]);
            ok = same(s, k, dump, out) && ok;
            free(dump);
        }
    }
    return ok;
}

struct asked {
    int64_t since;
    FILE *out;
};

static void print_request(void *self, const struct apisim_seen *r)
{
    const struct asked *a = self;
    if (r->at_ms >= a->since) {
        fprintf(a->out, "  %" PRId64 " ms: connection %" PRIu64 " %s %s: %d\n", r->at_ms - a->since,
                r->conn, r->method, r->target, r->status);
    }
}

// Says what differs, and what was asked of the server in vain.
static void give_up(struct world *w, const struct snapshot *s, const char *after)
{
    struct buf b;
    buf_init(&b, 0);
    equal(w, s, &b);
    printf("# after %ld changes (%s) gatetop differs:\n%s", w->changes, after, b.data);
    buf_release(&b);
    apisim_requests(w->sim, print_request, &(struct asked){clock_mono_ms() - PATIENCE_MS, stdout});
    snapshot_unref(s);
    fail_msg("gatetop differs from the server");
}

static void settle(struct world *w, const char *after)
{
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    for (;;) {
        const struct snapshot *s = session_latest(w->live.session);
        if (s != NULL && equal(w, s, NULL)) {
            snapshot_unref(s);
            w->compared++;
            return;
        }
        if (s != NULL && clock_mono_ms() > end) {
            give_up(w, s, after);
        }
        snapshot_unref(s);
        simsession_wait(&w->live, 200);
    }
}

// The same rows as an index that is built anew from the snapshot.
static void compare_rows(const struct snapshot *s)
{
    struct store *store = store_new();
    store_copy(store, s);
    const struct snapshot *other = store_publish(
        store, app_rows_build(store_view(store), NULL, clock_now(), NULL), app_rows_unref);
    uint64_t sum[2] = {0, 0};
    const struct snapshot *both[2] = {s, other};
    for (int i = 0; i < 2; i++) {
        struct app_rows_iter it;
        const struct app_row *r;
        for (app_rows_begin(&it, both[i]); (r = app_rows_next(&it)) != NULL;) {
            struct buf b;
            buf_init(&b, 0);
            buf_addf(&b, "%s %s %s %s %s", r->ns, r->host, str_or_empty(r->gateway),
                     str_or_empty(r->virtualservice), r->reason);
            for (int l = 0; l < LINK_COUNT; l++) {
                buf_addf(&b, " %d", r->link[l]);
            }
            sum[i] += str_hash(b.data); // rows come in hash order: a sum
            buf_release(&b);
        }
    }
    assert_int_equal(app_rows_count(s), app_rows_count(other));
    assert_true(sum[0] == sum[1]);
    snapshot_unref(other);
    store_free(store);
}

// A restored backup while nothing else happens: the server's versions are those of a moment ago.
static void roll_back(struct world *w)
{
    for (int i = 0; i < 40; i++) {
        enum kind k = draw_kind(w);
        put(w, k, draw(w, names_of(k))); // what is there stays there
    }
    bool there[KIND_COUNT][NAMES];
    settle(w, "before a rollback");
    uint64_t rv = apisim_rv(w->sim);
    memcpy(there, w->there, sizeof there);
    for (int i = 0; i < 40; i++) {
        change(w);
    }
    settle(w, "before a rollback");
    // The check for it has seen the newest versions.
    size_t seen = apisim_request_count(w->sim, "list", "namespaces");
    assert_true(apisim_wait_requests(w->sim, "list", "namespaces", seen + 2, PATIENCE_MS));
    if (apisim_rollback(w->sim, rv)) {
        memcpy(w->there, there, sizeof there);
        w->moods[MOOD_ROLLBACK]++;
    }
    settle(w, "rollback");
}

// --- the test

// tests/divergence adds these lines up over several runs.
static void report(const struct world *w)
{
    for (size_t i = 0; i < RULES; i++) {
        printf("# divergence: fault %s: %" PRIu64 "\n", rules[i], fired[i]);
    }
    for (int i = 0; i < MOODS; i++) {
        printf("# divergence: %s: %ld\n", mood_names[i], w->moods[i]);
    }
    printf("# divergence: later pages: %ld\n# divergence: streaming lists: %ld\n", pages, streamed);
    printf("# divergence: %ld requests\n", requests);
    printf("# divergence: %ld changes, %ld objects, %ld comparisons, no difference\n", w->changes,
           live_objects(w), w->compared);
}

static void nothing_is_lost_under_faults(void **state)
{
    (void)state;
    const char *wanted = getenv("GATETOP_DIVERGENCE"), *seed = getenv("GATETOP_SEED");
#ifdef GATETOP_SANITIZED
    long changes = 2000;
#else
    long changes = 5000;
#endif
    changes = wanted != NULL ? atol(wanted) : changes;
    struct world *w = &world;
    open_world(w, seed != NULL ? strtoull(seed, NULL, 10) : 1);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        if (is_read(k)) {
            fill(w, k);
        }
    }
    settle(w, "the start");
    for (int round = 0; w->changes < changes; round++) {
        int ids[RULES];
        arm(w, ids);
        for (int i = 0; i < ROUND; i++) {
            change(w);
            if (i % PAUSE == PAUSE - 1) {
                befall(w);
                size_t seen = apisim_request_count(w->sim, NULL, NULL);
                apisim_wait_requests(w->sim, NULL, NULL, seen + 40, 400);
                if (draw(w, 2) == 0) {
                    heal(w);
                }
            }
        }
        assert_true(live_objects(w) >= LIVE_MIN);
        disarm(w, ids);
        heal(w);
        settle(w, "faults");
        if (round % 4 == 0) {
            roll_back(w);
        }
        if (round % 16 == 0) {
            const struct snapshot *s = session_latest(w->live.session);
            compare_rows(s);
            snapshot_unref(s);
        }
    }
    report(w);
}

// --- Secrets asked for by name: of another type than the list has, and not watched

static void wait_secret(struct world *w, bool (*holds)(const struct snapshot *s))
{
    int64_t end = clock_mono_ms() + PATIENCE_MS / 3;
    for (;;) {
        const struct snapshot *s = session_latest(w->live.session);
        bool ok = s != NULL && holds(s);
        snapshot_unref(s);
        if (ok) {
            return;
        }
        assert_true(clock_mono_ms() < end);
        simsession_wait(&w->live, 200);
    }
}

static bool has_opaque(const struct snapshot *s)
{
    return snapshot_get(s, KIND_SECRET, "istio-system", "opaque") != NULL;
}

static bool says_that_one_is_refused(const struct snapshot *s)
{
    const struct kind_state *x = &s->states[KIND_SECRET];
    return x->synced && !kind_complete(x) && strstr(x->reason, "by name") != NULL;
}

static bool has_opaque_and_all(const struct snapshot *s)
{
    return has_opaque(s) && kind_complete(&s->states[KIND_SECRET]);
}

static void apply(struct world *w, const char *json)
{
    struct err err;
    if (apisim_apply(w->sim, json, &err) == 0) {
        fail_msg("%s", err.msg);
    }
}

static void name_a_secret(struct world *w)
{
    apply(w,
          "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"type\":\"Opaque\",\"metadata\":{\"name\":"
          "\"opaque\",\"namespace\":\"istio-system\"}}");
    apply(w,
          "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"Gateway\",\"metadata\":{\"name\":"
          "\"g\",\"namespace\":\"istio-system\"},\"spec\":{\"servers\":[{\"hosts\":[\"a.example."
          "org\"],"
          "\"port\":{\"number\":443,\"name\":\"https\",\"protocol\":\"HTTPS\"},\"tls\":{\"mode\":"
          "\"SIMPLE\",\"credentialName\":\"opaque\"}}]}}");
}

static void a_secret_asked_for_in_vain_is_asked_for_again(void **state)
{
    (void)state;
    struct world *w = &world;
    struct err err;
    open_world(w, 1);
    assert_true(apisim_fault(w->sim, "status=500 verb=get resource=secrets times=2", &err) >= 0);
    name_a_secret(w);
    wait_secret(w, has_opaque_and_all);
}

static void a_refused_secret_is_unknown_and_not_missing(void **state)
{
    (void)state;
    struct world *w = &world;
    open_world(w, 1);
    assert_true(apisim_user_rule(w->sim, "admin", "deny get secrets"));
    name_a_secret(w);
    wait_secret(w, says_that_one_is_refused);
    apisim_user_clear_rules(w->sim, "admin");
    wait_secret(w, has_opaque_and_all);
}

int main(void)
{
    struct err err;
    if (!http_global_init(&err)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_is_lost_under_faults, end_world),
        cmocka_unit_test_teardown(a_secret_asked_for_in_vain_is_asked_for_again, end_world),
        cmocka_unit_test_teardown(a_refused_secret_is_unknown_and_not_missing, end_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
