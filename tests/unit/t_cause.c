// SPDX-License-Identifier: Apache-2.0
// Causes: every link of every host that is not ok belongs to one of them, findings join them, and what stands before
// another hides it.
#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/store/store.h"

#include "kube/mesh/cause/cause.h"
#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/chain/app_updater.h"
#include "kube/mesh/check/check.h"

#include "tests/support/live_store.h"
#include "tests/support/pick.h"
#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define T0 INT64_C(1764000000)

#define POD                                                                                        \
    "{apiVersion: v1, kind: Pod, metadata: {name: gw, namespace: istio-system, labels: {istio: "   \
    "gw}}, status: {phase: Running}}\n---\n"
#define NAMESPACE(name) "{apiVersion: v1, kind: Namespace, metadata: {name: " name "}}\n---\n"
#define GATEWAY(name, hosts, secret)                                                               \
    "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: " name                   \
    ", namespace: a}, spec: {selector: {istio: gw}, servers: [{port: {number: 443, name: h, "      \
    "protocol: HTTPS}, hosts: [" hosts "], tls: {mode: SIMPLE, credentialName: " secret            \
    "}}]}}\n---\n"
#define VS(name, host, gateway, service)                                                           \
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: " name            \
    ", namespace: a}, spec: {hosts: [" host "], gateways: [" gateway "], http: [{route: "          \
    "[{destination: {host: " service ", port: {number: 80}}}]}]}}\n---\n"
#define SERVICE(name)                                                                              \
    "{apiVersion: v1, kind: Service, metadata: {name: " name                                       \
    ", namespace: a}, spec: {ports: [{port: 80}]}}\n---\n"
#define SECRET(name)                                                                               \
    "{apiVersion: v1, kind: Secret, metadata: {name: " name                                        \
    ", namespace: istio-system}, type: kubernetes.io/tls}\n---\n"
#define CERTIFICATE(name, reason)                                                                       \
    "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: " name                        \
    ", namespace: istio-system, creationTimestamp: \"2025-01-01T00:00:00Z\"}, spec: {secretName: " name \
    ", dnsNames: [\"*.x.io\"], issuerRef: {name: le, kind: ClusterIssuer}}, status: "                   \
    "{conditions: [{type: Ready, status: \"False\", reason: " reason                                    \
    ", message: no, lastTransitionTime: \"2025-11-24T10:00:00Z\"}]}}\n---\n"

// --- a store with its rows kept up to date

struct kept {
    struct store *store;
    struct app_updater *updater;
    const struct snapshot *snap; // the last
    struct arena arena;
    struct mesh mesh;
    int64_t now;
};

static void open_kept(struct kept *k)
{
    *k = (struct kept){.store = store_new(), .updater = app_updater_new(NULL), .now = T0};
    store_on_change(k->store, app_updater_changed, k->updater);
    live_store(k->store);
    arena_init(&k->arena);
}

static struct causes causes_of(struct kept *k, const struct findings *f)
{
    snapshot_unref(k->snap);
    k->snap = store_publish(k->store, app_updater_run(k->updater, store_view(k->store), k->now),
                            app_rows_unref);
    k->mesh = (struct mesh){.snap = k->snap, .arena = &k->arena, .now = k->now};
    return causes_find(&k->mesh, f, NULL);
}

static void close_kept(struct kept *k)
{
    snapshot_unref(k->snap);
    app_updater_free(k->updater);
    store_free(k->store);
    arena_release(&k->arena);
}

static const struct cause *cause_at(const struct causes *all, const char *name, const char *field)
{
    for (uint32_t i = 0; i < all->n; i++) {
        if (strcmp(all->at[i].name, name) == 0 && strcmp(all->at[i].field, field) == 0) {
            return &all->at[i];
        }
    }
    fail_msg("no cause %s %s", name, field);
    return NULL;
}

// --- what is one cause

