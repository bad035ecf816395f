// SPDX-License-Identifier: Apache-2.0
// What a bearer token may contain (docs/rules/kubernetes-client.md#token-text).
#include "kube/base/array.h"

#include "kube/api/token_text.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void white_space_at_the_end_is_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n, kept;
        bool valid;
    } t[] = {
        {"abc", 3, 3, true},     {"abc\r\n \t", 7, 3, true}, {"", 0, 0, true},
        {" \n", 2, 0, true},     {" abc", 4, 4, false},      {"a b", 3, 3, false},
        {"a\nb\n", 4, 3, false}, {"a\x7f", 2, 2, false},     {"a\0b", 3, 3, false},
        {"abc\n", 2, 2, true},   {"\xC3\xA4", 2, 2, true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        size_t n = t[i].n;
        if (token_text_trim(t[i].text, &n) != t[i].valid || n != t[i].kept) {
            fail_msg("'%s': %zu bytes", t[i].text, n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(white_space_at_the_end_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
