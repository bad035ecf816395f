// SPDX-License-Identifier: Apache-2.0
// Lists and maps of strings: what they have, how they are joined.
#include "kube/base/arena.h"

#include "kube/object/str_list.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static const char *const hosts[] = {"www.example.com", "example.com", ""};

// A substring of a member is no member.
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

static void a_few_for_a_sentence(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d"};
    struct arena a;
    arena_init(&a);
    const struct str_list none = {NULL, 0}, two = {names, 2}, four = {names, 4};
    assert_string_equal(str_list_summary(&a, &none, 2), "");
    assert_string_equal(str_list_summary(&a, &two, 2), "a, b");
    assert_string_equal(str_list_summary(&a, &four, 3), "a, b, c and 1 more");
    arena_release(&a);
}

static void split_and_put_together(void **state)
{
    (void)state;
    static const struct {
        const char *text, *joined;
        uint32_t n;
    } cases[] = {
        {"", "", 0}, {",", "", 0}, {"a", "a", 1}, {",a,,b b,", "a|b b", 2}, {"a.b,c", "a.b|c", 2},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str_list l = str_list_split(&a, cases[i].text, ',');
        assert_int_equal(l.n, cases[i].n);
        assert_string_equal(str_list_join(&a, &l, "|"), cases[i].joined);
    }
    const struct str_list none = {NULL, 0}, one = {hosts, 1}, two = {hosts + 1, 2};
    struct str_list l = str_list_concat(&a, &one, &two);
    assert_string_equal(str_list_join(&a, &l, "|"), "www.example.com|example.com|");
    assert_int_equal(str_list_concat(&a, &none, &none).n, 0);
    arena_release(&a);
}

static void a_set_has_each_once(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct str_set s;
    str_set_init(&s, &a);
    for (int i = 0; i < 100; i++) {
        str_set_add(&s, arena_printf(&a, "%d", i % 40));
    }
    assert_int_equal(s.array.n, 40);
    assert_string_equal(s.array.at[0], "0");
    assert_string_equal(s.array.at[39], "39");
    arena_release(&a);
}

// The list that is taken of it is the array's own memory; an array that grows past it leaves it as it was.
static void an_array_grows(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct str_array l = {0};
    assert_int_equal(str_array_list(&l).n, 0);
    str_array_sort_unique(&l);
    str_array_add(&a, &l, "b");
    str_array_add(&a, &l, "a");
    assert_int_equal(l.n, 2);
    const struct str_list before = str_array_list(&l), more = {hosts, 3};
    str_array_add_list(&a, &l, &more);
    for (int i = 0; i < 20; i++) {
        str_array_add(&a, &l, "b");
    }
    assert_string_equal(str_list_join(&a, &before, ","), "b,a");
    assert_int_equal(l.n, 25);
    str_array_sort_unique(&l);
    const struct str_list list = str_array_list(&l);
    assert_string_equal(str_list_join(&a, &list, ","), ",a,b,example.com,www.example.com");
    arena_release(&a);
}

static void maps_are_sorted_by_key(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const struct str_pair at[] = {{"b", "2"}, {"c", "3"}, {"a", "1"}};
    const struct str_map m = {at, 3}, none = {NULL, 0};
    const struct str_map sorted = str_map_sorted(&a, &m);
    assert_int_equal(sorted.n, 3);
    assert_string_equal(sorted.at[0].value, "1");
    assert_string_equal(sorted.at[1].value, "2");
    assert_string_equal(sorted.at[2].value, "3");
    assert_string_equal(at[0].key, "b");
    assert_int_equal(str_map_sorted(&a, &none).n, 0);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(membership_is_of_whole_strings),
        cmocka_unit_test(maps_are_sorted_by_key),
        cmocka_unit_test(joined),
        cmocka_unit_test(a_few_for_a_sentence),
        cmocka_unit_test(split_and_put_together),
        cmocka_unit_test(an_array_grows),
        cmocka_unit_test(a_set_has_each_once),
        cmocka_unit_test(the_last_of_equal_keys_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
