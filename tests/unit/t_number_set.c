// SPDX-License-Identifier: Apache-2.0
// Sets of numbers.
#include "kube/base/number_set.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void has_what_was_added(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 64, 1000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct number_set s;
        number_set_init(&s, sizes[k]);
        for (uint64_t i = 0; i < sizes[k]; i++) { // addresses: the low bits are alike
            assert_false(number_set_has(&s, (i + 1) << 4));
            number_set_add(&s, (i + 1) << 4);
            number_set_add(&s, (i + 1) << 4);
        }
        for (uint64_t i = 0; i < sizes[k]; i++) {
            assert_true(number_set_has(&s, (i + 1) << 4));
            assert_false(number_set_has(&s, ((i + 1) << 4) + 1));
        }
        number_set_release(&s);
        assert_false(number_set_has(&s, 16));
    }
}

static void an_empty_one_has_nothing(void **state)
{
    (void)state;
    struct number_set s = {NULL, 0};
    assert_false(number_set_has(&s, 1));
    number_set_release(&s);
    number_set_init(&s, 0);
    assert_false(number_set_has(&s, UINT64_MAX));
    number_set_add(&s, 0);
    assert_false(number_set_has(&s, 0));
    number_set_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_what_was_added),
        cmocka_unit_test(an_empty_one_has_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
