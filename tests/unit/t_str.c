// SPDX-License-Identifier: Apache-2.0
// C strings compared, changed and hashed, NULL among them.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void null_is_no_text(void **state)
{
    (void)state;
    assert_true(str_eq(NULL, NULL));
    assert_false(str_eq(NULL, ""));
    assert_false(str_eq("a", NULL));
    assert_true(str_eq("a", "a"));
    assert_false(str_eq("a", "A"));
    assert_true(str_empty(NULL));
    assert_true(str_empty(""));
    assert_false(str_empty(" "));
    assert_string_equal(str_or_empty(NULL), "");
    assert_string_equal(str_or_empty("a"), "a");
    assert_false(str_starts(NULL, ""));
    assert_false(str_ends(NULL, ""));
    assert_false(str_contains_case(NULL, "a"));
    assert_int_equal(str_hash(NULL), str_hash(""));
}

static void parts_are_found(void **state)
{
    (void)state;
    assert_true(str_starts("abc", ""));
    assert_true(str_starts("abc", "abc"));
    assert_false(str_starts("abc", "abcd"));
    assert_true(str_ends("abc", ""));
    assert_true(str_ends("abc", "bc"));
    assert_false(str_ends("bc", "abc"));
    assert_true(str_contains_case("aBcD", "bCd"));
    assert_true(str_contains_case("aab", "ab")); // not at the first try
    assert_true(str_contains_case("", ""));
    assert_false(str_contains_case("abc", "abd"));
    assert_false(str_contains_case("ab", "abc"));
    assert_false(str_contains_case("\xC3\x84", "\xC3\xA4")); // letters of ASCII alone
}

static void words_are_compared(void **state)
{
    (void)state;
    assert_true(str_is("name:", 4, "name"));
    assert_false(str_is("name", 3, "name"));
    assert_false(str_is("names", 5, "name"));
    assert_true(str_is("x", 0, ""));
}

static void case_is_that_of_ascii(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(str_lower(&a, "AbC-\xC3\x84@[Z`{"), "abc-\xC3\x84@[z`{");
    assert_null(str_lower(&a, NULL));
    arena_release(&a);
    assert_int_equal(str_casecmp("HTTP", "http"), 0);
    assert_true(str_same_case("HTTP/2", "http!", 4));
    assert_false(str_same_case("ht", "http", 4)); // the end differs
    assert_false(str_same_case("@[", "`{", 2));   // next to the letters
    assert_true(str_casecmp("a", "B") < 0);
    assert_true(str_casecmp("B", "a") > 0);
    assert_true(str_casecmp("a", "aa") < 0);
    assert_true(str_casecmp("\xC3", "a") > 0); // bytes are not negative
    assert_true(str_casecmp("_", "A") < 0);    // as the lower case has it
}

static void texts_are_ordered(void **state)
{
    (void)state;
    const char *list[] = {"b", "", "a", "B", "ab"};
    qsort(list, ARRAY_COUNT(list), sizeof *list, str_order);
    static const char *const sorted[] = {"", "B", "a", "ab", "b"};
    for (size_t i = 0; i < ARRAY_COUNT(list); i++) {
        assert_string_equal(list[i], sorted[i]);
    }
}

static void counts_are_said(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(str_plural(&a, 0, "route", "routes"), "0 routes");
    assert_string_equal(str_plural(&a, 1, "route", "routes"), "1 route");
    assert_string_equal(str_plural(&a, 2, "route", "routes"), "2 routes");
    arena_release(&a);
}

static void hashes_part(void **state)
{
    (void)state;
    assert_true(str_hash("a") == str_hash("a"));
    assert_true(str_hash("a") != str_hash("b"));
    assert_true(str_hash("ab") != str_hash("ba"));
    assert_true(hash_mix(1, 2) != hash_mix(2, 1));
    uint64_t low = 0, high = 0; // all bits take part: tables look at the low ones, pmap at all
    for (int i = 0; i < 64; i++) {
        char text[2] = {(char)('0' + i), '\0'};
        low |= (uint64_t)1 << (str_hash(text) & 63);
        high |= (uint64_t)1 << (str_hash(text) >> 58);
    }
    int lows = 0, highs = 0;
    for (int i = 0; i < 64; i++) {
        lows += (int)(low >> i & 1);
        highs += (int)(high >> i & 1);
    }
    assert_true(lows > 30 && highs > 30); // some 40 of 64 where they are spread evenly
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_is_no_text),    cmocka_unit_test(parts_are_found),
        cmocka_unit_test(words_are_compared), cmocka_unit_test(case_is_that_of_ascii),
        cmocka_unit_test(texts_are_ordered),  cmocka_unit_test(counts_are_said),
        cmocka_unit_test(hashes_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
