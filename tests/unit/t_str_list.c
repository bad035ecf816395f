// SPDX-License-Identifier: Apache-2.0
// Lists and maps of strings: what they have, how they are joined.
#include "kube/object/str_list.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static const char *const hosts[] = {"www.example.com", "example.com", ""};

// A part of a member is no member.
static void membership_is_of_whole_strings(void **state)
{
    (void)state;
    const struct str_list list = {hosts, 1}, all = {hosts, 3}, none = {NULL, 0};
    assert_true(str_list_has(&list, "www.example.com"));
    assert_false(str_list_has(&list, "example.com"));
    assert_false(str_list_has(&list, "WWW.example.com"));
    assert_false(str_list_has(&list, ""));
    assert_true(str_list_has(&all, "example.com"));
    assert_true(str_list_has(&all, ""));
    assert_false(str_list_has(&none, ""));
}

static void joined(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const struct str_list none = {NULL, 0}, one = {hosts, 1}, all = {hosts, 3};
    assert_string_equal(str_list_join(&a, &none, ", "), "");
    assert_string_equal(str_list_join(&a, &one, ", "), "www.example.com");
    assert_string_equal(str_list_join(&a, &all, "; "), "www.example.com; example.com; ");
    assert_string_equal(str_list_join(&a, &all, ""), "www.example.comexample.com");
    arena_release(&a);
}

static void the_last_of_equal_keys_counts(void **state)
{
    (void)state;
    static const struct str_pair pairs[] = {{"app", "a"}, {"version", "v1"}, {"app", "b"}};
    const struct str_map map = {pairs, 3}, none = {NULL, 0};
    assert_string_equal(str_map_get(&map, "app"), "b");
    assert_string_equal(str_map_get(&map, "version"), "v1");
    assert_null(str_map_get(&map, "ap"));
    assert_null(str_map_get(&none, "app"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(membership_is_of_whole_strings),
        cmocka_unit_test(joined),
        cmocka_unit_test(the_last_of_equal_keys_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
