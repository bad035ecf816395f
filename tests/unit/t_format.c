// SPDX-License-Identifier: Apache-2.0
// Formatting, as the C library does it: every text, and every cut of it.
#include "kube/base/array.h"
#include "kube/base/attr.h"
#include "kube/base/format.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// Compares with the C library at each size from none to more than enough. The texts are at most 90 bytes long.
static void compare(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void compare(const char *fmt, ...)
{
    for (size_t size = 0; size < 100; size++) {
        char got[100], want[100];
        memset(got, '#', sizeof got);
        memset(want, '#', sizeof want);
        va_list ap, again;
        va_start(ap, fmt);
        va_copy(again, ap);
        int n = format_text(got, size, fmt, ap), expected = vsnprintf(want, size, fmt, again);
        va_end(again);
        va_end(ap);
        assert_int_equal(n, expected);
        assert_true(n < 90);
        assert_memory_equal(got, want, sizeof got); // not a byte after the end either
    }
}

static void is_what_the_c_library_prints(void **state)
{
    (void)state;
    static const int numbers[] = {0, 1, -1, 9, 10, -10, 99, 12345, INT_MAX, INT_MIN};
    static const char *const texts[] = {"", "a", "Gateway apps/web", "100%", "\xC3\xA9%s"};
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        compare("%d", numbers[i]);
        compare("%u and %d", (unsigned)numbers[i], numbers[i]);
        compare("#%u%c%%", UINT_MAX - (unsigned)i, 'a' + (int)i);
        for (size_t k = 0; k < ARRAY_COUNT(texts); k++) {
            compare("%s", texts[k]);
            compare("%s/%s: %u of %d%s", texts[k], texts[i % ARRAY_COUNT(texts)],
                    (unsigned)numbers[i], numbers[i], texts[k]);
        }
    }
    compare("no conversion");
    compare("%c%s", '\0', "after a NUL");
}

// What it does not know is the C library's.
static void other_conversions(void **state)
{
    (void)state;
    compare("%s %5d %s", "a", 7, "b");
    compare("%.3s|%-6s|%*d", "abcdef", "x", 4, 2);
    compare("%ld %lld %zu", -5L, 1LL << 40, (size_t)3);
    compare("%04d-%02d %x %g", 2026, 3, 255U, 1.5);
}

static void no_text_is_shown_as_such(void **state)
{
    (void)state;
    const char *volatile none = NULL;
    compare("<%s>", none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_the_c_library_prints),
        cmocka_unit_test(other_conversions),
        cmocka_unit_test(no_text_is_shown_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
