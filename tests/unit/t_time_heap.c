// SPDX-License-Identifier: Apache-2.0
// Instants come out in their order.
#include "kube/base/time_heap.h"

#include "tests/support/pick.h"

#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void in_order(void **state)
{
    (void)state;
    struct time_heap d = {0};
    assert_null(time_heap_first(&d));
    for (uint32_t i = 0; i < 1000; i++) {
        time_heap_add(&d, i, (int64_t)pick(1 << 24) - (1 << 23));
    }
    int64_t last = INT64_MIN;
    uint32_t n = 0;
    for (const struct time_heap_entry *x; (x = time_heap_first(&d)) != NULL; n++) {
        assert_true(x->at >= last);
        last = x->at;
        time_heap_remove_first(&d);
    }
    assert_int_equal(n, 1000);
    time_heap_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_order)};
    return cmocka_run_group_tests_name("time_heap", tests, NULL, NULL);
}
