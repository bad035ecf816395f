// SPDX-License-Identifier: Apache-2.0
// The view namespaces: which wildcard is a namespace's domain (docs/rules/certificates.md#platform-namespace-domain).
#include "kube/base/arena.h"
#include "kube/base/json.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_updater.h"

#include "views/view_list.h"

#include "tests/support/world.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define NAMESPACE(name) "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: " name "}\n"
#define CERTIFICATE(name, names)                                                                   \
    "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: " name ", namespace: istio-system}\n" \
    "spec: {secretName: " name "-certificate, dnsNames: [" names "], issuerRef: {name: letsencrypt-dns}}\n"
#define VS(ns, host)                                                                               \
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: " ns "}\n" \
    "spec: {hosts: [" host "], gateways: [istio-system/app-gateway], http: [{route: [{destination: {host: web}}]}]}\n"

static const char world[] =
    NAMESPACE("shop-production") NAMESPACE("orders-staging") NAMESPACE("shop") NAMESPACE("empty")
    NAMESPACE("early") NAMESPACE("late")
    CERTIFICATE("aaa", "'*.early.d.io'") CERTIFICATE("zzz", "'*.late.d.io'")
    VS("early", "web.staging.apps.d.io") VS("late", "api.staging.apps.d.io")
    CERTIFICATE("shop-production", "shop-production.d.io, '*.shop-production.d.io'")
    CERTIFICATE("staging-app-wildcard", "staging.apps.d.io, '*.staging.apps.d.io'")
    CERTIFICATE("plain", "empty.d.io") CERTIFICATE("very-last", "'*.shop-production.e.io'")
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: app-gateway, namespace: istio-system}\n"
    "spec: {selector: {istio: in}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: ['*']}]}\n"
    VS("orders-staging", "orders.staging.apps.d.io") VS("shop", "v2.shop.staging.apps.d.io");

static const struct { const char *ns, *domain, *certificate; } domains[] = {
    {"early", "*.early.d.io", "istio-system/aaa"}, // of the two the first by name
    {"empty", NULL, NULL},           // a name without a star is no domain
    {"late", "*.staging.apps.d.io", "istio-system/staging-app-wildcard"},
    {"orders-staging", "*.staging.apps.d.io", "istio-system/staging-app-wildcard"}, // right above its host
    {"shop", NULL, NULL},            // its host is deeper, and "shop-production" is another namespace
    {"shop-production", "*.shop-production.d.io", "istio-system/shop-production"},
};
// clang-format on

static const char *text(const char *s)
{
    return s != NULL ? s : "none";
}

static void the_domain_of_a_namespace(void **state)
{
    (void)state;
    struct store *s = store_new();
    struct app_updater *apps = app_updater_new(NULL);
    store_on_change(s, app_updater_changed, apps);
    world_put(s, world);
    const struct snapshot *snap =
        store_publish(s, app_updater_run(apps, store_view(s), 0), app_rows_unref);
    store_free(s);
    static const struct view_options options;
    struct arena arena;
    arena_init(&arena);
    struct view_args args = {.snap = snap, .arena = &arena, .now = 0, .options = &options};
    struct view_rows rows = view_find("namespaces")->list(&args);
    assert_int_equal(rows.n, sizeof domains / sizeof *domains);
    for (uint32_t i = 0; i < rows.n; i++) {
        struct json *j = view_find("namespaces")->json(&args, rows.at[i]);
        assert_string_equal(json_get_string(j, "name"), domains[i].ns);
        assert_string_equal(text(json_get_string(j, "domain")), text(domains[i].domain));
        assert_string_equal(text(json_get_string(j, "certificate")), text(domains[i].certificate));
        json_free(j);
    }
    arena_release(&arena);
    snapshot_unref(snap);
    app_updater_free(apps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_domain_of_a_namespace)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
