// SPDX-License-Identifier: Apache-2.0
// Tests of kube/probe/probe_name.c.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/probe/probe_name.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// International labels travel as A-labels, a wildcard as a random label.
static void test_query_name(void **state)
{
    (void)state;
    static const struct {
        enum probe_kind kind;
        const char *name, *query; // query: NULL none; "*" stands for the random label
    } names[] = {
        {PROBE_HOST, "web.d.io", "web.d.io"},
        {PROBE_TLS, "b\u00fccher.d.io", "xn--bcher-kva.d.io"},
        {PROBE_TLS, "*.b\u00fccher.d.io", "*.xn--bcher-kva.d.io"},
        {PROBE_HOST, "*.d.io", "*.d.io"},
        {PROBE_HOST, "Web.D.io.", "web.d.io"},
        {PROBE_TXT, "?.d.io", "*.d.io"},
        {PROBE_TXT, "a-*.d.io", "a-*.d.io"},
        {PROBE_TLS, "\xff\xfe.d.io", NULL},
        {PROBE_HOST, "*.", NULL},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *query = probe_query_name(&a, names[i].kind, names[i].name);
        const char *want = names[i].query;
        if (want != NULL && want[0] == '*') {
            assert_true(str_starts(query, "gatetop-"));
            assert_int_equal(strcspn(query, "."), 16);
            assert_string_equal(query + 16, want + 1);
        } else if (want == NULL) {
            assert_null(query);
        } else {
            assert_string_equal(query, want);
        }
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
