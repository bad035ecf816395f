// SPDX-License-Identifier: Apache-2.0
// Which hosts the domain filters let through (docs/rules/dns.md#domain-filter).
#include "kube/mesh/dns/domain_filter.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void test_domain_filter(void **state)
{
    (void)state;
    const char *both[] = {"example.com"}, *sub[] = {".example.com"};
    struct dns_settings s;
    dns_settings_default(&s);
    assert_true(domain_filter_passes(&s, "a.b"));
    s.domain_filter = (struct str_array){both, 1, 0};
    assert_true(domain_filter_passes(&s, "Example.com."));
    assert_true(domain_filter_passes(&s, "*.example.com"));
    assert_false(domain_filter_passes(&s, "anexample.com"));
    s.exclude_domains = (struct str_array){sub, 1, 0};
    assert_false(domain_filter_passes(&s, "x.example.com"));
    assert_true(domain_filter_passes(&s, "example.com"));
    s.exclude_domains.n = 0;
    s.domain_filter = (struct str_array){sub, 1, 0};
    assert_false(domain_filter_passes(&s, "example.com"));
    assert_true(domain_filter_passes(&s, "x.example.com"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domain_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
