// SPDX-License-Identifier: Apache-2.0
// Hosts with a port: where the port is, and what is the host.
#include "kube/base/array.h"
#include "kube/base/host_port.h"
#include "kube/base/str.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void the_colon_as_envoy_finds_it(void **state)
{
    (void)state;
    static const struct {
        const char *authority, *from_colon;
    } cases[] = {
        {"", NULL},        {"a.b", NULL},  {"a.b:80", ":80"}, {"a.b:", ":"},        {"a.b:x", ":x"},
        {"a:b:80", ":80"}, {":80", ":80"}, {"[::1]", NULL},   {"[::1]:80", ":80"},  {"[::1]:", ":"},
        {"::1", ":1"},     {"[::1", ":1"}, {"a]:80", ":80"},  {"[::1]x:80", ":80"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *colon = host_port_colon(cases[i].authority);
        const char *expect = cases[i].from_colon;
        if ((colon == NULL) != (expect == NULL) || (colon != NULL && strcmp(colon, expect) != 0)) {
            fail_msg("'%s': '%s', not '%s'", cases[i].authority, str_or_empty(colon),
                     str_or_empty(expect));
        }
    }
}

static void host_and_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        bool brackets;
        const char *port;
    } cases[] = {
        {"", "", false, NULL},          {"a.b", "a.b", false, NULL},
        {"a.b:80", "a.b", false, "80"}, {"a.b:", "a.b", false, ""},
        {"a.b:x", "a.b", false, "x"},   {":80", "", false, "80"},
        {"::1", "::1", false, NULL},    {"fe80::1:53", "fe80::1:53", false, NULL},
        {"[::1]", "::1", true, NULL},   {"[::1]:53", "::1", true, "53"},
        {"[::1]:", "::1", true, ""},    {"[a]:1:2", "a", true, "1:2"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct host_port p;
        assert_true(host_port_split(cases[i].text, &p));
        assert_int_equal(p.host_len, strlen(cases[i].host));
        assert_memory_equal(p.host, cases[i].host, p.host_len);
        assert_int_equal(p.brackets, cases[i].brackets);
        assert_int_equal(p.port != NULL, cases[i].port != NULL);
        assert_string_equal(str_or_empty(p.port), str_or_empty(cases[i].port));
    }
    static const char *const refused[] = {"[", "[::1", "[::1]53", "[::1]x:53"};
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct host_port p;
        assert_false(host_port_split(refused[i], &p));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_colon_as_envoy_finds_it),
        cmocka_unit_test(host_and_port),
    };
    return cmocka_run_group_tests_name("host_port", tests, NULL, NULL);
}
