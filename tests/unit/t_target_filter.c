// SPDX-License-Identifier: Apache-2.0
// Networks in the settings of external-dns: what is one, and which targets lie in it (docs/rules/dns.md#target-filter,
// docs/rules/dns.md#nat64).
#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "kube/mesh/dns/target_filter.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// A filter of one network against one target; what is no network is ignored, so that everything passes.
static void test_networks(void **state)
{
    (void)state;
    static const struct {
        const char *network, *target;
        bool passes;
    } cases[] = {
        {"10.0.0.0/8", "10.1.2.3", true},
        {"10.0.0.0/8", "11.1.2.3", false},
        {"10.0.0.0/8", "lb.example.net", false},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.1/32", "192.0.2.1", true},
        {"192.0.2.1/32", "192.0.2.0", false},
        {"0.0.0.0/0", "192.0.2.1", true},
        {"2001:db8::/32", "2001:db8::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {" 10.0.0.0/8 ", "11.1.2.3", false},
        {"10.0.0.0/33", "11.1.2.3", true},
        {"10.0.0.0/-8", "11.1.2.3", true},
        {"10.0.0.0/+8", "11.1.2.3", true},
        {"10.0.0.0/ 8", "11.1.2.3", true},
        {"10.0.0.0/8x", "11.1.2.3", true},
        {"10.0.0.0/99999999999999999999", "11.1.2.3", true},
        {"10.0.0.0/", "11.1.2.3", true},
        {"10.0.0.0", "11.1.2.3", true},
        {"10.0.0/8", "11.1.2.3", true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *networks[] = {cases[i].network};
        struct dns_settings s;
        dns_settings_default(&s);
        s.target_nets = (struct str_array){networks, 1, 0};
        if (target_filter_passes(&s, cases[i].target) != cases[i].passes) {
            fail_msg("%s in '%s'", cases[i].target, cases[i].network);
        }
    }
}

static void test_exclusion(void **state)
{
    (void)state;
    const char *all[] = {"10.0.0.0/8"}, *some[] = {"10.1.0.0/16"};
    struct dns_settings s;
    dns_settings_default(&s);
    assert_true(target_filter_passes(&s, "lb.example.net"));
    s.exclude_target_nets = (struct str_array){some, 1, 0};
    assert_true(target_filter_passes(&s, "lb.example.net"));
    assert_false(target_filter_passes(&s, "10.1.2.3"));
    s.target_nets = (struct str_array){all, 1, 0};
    assert_true(target_filter_passes(&s, "10.2.2.3"));
    assert_false(target_filter_passes(&s, "10.1.2.3"));
}

static void test_nat64(void **state)
{
    (void)state;
    const char *networks[] = {"64:ff9b::/96"};
    struct arena a;
    struct dns_settings s;
    arena_init(&a);
    dns_settings_default(&s);
    assert_null(nat64_address(&a, &s, "64:ff9b::c000:201"));
    s.nat64 = (struct str_array){networks, 1, 0};
    assert_string_equal(nat64_address(&a, &s, "64:ff9b::c000:201"), "192.0.2.1");
    assert_null(nat64_address(&a, &s, "2001:db8::c000:201"));
    assert_null(nat64_address(&a, &s, "192.0.2.1"));
    assert_null(nat64_address(&a, &s, "lb.example.net"));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_exclusion),
        cmocka_unit_test(test_nat64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
