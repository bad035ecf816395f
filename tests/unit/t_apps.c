// SPDX-License-Identifier: Apache-2.0
// The rows of the view apps are in the same order whether they are sorted anew or with the help of an earlier list.
#include "kube/base/arena.h"
#include "kube/base/mem.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_updater.h"

#include "views/view_list.h"

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

enum { APPS = 300, TURNS = 200, CHANGES = 40 };

static struct store *store;
static struct app_updater *updater;

static void put(const char *kind, const char *api, int i, const char *name, const char *spec)
{
    char *text =
        xasprintf("{apiVersion: %s, kind: %s, metadata: {namespace: n%d, name: %s}, spec: {%s}}",
                  api, kind, i % 7, name, spec);
    (void)store_put(store, world_object(text));
    free(text);
}

// An application whose state depends on the Service; or its end.
static void change(void)
{
    int i = (int)pick(APPS);
    char name[16], other[16], *spec;
    snprintf(name, sizeof name, "a%d", i);
    snprintf(other, sizeof other, "b%d", i);
    switch (pick(4)) {
    case 0:
        spec = xasprintf(
            "selector: {istio: x}, servers: [{port: {number: 80, name: h, protocol: HTTP}, "
            "hosts: [h%d.example.com]}]",
            i);
        put("Gateway", "networking.istio.io/v1", i, name, spec);
        free(spec);
        break;
    case 1: // two of the same host and gateway differ in their names only
        spec = xasprintf("hosts: [h%d.example.com], gateways: [%s], http: [{route: [{destination: "
                         "{host: %s, port: {number: 80}}}]}]",
                         i, name, name);
        put("VirtualService", "networking.istio.io/v1", i, pick(2) == 0 ? name : other, spec);
        free(spec);
        break;
    case 2:
        put("Service", "v1", i, name, pick(2) == 0 ? "ports: [{port: 80}]" : "ports: [{port: 81}]");
        break;
    default:
        snprintf(other, sizeof other, "n%d", i % 7);
        (void)store_remove(store, pick(2) == 0 ? KIND_VIRTUALSERVICE : KIND_SERVICE, other, name);
        break;
    }
}

static const struct snapshot *publish(void)
{
    const void *rows = app_updater_run(updater, store_view(store), 1764000000);
    return store_publish(store, rows, app_rows_unref);
}

static struct view_rows list(const struct snapshot *s, struct arena *a, struct view_rows before)
{
    static const struct view_options options;
    const struct view_args args = {
        .snap = s, .arena = a, .now = 1764000000, .options = &options, .before = before};
    return view_find("apps")->list(&args);
}

static void the_order_is_the_same(void **state)
{
    (void)state;
    struct arena arena[2];
    store = store_new();
    updater = app_updater_new(NULL);
    store_on_change(store, app_updater_changed, updater);
    live_store(store);
    arena_init(&arena[0]);
    arena_init(&arena[1]);
    pick_from(12);
    const struct snapshot *last = publish();
    struct view_rows before = {0};
    uint32_t most = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        for (uint32_t n = pick(turn == 0 ? 4 : CHANGES) + (turn == 0 ? 4000 : 0); n > 0; n--) {
            change();
        }
        const struct snapshot *now = publish();
        struct arena *a = &arena[turn % 2];
        arena_clear(a);
        const struct view_rows anew = list(now, a, (struct view_rows){0});
        const struct view_rows rows = list(now, a, before);
        assert_int_equal(rows.n, anew.n);
        assert_memory_equal(rows.at, anew.at, rows.n * sizeof *rows.at);
        most = rows.n > most ? rows.n : most;
        before = rows;
        snapshot_unref(last);
        last = now;
    }
    assert_true(most > APPS);
    snapshot_unref(last);
    app_updater_free(updater);
    store_free(store);
    arena_release(&arena[0]);
    arena_release(&arena[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
