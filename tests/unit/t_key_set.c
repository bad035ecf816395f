// SPDX-License-Identifier: Apache-2.0
// Sets of keys: sorted, each once, and whether two have one in common.
#include "kube/mesh/chain/key_set.h"

#include "tests/support/pick.h"

#include <stdbool.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void sorted_and_once(void **state)
{
    (void)state;
    struct key_set s = {0};
    key_set_sort(&s);
    assert_int_equal(s.n, 0);
    for (uint64_t i = 0; i < 200; i++) {
        key_set_add(&s, (i * 7) % 50);
    }
    key_set_add(&s, (UINT64_C(3) << 32) | 4); // folded to 7
    key_set_sort(&s);
    assert_int_equal(s.n, 50);
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(s.at[i], i);
    }
    key_set_clear(&s);
    assert_int_equal(s.n, 0);
    key_set_release(&s);
    assert_null(s.at);
}

// Against a plain search, for sets of all small sizes.
static void meeting(void **state)
{
    (void)state;
    uint32_t met = 0;
    for (int round = 0; round < 2000; round++) {
        struct key_set s[2] = {{0}, {0}};
        for (int side = 0; side < 2; side++) {
            for (uint32_t n = pick(16); n > 0; n--) {
                key_set_add(&s[side], pick(64));
            }
            key_set_sort(&s[side]);
        }
        const uint32_t *common =
            NULL; // the first of the smaller one, or of the one that is given first
        const struct key_set *small = s[1].n < s[0].n ? &s[1] : &s[0],
                             *large = small == s ? &s[1] : s;
        for (size_t i = 0; i < small->n && common == NULL; i++) {
            for (size_t k = 0; k < large->n; k++) {
                common = small->at[i] == large->at[k] ? &small->at[i] : common;
            }
        }
        for (int side = 0; side < 2; side++) {
            const struct key_set *a = &s[side], *b = &s[1 - side];
            const uint32_t *got = keys_common(a->at, a->n, b->at, b->n);
            assert_int_equal(got != NULL, common != NULL);
            assert_true(got == NULL || common == NULL || *got == *common);
        }
        met += common != NULL;
        key_set_release(&s[0]);
        key_set_release(&s[1]);
    }
    assert_in_range(met, 200, 1800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted_and_once),
        cmocka_unit_test(meeting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
