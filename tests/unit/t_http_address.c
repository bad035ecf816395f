// SPDX-License-Identifier: Apache-2.0
// Addresses: IPv6, a name for TLS, prefixes, and no password in what messages call a proxy.
#include "kube/api/http_address.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void servers(void **state)
{
    (void)state;
    static char v6[] = "fd00::1", name[] = "k.test", tls[] = "kubernetes", prefix[] = "/k8s/c1",
                no[] = "";
    struct api_config c = {.host = v6, .port = 6443, .path = prefix};
    struct http_address a;
    http_address_init(&a, &c);
    assert_string_equal(a.base, "https://[fd00::1]:6443/k8s/c1");
    assert_string_equal(a.peer, "[fd00::1]:6443");
    assert_null(a.connect_to);
    assert_null(a.host_header);
    assert_null(a.proxy_peer);
    assert_int_equal(strncmp(a.agent, "gatetop/", 8), 0);
    assert_null(strpbrk(a.agent, "\r\n"));
    http_address_release(&a);
    c = (struct api_config){.host = name, .port = 443, .path = no, .tls_server_name = tls};
    http_address_init(&a, &c);
    assert_string_equal(a.base, "https://kubernetes:443");
    assert_string_equal(a.connect_to, "::k.test:443");
    assert_string_equal(a.host_header, "k.test:443");
    assert_string_equal(a.peer, "k.test:443");
    http_address_release(&a);
    c.plain_http = true; // nothing is verified
    http_address_init(&a, &c);
    assert_string_equal(a.base, "http://k.test:443");
    assert_null(a.connect_to);
    http_address_release(&a);
}

static void proxies(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"http://p.test:3128", "p.test:3128"},
        {"http://me:hush@p.test:3128/x", "p.test:3128"},
        {"socks5://me:hu@sh@[fd00::2]:1080", "[fd00::2]:1080"},
        {"https://me:hush@p.test?q@r", "p.test"},
        {"p.test:1#a@b", "p.test:1"},
        {"http://p\x1b.test", "p\xEF\xBF\xBD.test"},
    };
    static char host[] = "k.test", path[] = "";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char url[80];
        snprintf(url, sizeof url, "%s", cases[i][0]);
        struct api_config c = {.host = host, .port = 443, .path = path, .proxy_url = url};
        struct http_address a;
        http_address_init(&a, &c);
        assert_string_equal(a.proxy_peer, cases[i][1]);
        http_address_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(servers), cmocka_unit_test(proxies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
