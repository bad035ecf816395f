// SPDX-License-Identifier: Apache-2.0
// The table of kinds: every kind has a whole row, and is found by the names that a server or file gives it.
#include "kube/base/str.h"

#include "kube/object/kind.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void api_version(char *out, size_t size, const char *group, const char *version)
{
    snprintf(out, size, "%s%s%s", group, group[0] != '\0' ? "/" : "", version);
}

static void every_kind_is_found(void **state)
{
    (void)state;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        const struct kind_info *i = &kinds[k];
        assert_non_null(i->kind);
        assert_non_null(i->resource);
        assert_non_null(i->short_name);
        assert_non_null(i->groups[0].group);
        assert_null(i->groups[sizeof i->groups / sizeof *i->groups - 1].group);
        for (const struct kind_group *g = i->groups; g->group != NULL; g++) {
            assert_non_null(g->versions[0]);
            for (const char *const *v = g->versions; *v != NULL; v++) {
                char text[128];
                api_version(text, sizeof text, g->group, *v);
                assert_int_equal(kind_find(text, i->kind), k);
            }
        }
        for (enum kind other = 0; other < k; other++) {
            assert_false(str_eq(kinds[other].resource, i->resource) &&
                         str_eq(kinds[other].groups[0].group, i->groups[0].group));
        }
    }
}

static void others_are_not(void **state)
{
    (void)state;
    static const char *const none[][2] = {
        {"v1", "Gateway"},                  // of no core group
        {"v2", "Service"},                  // the core group has one version
        {"apps/v1", "Service"},             // of another group
        {"networking.istio.io", "Gateway"}, // no version
        {"networking.istio.io.example.com/v1", "Gateway"},
        {"istio.io/v1", "Gateway"},
        {"networking.istio.io/v1", "gateway"},
        {"networking.istio.io/v1", "Gatewa"},
        {"", ""},
        {NULL, "Service"},
        {"v1", NULL},
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(kind_find(none[i][0], none[i][1]), KIND_COUNT);
    }
    assert_int_equal(kind_find("networking.istio.io/v9", "Gateway"), KIND_GATEWAY);
    assert_int_equal(kind_find("gateway.networking.k8s.io/v1alpha2", "Gateway"), KIND_K8S_GATEWAY);
}

static void sets(void **state)
{
    (void)state;
    unsigned n = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        n += (KIND_SET_ALL & KIND_BIT(k)) != 0;
        assert_true((KIND_SET_DASHBOARD & KIND_BIT(k)) == 0 || kinds[k].reading != READ_FILES);
    }
    assert_int_equal(n, KIND_COUNT);
    assert_int_equal(KIND_SET_ALL & ~KIND_SET_DASHBOARD & KIND_BIT(KIND_SERVICE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_found),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