static void hosts_of_one_certificate(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    world_put(k.store,
              POD NAMESPACE("a") GATEWAY("g", "\"*.x.io\"", "cert") SECRET("cert")
                  CERTIFICATE("cert", "DoesNotExist") SERVICE("s") VS("v1", "one.x.io", "g", "s")
                      VS("v2", "two.x.io", "g", "s") VS("v3", "three.x.io", "g", "gone"));
    const struct causes all = causes_of(&k, NULL);
    const struct cause *c = cause_at(&all, "cert", "");
    assert_ptr_equal(c, &all.at[0]); // hits the most
    assert_int_equal(c->kind, KIND_CERTIFICATE);
    assert_int_equal(c->nhosts, 3);
    assert_string_equal(c->rows[0]->host, "one.x.io");
    assert_string_equal(c->rows[1]->host, "three.x.io");
    assert_int_equal(c->since, time_parse("2025-11-24T10:00:00Z"));
    assert_false(c->at_most);
    assert_null(c->hidden_by);
    // The certificate breaks all requests to three.x.io before they come to the rule.
    const struct cause *gone = cause_at(&all, "v3", "spec.http[0].route[0].destination");
    assert_string_equal(gone->words, "No such Service: gone");
    assert_ptr_equal(gone->hidden_by, c);
    assert_ptr_equal(gone, &all.at[all.n - 1]);
    close_kept(&k);
}

static void one_typo_is_one_cause(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    world_put(k.store, POD NAMESPACE("a") GATEWAY("g", "fee.x.io", "cert") SECRET("cert")
                           SERVICE("s") VS("v", "fees.x.io", "g", "s"));
    const struct causes all = causes_of(&k, NULL);
    const struct cause *c = cause_at(&all, "g", "spec.servers");
    assert_int_equal(c->nhosts, 2);
    assert_string_equal(c->words, "Names differ: the Gateway has fee.");
    assert_int_equal(c->link, LINK_GATEWAY);
    close_kept(&k);
}

static void a_missing_secret_of_many_gateways(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    world_put(k.store, POD NAMESPACE("a") GATEWAY("g1", "one.x.io", "cert") SERVICE("s")
                           GATEWAY("g2", "two.x.io", "cert") VS("v1", "one.x.io", "g1", "s")
                               VS("v2", "two.x.io", "g2", "s"));
    struct causes all = causes_of(&k, NULL);
    const struct cause *c = cause_at(&all, "cert", "");
    assert_int_equal(c->kind, KIND_SECRET);
    assert_int_equal(c->nhosts, 2);
    // What check finds at the two Gateways is this cause, and no other.
    struct findings found = {0};
    check_run(&k.mesh, NULL, &found);
    const uint32_t without = all.n;
    all = causes_find(&k.mesh, &found, NULL);
    c = cause_at(&all, "cert", "");
    assert_int_equal(c->nfindings, 2);
    assert_string_equal(c->finding->code, "IST0101");
    for (uint32_t i = 0; i < all.n; i++) {
        assert_true(all.at[i].nrows > 0 || !str_ends(all.at[i].field, "credentialName"));
    }
    assert_true(all.n >= without);
    close_kept(&k);
}

// Another host without the earlier fault: mending the later one alone helps it.
static void not_hidden_for_all(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    world_put(k.store, POD NAMESPACE("a") GATEWAY("g1", "one.x.io", "c1") SECRET("c2")
                           GATEWAY("g2", "\"*.x.io\"", "c2"));
    // One VirtualService, two hosts: the rule is at fault for both, the Secret for one.
    world_put(k.store, VS("v", "one.x.io, two.x.io", "g1, g2", "gone"));
    struct causes all = causes_of(&k, NULL);
    const struct cause *gone = cause_at(&all, "v", "spec.http[0].route[0].destination");
    assert_int_equal(gone->nhosts, 2);
    assert_null(gone->hidden_by);
    (void)store_remove(k.store, KIND_GATEWAY, "a", "g2");
    world_put(k.store, VS("v", "one.x.io", "g1", "gone"));
    all = causes_of(&k, NULL);
    gone = cause_at(&all, "v", "spec.http[0].route[0].destination");
    assert_non_null(gone->hidden_by);
    assert_string_equal(gone->hidden_by->name, "c1");
    close_kept(&k);
}

