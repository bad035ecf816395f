// SPDX-License-Identifier: Apache-2.0
// Tests of kube/store/probe_result.c: the names of handshakes.
#include "kube/base/arena.h"

#include "kube/store/probe_result.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void test_tls_name(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    static const struct {
        const char *host, *address, *name;
        int port;
    } names[] = {
        {"web.d.io", "192.0.2.1", "web.d.io@192.0.2.1:443", 443},
        {"*.d.io", "2001:db8::1", "*.d.io@[2001:db8::1]:8443", 8443},
        {"odd@name:1", "192.0.2.1", "odd@name:1@192.0.2.1:443", 443},
        {"", "", "@:1", 1},
    };
    const char *host, *address;
    int port;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_string_equal(probe_tls_name(&a, names[i].host, names[i].address, names[i].port),
                            names[i].name);
        assert_true(probe_tls_split(&a, names[i].name, &host, &address, &port));
        assert_string_equal(host, names[i].host);
        assert_string_equal(address, names[i].address);
        assert_int_equal(port, names[i].port);
    }
    static const char *const none[] = {"",           "web",         "web@1.2.3.4", "web:443",
                                       "web@a:0",    "web@a:70000", "web:1@a",     "web@[]:x",
                                       "web@a:443x", "web@a: 443"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(probe_tls_split(&a, none[i], &host, &address, &port));
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
