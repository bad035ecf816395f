// SPDX-License-Identifier: Apache-2.0
// What else may answer at a gateway: docs/rules/istio.md#policies-not-evaluated.
#include "kube/base/array.h"
#include "kube/base/buf.h"

#include "kube/mesh/route/policies.h"

#include "tests/support/world.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define OF(api, kind, ns, name, spec) "---\n{apiVersion: " api ", kind: " kind ", metadata: {namespace: " ns ", name: " name "}, spec: {" spec "}}\n"
#define EF(ns, name, spec) OF("networking.istio.io/v1alpha3", "EnvoyFilter", ns, name, spec)
#define WP(ns, name, spec) OF("extensions.istio.io/v1alpha1", "WasmPlugin", ns, name, spec)
#define MINE "selector: {matchLabels: {app: gw}}"

static void named_where_they_are_for_the_gateway(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        bool http;
        const char *want; // sentences, each with a full stop
    } rows[] = {
        {EF("istio-system", "a", "workloadSelector: {labels: {app: gw}}"), false,
         "nothing in EnvoyFilter istio-system/a changes the answer: not evaluated."},
        {EF("istio-system", "a", "configPatches: [{match: {context: SIDECAR_INBOUND}}]"), true, ""},
        {EF("istio-system", "a", "configPatches: [{match: {context: GATEWAY}}]"), true,
         "nothing in EnvoyFilter istio-system/a changes the answer: not evaluated."},
        {WP("gws", "a", ""), true, "nothing in WasmPlugin gws/a changes the answer: not evaluated."},
        {WP("gws", "a", "selector: {matchLabels: {app: other}}"), true, ""},
        {WP("shop", "a", ""), true, ""}, // neither in the pod's namespace nor in the root namespace
        {WP("gws", "a", MINE), false, ""}, // there is no request to look at
        {EF("gws", "a", "") EF("gws", "b", "") EF("gws", "c", "") EF("gws", "d", "") EF("gws", "e", "")
         EF("gws", "f", "") EF("gws", "g", ""), true,
         "nothing in EnvoyFilter gws/a, gws/b, gws/c, gws/d, gws/e, gws/f and 1 more changes the answer: not evaluated."},
    };
    // clang-format on
    static const struct str_pair label = {"app", "gw"};
    static const struct workload w = {.ns = "gws", .labels = {&label, 1}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct world world;
        struct buf b;
        uint32_t n;
        world_open(&world, rows[i].yaml, 0);
        buf_init(&b, 0);
        const char *const *at = policies_not_evaluated(&world.mesh, &w, rows[i].http, &n);
        for (uint32_t k = 0; k < n; k++) {
            (void)buf_addf(&b, "%s.", at[k]);
        }
        assert_string_equal(b.len > 0 ? b.data : "", rows[i].want);
        buf_release(&b);
        world_close(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_where_they_are_for_the_gateway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
