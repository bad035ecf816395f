// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/resource_version.c: which of two is older.
#include "kube/api/resource_version.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void resource_versions(void **state)
{
    (void)state;
    int order;
    assert_true(resource_version_compare("9", "10", &order) && order == -1);
    assert_true(resource_version_compare("123456789012345678901234567890",
                                         "123456789012345678901234567891", &order) &&
                order == -1);
    assert_true(resource_version_compare("10", "10", &order) && order == 0);
    assert_false(resource_version_compare("010", "10", &order));
    assert_false(resource_version_compare("", "1", &order));
    assert_false(resource_version_compare("a1", "1", &order));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(resource_versions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