static void since_when(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    world_put(k.store, POD NAMESPACE("a") GATEWAY("g", "one.x.io", "cert") SECRET("cert")
                           SERVICE("s") VS("v", "one.x.io", "g", "s"));
    const char *const field = "spec.http[0].route[0].destination";
    struct causes all = causes_of(&k, NULL);
    for (uint32_t i = 0; i < all.n; i++) {
        assert_string_not_equal(all.at[i].name, "v");
    }
    // Seen to go: it is known when.
    k.now = T0 + 100;
    (void)store_remove(k.store, KIND_SERVICE, "a", "s");
    all = causes_of(&k, NULL);
    assert_int_equal(cause_at(&all, "v", field)->since, T0 + 100);
    assert_false(cause_at(&all, "v", field)->at_most);
    // A change of something else keeps it.
    k.now = T0 + 200;
    world_put(k.store,
              "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: "
              "v, namespace: a, labels: {x: y}}, spec: {hosts: [one.x.io], gateways: [g], "
              "http: [{route: [{destination: {host: s, port: {number: 80}}}]}]}}");
    all = causes_of(&k, NULL);
    assert_int_equal(cause_at(&all, "v", field)->since, T0 + 100);
    close_kept(&k);
    // There from the start: no younger than the objects.
    open_kept(&k);
    world_put(k.store,
              POD NAMESPACE("a") GATEWAY("g", "one.x.io", "cert") SECRET(
                  "cert") "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: "
                          "{name: v, namespace: a, creationTimestamp: \"2025-10-01T00:00:00Z\"}, "
                          "spec: {hosts: [one.x.io], gateways: [g], http: [{route: [{destination: "
                          "{host: s, port: {number: 80}}}]}]}}");
    all = causes_of(&k, NULL);
    assert_int_equal(cause_at(&all, "v", field)->since, time_parse("2025-10-01T00:00:00Z"));
    assert_true(cause_at(&all, "v", field)->at_most);
    close_kept(&k);
}

// --- over all worlds

// Every fault of every row is in one cause, which has the row once; and causes hold nothing else.
static void assert_whole(const struct snapshot *s, const struct causes *all)
{
    uint32_t faults = 0, found = 0, rows = 0;
    struct app_rows_iter it;
    const struct app_row *r;
    for (app_rows_begin(&it, s); (r = app_rows_next(&it)) != NULL;) {
        uint32_t bad = 0;
        for (int l = 0; l < LINK_COUNT; l++) {
            bad += r->link[l] > VERDICT_OK;
        }
        assert_int_equal(r->nfaults, bad);
        faults += bad;
        for (uint32_t i = 0; i < r->nfaults; i++) {
            assert_true(r->faults[i].words[0] != '\0' && r->faults[i].name[0] != '\0');
        }
    }
    for (uint32_t i = 0; i < all->n; i++) {
        const struct cause *c = &all->at[i];
        assert_true(c->nhosts <= c->nrows && (c->nrows == 0) == (c->nhosts == 0));
        for (uint32_t k = 0; k < c->nrows; k++) {
            assert_non_null(cause_fault(c, c->rows[k]));
            assert_true(k == 0 || c->rows[k] != c->rows[k - 1]);
            for (uint32_t f = 0; f < c->rows[k]->nfaults; f++) {
                const struct app_fault *x = &c->rows[k]->faults[f];
                found += x->kind == c->kind && strcmp(x->ns, c->ns) == 0 &&
                         strcmp(x->name, c->name) == 0 && strcmp(x->field, c->field) == 0;
            }
        }
        rows += c->nrows;
        assert_true(c->hidden_by == NULL || c->hidden_by->hidden_by == NULL);
        assert_true(c->hidden_by == NULL || c->hidden_by->state == VERDICT_BROKEN);
    }
    assert_int_equal(found, faults);
    assert_true(rows <= faults);
}

static void assert_same(const struct causes *a, const struct causes *b)
{
    assert_int_equal(a->n, b->n);
    for (uint32_t i = 0; i < a->n; i++) {
        const struct cause *x = &a->at[i], *y = cause_at(b, x->name, x->field);
        while (y->kind != x->kind || strcmp(y->ns, x->ns) != 0) { // of the same name
            const struct causes rest = {y + 1, (uint32_t)(b->at + b->n - y - 1)};
            y = cause_at(&rest, x->name, x->field);
        }
        assert_string_equal(x->words, y->words);
        assert_int_equal(x->state, y->state);
        assert_int_equal(x->link, y->link);
        assert_int_equal(x->nrows, y->nrows);
        assert_int_equal(x->nhosts, y->nhosts);
        assert_int_equal(x->hidden_by != NULL, y->hidden_by != NULL);
        if (x->hidden_by != NULL && y->hidden_by != NULL) {
            assert_string_equal(x->hidden_by->name, y->hidden_by->name);
        }
    }
}

