// SPDX-License-Identifier: Apache-2.0
// Code points in UTF-8: every one goes both ways, and what is none costs one byte.
#include "kube/base/array.h"
#include "kube/base/utf8.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void every_code_point_goes_both_ways(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char text[4];
        size_t n = utf8_put(cp, text);
        uint32_t back = 0;
        assert_int_equal(n, cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4);
        if (cp >= 0xD800 && cp <= 0xDFFF) { // a surrogate is no character
            assert_int_equal(utf8_next(text, n, &back), 1);
            assert_int_equal(back, 0xFFFD);
            continue;
        }
        assert_int_equal(utf8_next(text, n, &back), n);
        assert_int_equal(back, cp);
        if (n > 1) { // cut
            assert_int_equal(utf8_next(text, n - 1, &back), 1);
            assert_int_equal(back, 0xFFFD);
        }
    }
}

static void other_bytes_are_one_each(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",             // a continuation alone
        "\xC0\x80",         // NUL in two bytes
        "\xC1\xBF",         // overlong
        "\xE0\x80\x80",     //
        "\xE0\x9F\xBF",     //
        "\xF0\x80\x80\x80", //
        "\xF0\x8F\xBF\xBF", //
        "\xF4\x90\x80\x80", // beyond U+10FFFF
        "\xF8\x88\x80\x80", // five bytes
        "\xFE",
        "\xFF",
        "\xC3(",
        "\xE2\x82(",
        "\xE2(\xA1",
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        uint32_t cp = 0;
        assert_int_equal(utf8_next(bad[i], strlen(bad[i]), &cp), 1);
        assert_int_equal(cp, 0xFFFD);
    }
}

static void a_cut_character_is_left_out(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x8E\x89";
    static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    for (size_t n = 0; n < ARRAY_COUNT(whole); n++) {
        assert_int_equal(utf8_whole(text, n), whole[n]);
    }
    assert_int_equal(utf8_whole("\x80\x80\x80\x80", 4), 4); // there is none
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_goes_both_ways),
        cmocka_unit_test(a_cut_character_is_left_out),
        cmocka_unit_test(other_bytes_are_one_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
