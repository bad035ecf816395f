// SPDX-License-Identifier: Apache-2.0
// Addresses and networks: what is one, what lies in it, how it is written and compared.
#include "kube/base/ip_network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static void what_is_a_network(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int n, bits;
    } t[] = {{"10.0.0.0/8", 4, 8},
             {"10.0.0.0/0", 4, 0},
             {" 10.1.2.3/32 ", 4, 32},
             {"2001:db8::/32", 16, 32},
             {"::/128", 16, 128},
             {"10.0.0.0/33", 0, 0},
             {"::/129", 0, 0},
             {"10.0.0.0", 0, 0},
             {"10.0.0/8", 0, 0},
             {"10.0.0.0/", 0, 0},
             {"10.0.0.0/-1", 0, 0},
             {"10.0.0.0/8 x", 0, 0},
             {"", 0, 0},
             {"host.example/8", 0, 0}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const struct ip_network net = ip_network_parse(t[i].text);
        if (net.n != t[i].n || (net.n != 0 && net.bits != t[i].bits)) {
            fail_msg("'%s': %d bytes, %d bits", t[i].text, net.n, net.bits);
        }
    }
    assert_int_equal(ip_network_of_address("10.0.0.1").bits, 32);
    assert_int_equal(ip_network_of_address("::1").bits, 128);
    assert_int_equal(ip_network_of_address("10.0.0.0/8").n, 0);
}

static void what_lies_in_it(void **state)
{
    (void)state;
    static const struct {
        const char *network, *address;
        bool has;
    } t[] = {{"10.0.0.0/8", "10.255.0.1", true},
             {"10.0.0.0/8", "11.0.0.1", false},
             {"104.24.0.0/14", "104.27.9.9", true},
             {"104.24.0.0/14", "104.28.0.0", false},
             {"0.0.0.0/0", "192.0.2.1", true},
             {"192.0.2.1/32", "192.0.2.1", true},
             {"192.0.2.1/32", "192.0.2.0", false},
             {"2a06:98c0::/29", "2a06:98c7::1", true},
             {"2a06:98c0::/29", "2a06:98c8::", false},
             {"::/0", "192.0.2.1", false},
             {"0.0.0.0/0", "::1", false},
             {"::/0", "host", false},
             {"none", "192.0.2.1", false},
             {"none", "host", false}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const struct ip_network net = ip_network_parse(t[i].network);
        const struct ip_network a = ip_network_of_address(t[i].address);
        if (ip_network_has(&net, &a) != t[i].has) {
            fail_msg("%s in %s", t[i].address, t[i].network);
        }
    }
}

static void one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } t[] = {{"10.0.0.1", "10.0.0.1"},
             {"2001:DB8:0:0::1", "2001:db8::1"},
             {"::ffff:10.0.0.1", "::ffff:10.0.0.1"},
             {"host", ""},
             {"10.0.0.1%eth0", ""}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const struct ip_network a = ip_network_of_address(t[i].text);
        char out[IP_TEXT_SIZE];
        assert_string_equal(ip_network_write(&a, out), t[i].written);
    }
    static const unsigned char bytes[4] = {192, 0, 2, 1};
    const struct ip_network a = ip_network_of_bytes(bytes, 4);
    char out[IP_TEXT_SIZE];
    assert_string_equal(ip_network_write(&a, out), "192.0.2.1");
    assert_int_equal(a.bits, 32);
}

// In this order; each is the same as itself only.
static void as_numbers(void **state)
{
    (void)state;
    static const char *const t[] = {"host",     "9.0.0.1", "10.0.0.1",
                                    "10.0.0.2", "::1",     "2001:db8::1"};
    enum { N = sizeof t / sizeof *t };
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++) {
            const struct ip_network a = ip_network_of_address(t[i]),
                                    b = ip_network_of_address(t[k]);
            int c = ip_network_compare(&a, &b);
            assert_int_equal(c < 0 ? -1 : c > 0, i < k ? -1 : i > k);
        }
    }
    struct ip_network four = ip_network_of_address("10.0.0.1");
    struct ip_network mapped = ip_network_unmapped(ip_network_of_address("::ffff:10.0.0.1"));
    assert_int_equal(ip_network_compare(&four, &mapped), 0);
    assert_int_equal(ip_network_unmapped(ip_network_of_address("::1")).n, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_network),
        cmocka_unit_test(what_lies_in_it),
        cmocka_unit_test(one_spelling),
        cmocka_unit_test(as_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