static void change_world(struct store *s)
{
    static const char *const texts[] = {
        POD,
        NAMESPACE("a"),
        GATEWAY("g", "\"*.x.io\"", "c1"),
        GATEWAY("g", "one.x.io, two.x.io", "c2"),
        GATEWAY("h", "two.x.io", "c2"),
        GATEWAY("h", "three.x.io", "c3"),
        SECRET("c1"),
        SECRET("c2"),
        CERTIFICATE("c1", "DoesNotExist"),
        CERTIFICATE("c2", "Failed"),
        SERVICE("s"),
        SERVICE("t"),
        VS("v", "one.x.io", "g", "s"),
        VS("v", "one.x.io, two.x.io, three.x.io", "\"g\", \"h\"", "t"),
        VS("w", "two.x.io", "h", "s"),
        VS("w", "deep.two.x.io", "nowhere", "gone"),
    };
    static const struct {
        enum kind kind;
        const char *ns, *name;
    } gone[] = {
        {KIND_POD, "istio-system", "gw"},
        {KIND_NAMESPACE, "", "a"},
        {KIND_GATEWAY, "a", "g"},
        {KIND_GATEWAY, "a", "h"},
        {KIND_SECRET, "istio-system", "c1"},
        {KIND_SECRET, "istio-system", "c2"},
        {KIND_SERVICE, "a", "s"},
        {KIND_SERVICE, "a", "t"},
        {KIND_VIRTUALSERVICE, "a", "v"},
        {KIND_VIRTUALSERVICE, "a", "w"},
        {KIND_CERTIFICATE, "istio-system", "c1"},
    };
    if (pick(3) > 0) {
        world_put(s, PICK(texts));
    } else {
        const uint32_t i = pick(sizeof gone / sizeof *gone);
        (void)store_remove(s, gone[i].kind, gone[i].ns, gone[i].name);
    }
}

static void random_worlds(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    pick_from(16);
    uint32_t hidden = 0, most = 0;
    for (int turn = 0; turn < 600; turn++) {
        for (uint32_t n = 1 + pick(5); n > 0; n--) {
            change_world(k.store);
        }
        arena_clear(&k.arena);
        k.now += pick(100);
        const struct causes all = causes_of(&k, NULL);
        assert_whole(k.snap, &all);
        // The same from nothing.
        long made;
        const struct snapshot *anew = store_publish(
            k.store, app_rows_build(store_view(k.store), NULL, k.now, &made), app_rows_unref);
        const struct mesh m = {.snap = anew, .arena = &k.arena, .now = k.now};
        const struct causes want = causes_find(&m, NULL, NULL);
        assert_same(&all, &want);
        struct findings found = {0};
        check_run(&m, NULL, &found);
        const struct causes with = causes_find(&m, &found, NULL);
        assert_whole(anew, &with);
        for (uint32_t i = 0; i < all.n; i++) {
            hidden += all.at[i].hidden_by != NULL;
            most = all.at[i].nhosts > most ? all.at[i].nhosts : most;
        }
        snapshot_unref(anew);
    }
    assert_true(hidden > 100 && most >= 3);
    close_kept(&k);
}

static void files(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "tests/fixtures/platform",
        "docs/examples/wrong.yaml",
        "tests/fixtures/failures/rate-limited",
        "tests/fixtures/failures/dns01-propagation",
        "tests/fixtures/failures/secret-namespace",
        "tests/fixtures/failures/two-writers",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct kept k;
        open_kept(&k);
        world_put_path(k.store, paths[i]);
        const struct causes all = causes_of(&k, NULL);
        assert_whole(k.snap, &all);
        close_kept(&k);
    }
}

// One cause of 10,000 hosts, and 10,000 causes; t_growth counts the work of views over causes.
static void many(void **state)
{
    (void)state;
    enum { MANY = 10000 };
    struct kept k;
    open_kept(&k);
    world_put(k.store, POD NAMESPACE("a") GATEWAY("g", "\"*.x.io\"", "cert") SECRET("cert")
                           CERTIFICATE("cert", "DoesNotExist"));
    for (int i = 0; i < MANY; i++) {
        char *text = xasprintf(VS("v%d", "h%d.x.io", "g", "gone"), i, i);
        world_put(k.store, text);
        free(text);
    }
    const struct causes all = causes_of(&k, NULL);
    assert_int_equal(all.n, MANY + 2); // and the Gateway has no address
    assert_int_equal(all.at[0].nhosts, MANY);
    assert_ptr_equal(all.at[MANY + 1].hidden_by, &all.at[0]);
    assert_int_equal(cause_at(&all, "g", "status.addresses")->nhosts, MANY);
    close_kept(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_of_one_certificate),
        cmocka_unit_test(one_typo_is_one_cause),
        cmocka_unit_test(a_missing_secret_of_many_gateways),
        cmocka_unit_test(not_hidden_for_all),
        cmocka_unit_test(since_when),
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(files),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
