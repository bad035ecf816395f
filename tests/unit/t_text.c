// SPDX-License-Identifier: Apache-2.0
// Text made safe for a terminal: nothing that moves its cursor or disguises the text gets through.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/text.h"

#include <locale.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define FFFD "\xEF\xBF\xBD"

static void cleans_to(const char *text, size_t max, const char *expect)
{
    struct arena a;
    arena_init(&a);
    size_t n = strlen(text);
    const char *clean = text_clean(&a, text, n, max);
    assert_string_equal(clean, expect);
    assert_true(text_is_clean(clean, strlen(clean)));
    if (max == 0) {
        assert_int_equal(text_is_clean(text, n), strcmp(text, clean) == 0);
    }
    arena_release(&a);
}

static void controls_do_not_get_through(void **state)
{
    (void)state;
    cleans_to("", 0, "");
    cleans_to("plain ~ text", 0, "plain ~ text");
    cleans_to("\033[2J", 0, FFFD "[2J");
    cleans_to("a\x07\x7F", 0, "a" FFFD FFFD);
    cleans_to("\xC2\x9B", 0, FFFD); // C1's CSI
    cleans_to("\x9B", 0, FFFD);     // and its byte
    cleans_to("a\xE2\x80\xAE"
              "b",
              0, "a" FFFD "b"); // right to left
    cleans_to("a\xE2\x80\x8B"
              "b",
              0, "a" FFFD "b");              // no width
    cleans_to("\xEF\xBB\xBFx", 0, FFFD "x"); // a byte order mark
    cleans_to("\xF3\xA0\x81\x81", 0, FFFD);  // a tag
    cleans_to("\xEF\xBF\xBE", 0, FFFD);      // a noncharacter
    cleans_to("\xC3\xA4\xE4\xB8\xAD\xF0\x9F\x8E\x89", 0, "\xC3\xA4\xE4\xB8\xAD\xF0\x9F\x8E\x89");
    cleans_to(FFFD, 0, FFFD); // which is text itself
    cleans_to("\xC3", 0, FFFD);
    cleans_to("\xE2\x82x", 0, FFFD FFFD "x");
}

static void breaks_become_a_space(void **state)
{
    (void)state;
    cleans_to("a\nb", 0, "a b");
    cleans_to("a\r\n\t\n b", 0, "a  b"); // a run is one; the space of the text stays
    cleans_to("\n", 0, " ");
    cleans_to("a \nb", 0, "a b");
    struct buf b;
    buf_init(&b, 0);
    text_clean_lines(&b, "a\r\n\tb\033\n", 7);
    assert_string_equal(b.data, "a\n\tb" FFFD "\n");
    buf_release(&b);
}

static void the_end_is_cut_at_a_character(void **state)
{
    (void)state;
    cleans_to("abcdef", 6, "abcdef");
    cleans_to("abcdefg", 6, "abc\xE2\x80\xA6");
    cleans_to("ab\xC3\xA4\xC3\xA4\xC3\xA4", 7, "ab\xC3\xA4\xE2\x80\xA6");
    cleans_to("\033\033\033", 6, FFFD "\xE2\x80\xA6"); // it grows when it is cleaned
    struct arena a;
    arena_init(&a);
    assert_null(text_clean(&a, NULL, 0, 0));
    const char *nul = text_clean(&a, "a\0b", 3, 0);
    assert_string_equal(nul, "a" FFFD "b");
    arena_release(&a);
}

static void columns_are_counted(void **state)
{
    (void)state;
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("\xC3\xA4"), 1);
    assert_int_equal(text_width("\xE4\xB8\xAD\xE6\x96\x87"), 4);
    assert_int_equal(text_width("e\xCC\x81"), 1); // a combining accent has none
    assert_int_equal(text_cp_width(0x1B), 0);
    assert_int_equal(text_cp_width(0x7F), 1); // never negative
    assert_int_equal(text_fit("abc", 2), 2);
    assert_int_equal(text_fit("abc", 5), 3);
    assert_int_equal(text_fit("\xE4\xB8\xAD\xE6\x96\x87", 3), 3); // half a character is none
    assert_int_equal(text_fit("e\xCC\x81x", 1), 3);
    assert_int_equal(text_fit("abc", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_do_not_get_through),
        cmocka_unit_test(breaks_become_a_space),
        cmocka_unit_test(the_end_is_cut_at_a_character),
        cmocka_unit_test(columns_are_counted),
    };
    if (setlocale(LC_ALL, "C.UTF-8") == NULL) {
        print_error("no locale C.UTF-8\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
