// SPDX-License-Identifier: Apache-2.0
// What Envoy does to a request's path and host before it looks for a route.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/mesh/route/request_path.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void paths(void **state)
{
    (void)state;
    static const char *const t[][2] = {
        {"/", "/"},           {"/a/../b", "/b"},    {"/a/./b", "/a/b"},
        {"/../a", "/a"},      {"/a/..", "/"},       {"/a/.", "/a/"},
        {"/%61", "/a"},       {"/%2e%2E/x", "/x"},  {"/a%2Fb", "/a%2Fb"},
        {"/a%2fb", "/a%2fb"}, {"//a", "//a"},       {"/a//../b", "/a/b"},
        {"\\a", NULL},        {"/a\\b", "/a/b"},    {"/a?b/../c", "/a?b/../c"},
        {"/a#f", "/a"},       {"/a?q#f", "/a?q"},   {"/a b", "/a%20b"},
        {"/%zz", "/%zz"},     {"/%", "/%"},         {"/%00", NULL},
        {"", NULL},           {"a", NULL},          {"/a/b/../../..", "/"},
        {"/...", "/..."},     {"/a/..b", "/a/..b"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const char *got = path_normalize(&a, t[i][0]);
        if (!str_eq(got, t[i][1])) {
            fail_msg("'%s': '%s', not '%s'", t[i][0], got != NULL ? got : "NULL",
                     t[i][1] != NULL ? t[i][1] : "NULL");
        }
    }
    arena_release(&a);
}

static void authorities(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(host_of_authority(&a, "A.b:80"), "a.b");
    assert_string_equal(host_of_authority(&a, "a.b:"), "a.b");
    assert_string_equal(host_of_authority(&a, "a.b."), "a.b.");
    assert_string_equal(host_of_authority(&a, "[::1]:80"), "[::1]");
    assert_string_equal(host_of_authority(&a, "[::1]"), "[::1]");
    arena_release(&a);
    assert_true(authority_valid(""));
    assert_true(authority_valid("A-b.c_d:80"));
    assert_true(authority_valid("[::1]:80"));
    assert_false(authority_valid("a b"));
    assert_false(authority_valid("a/b"));
    assert_false(authority_valid("a\xc3\xa4"));
}

// docs/rules/istio.md#client-tls-name
static void tls_names(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(request_tls_name(&a, "A.b:443"), "a.b");
    assert_string_equal(request_tls_name(&a, "a.b."), "a.b");
    assert_string_equal(request_tls_name(&a, "a.b.:443"), "a.b");
    assert_string_equal(request_tls_name(&a, "192.0.2.1"), "");
    assert_string_equal(request_tls_name(&a, "192.0.2.1:8443"), "");
    assert_string_equal(request_tls_name(&a, "[::1]:443"), "");
    assert_string_equal(request_tls_name(&a, ""), "");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(paths), cmocka_unit_test(authorities),
                                       cmocka_unit_test(tls_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
