// SPDX-License-Identifier: Apache-2.0
// Who sees an object, by its exportTo: as a list, as an annotation, and as scopes.
#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "kube/mesh/core/export_to.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define LIST(...) ((const char *const[]){__VA_ARGS__})

static void exports(void **state)
{
    (void)state;
    struct str_list none = {0};
    struct str_list own = {.at = LIST("."), .n = 1};
    struct str_list named = {.at = LIST("istio-system"), .n = 1};
    struct str_list all = {.at = LIST(".", "*"), .n = 2};
    struct str_list nobody = {.at = LIST("~"), .n = 1};
    struct str_list named_nobody = {.at = LIST("istio-system", "~"), .n = 2};
    struct str_list all_nobody = {.at = LIST("~", "*"), .n = 2};
    struct str_list another = {.at = LIST("team"), .n = 1};
    assert_int_equal(export_to_class(&none, "apps", "istio-system"), EXPORT_PUBLIC);
    assert_int_equal(export_to_class(&own, "apps", "istio-system"), EXPORT_HIDDEN);
    assert_int_equal(export_to_class(&own, "apps", "apps"), EXPORT_OWN);
    assert_int_equal(export_to_class(&named, "apps", "istio-system"), EXPORT_NAMED);
    assert_int_equal(export_to_class(&all, "apps", "istio-system"), EXPORT_PUBLIC);
    assert_int_equal(export_to_class(&nobody, "apps", "apps"), EXPORT_HIDDEN);
    assert_int_equal(export_to_class(&named_nobody, "apps", "istio-system"), EXPORT_HIDDEN);
    assert_int_equal(export_to_class(&all_nobody, "apps", "istio-system"), EXPORT_PUBLIC);
    assert_int_equal(export_to_class(&another, "apps", "istio-system"), EXPORT_HIDDEN);
    assert_int_equal(export_to_class(&another, "apps", "apps"), EXPORT_HIDDEN);
    assert_true(export_annotation_shows(NULL, "apps", "x"));
    assert_true(export_annotation_shows("", "apps", "x"));
    assert_true(export_annotation_shows(".", "apps", "apps"));
    assert_false(export_annotation_shows("y", "apps", "x"));
    assert_false(export_annotation_shows(".", "apps", "x"));
    assert_true(export_annotation_shows("., x", "apps", "x"));
    assert_true(export_annotation_shows("*", "apps", "x"));
    assert_false(export_annotation_shows("~", "apps", "x"));
}

static void scopes(void **state)
{
    (void)state;
    const struct {
        struct str_list export_to;
        const char *want;
    } t[] = {
        {{NULL, 0}, "*"},         {{LIST("a", "*"), 2}, "*"},
        {{LIST("."), 1}, "apps"}, {{LIST(".", "b"), 2}, "apps b"},
        {{LIST("~"), 1}, "~"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct str_list s = export_scopes(&a, &t[i].export_to, "apps");
        assert_string_equal(str_list_join(&a, &s, " "), t[i].want);
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(exports), cmocka_unit_test(scopes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
