// SPDX-License-Identifier: Apache-2.0
// The names and texts of ownership records (docs/rules/dns.md#txt-name, docs/rules/dns.md#txt-text).
#include "kube/base/arena.h"

#include "kube/mesh/dns/txt_owner.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void test_owner_names(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct dns_settings s;
    dns_settings_default(&s);
    assert_string_equal(txt_owner_name(&a, &s, "foo.d.io", "A"), "a-foo.d.io");
    assert_string_equal(txt_owner_name(&a, &s, "*.staging.apps.d", "A"), "a-*.staging.apps.d");
    s.txt_prefix = "txt.";
    assert_string_equal(txt_owner_name(&a, &s, "*.d.io", "CNAME"), "txt.cname-*.d.io");
    s.txt_prefix = "%{record_type}-x-";
    assert_string_equal(txt_owner_name(&a, &s, "*.staging.apps.d", "A"), "a-x-*.staging.apps.d");
    s.txt_prefix = "";
    s.txt_suffix = "-%{record_type}";
    assert_string_equal(txt_owner_name(&a, &s, "foo.d.io", "AAAA"), "foo-aaaa.d.io");
    s.txt_suffix = "";
    s.txt_wildcard = "any";
    assert_string_equal(txt_owner_name(&a, &s, "*.d.io", "A"), "a-any.d.io");
    arena_release(&a);
}

static void test_owner_text(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct txt_owner o;
    assert_true(txt_owner_parse(&a,
                                "\"heritage=external-dns,external-dns/owner=default,"
                                "external-dns/resource=gateway/istio-system/app-gateway\"",
                                &o));
    assert_string_equal(o.id, "default");
    assert_string_equal(o.kind, "gateway");
    assert_string_equal(o.ns, "istio-system");
    assert_string_equal(o.name, "app-gateway");
    assert_false(txt_owner_parse(&a, "v=spf1 -all", &o));
    assert_false(txt_owner_parse(&a, "\"k2pmrHuRzmhk8aWb2B==\"", &o));
    assert_false(txt_owner_parse(&a, "", &o));
    assert_false(txt_owner_parse(&a, NULL, &o));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owner_names),
        cmocka_unit_test(test_owner_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
