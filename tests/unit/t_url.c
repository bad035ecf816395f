// SPDX-License-Identifier: Apache-2.0
// URLs: where the parts are, and which texts are none.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void part_is(const char *what, const char *text, const char *at, size_t n,
                    const char *expect)
{
    bool same = at == NULL || expect == NULL ? at == expect
                                             : strlen(expect) == n && memcmp(at, expect, n) == 0;
    if (!same) {
        fail_msg("%s: %s is '%.*s', not '%s'", text, what, (int)n, str_or_empty(at),
                 expect != NULL ? expect : "absent");
    }
}

static void parts_are_where_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *text, *scheme, *userinfo, *host, *rest;
    } cases[] = {
        {"", NULL, NULL, "", ""},
        {"https://h:443/p?q#f", "https", NULL, "h:443", "/p?q#f"},
        {"https://h?q", "https", NULL, "h", "?q"},
        {"https://h#f", "https", NULL, "h", "#f"},
        {"h/p", NULL, NULL, "h", "/p"},
        {"h:80", NULL, NULL, "h:80", ""},
        {"://h", "", NULL, "h", ""},
        {"http://u:p@h", "http", "u:p", "h", ""},
        {"http://u@v@h/x@y", "http", "u@v", "h", "/x@y"}, // the last '@' before the path
        {"u@h", NULL, "u", "h", ""},
        {"http://@h", "http", "", "h", ""},
        {"http://[::1]:8080/p", "http", NULL, "[::1]:8080", "/p"},
        {"/p?to=http://h", NULL, NULL, "", "/p?to=http://h"}, // no scheme: it is in the query
        {"h?to=http://x", NULL, NULL, "h", "?to=http://x"},
        {"http:/h", NULL, NULL, "http:", "/h"},
        {"http:///p", "http", NULL, "", "/p"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *text = cases[i].text;
        struct url_parts p = url_parts_of(text);
        part_is("the scheme", text, p.scheme, p.scheme_len, cases[i].scheme);
        part_is("the userinfo", text, p.userinfo, p.userinfo_len, cases[i].userinfo);
        part_is("the host", text, p.host, p.host_len, cases[i].host);
        part_is("the rest", text, p.rest, strlen(p.rest), cases[i].rest);
    }
}

static void urls_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct url is;
    } cases[] = {
        {"HTTPS://Host.example:6443/a/b?q#f",
         {.scheme = "https", .host = "Host.example", .port = 6443, .path = "/a/b"}},
        {"host", {.scheme = "", .host = "host", .path = ""}},
        {"host:", {.scheme = "", .host = "host", .path = ""}},
        {"host:0443", {.scheme = "", .host = "host", .port = 443, .path = ""}},
        {"socks5+x-y.z://h:65535",
         {.scheme = "socks5+x-y.z", .host = "h", .port = 65535, .path = ""}},
        {"https://[fe80::1]:1/",
         {.scheme = "https", .host = "fe80::1", .ipv6 = true, .port = 1, .path = "/"}},
        {"https://[::1]", {.scheme = "https", .host = "::1", .ipv6 = true, .path = ""}},
        {"http://us%40er:p@ss@proxy:3128",
         {.scheme = "http", .userinfo = "us%40er:p@ss", .host = "proxy", .port = 3128, .path = ""}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct arena a;
        struct url u;
        const char *why = NULL;
        const struct url *is = &cases[i].is;
        arena_init(&a);
        if (!url_split(&a, cases[i].text, &u, &why)) {
            fail_msg("%s: %s", cases[i].text, why);
        }
        assert_string_equal(u.scheme, is->scheme);
        assert_string_equal(u.host, is->host);
        assert_string_equal(u.path, is->path);
        assert_int_equal(u.port, is->port);
        assert_int_equal(u.ipv6, is->ipv6);
        part_is("the userinfo", cases[i].text, u.userinfo,
                u.userinfo != NULL ? strlen(u.userinfo) : 0, is->userinfo);
        arena_release(&a);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "no host"},
        {"https://", "no host"},
        {"https:///path", "no host"},
        {"https://user@", "no host"},
        {"https://:443", "no host"},
        {"https://[]", "no host"},
        {"://h", "no scheme before '://'"},
        {"a_b://h", "a bad scheme"},
        {"ht tp://h", "a space or control character"},
        {"https://h/a b", "a space or control character"},
        {"https://h\n", "a space or control character"},
        {"https://h\x7F", "a space or control character"},
        {"https://h:x", "a bad port"},
        {"https://h:0", "a bad port"},
        {"https://h:65536", "a bad port"},
        {"https://h:99999999999999999999", "a bad port"},
        {"https://h:-1", "a bad port"},
        {"https://h:1:2", "a bad port"},
        {"https://[::1]1", "a bad port"},
        {"https://[::1", "a bad address in brackets"},
        {"https://[host]", "a bad address in brackets"},
        {"https://h%41", "a bad host name"},
        {"https://a]b", "a bad host name"},
        {"https://a\\b", "a bad host name"},
        {"https://a{b}", "a bad host name"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct arena a;
        struct url u;
        const char *why = "none";
        arena_init(&a);
        bool ok = url_split(&a, cases[i].text, &u, &why);
        if (ok || strcmp(why, cases[i].why) != 0) {
            fail_msg("'%s': '%s', not '%s'", cases[i].text, ok ? "taken" : why, cases[i].why);
        }
        arena_release(&a);
    }
}

static void a_host_has_a_bound(void **state)
{
    (void)state;
    for (int n = 255; n <= 256; n++) {
        char text[300];
        memset(text, 'a', sizeof text);
        memcpy(text, "https://", 8);
        text[8 + n] = '\0';
        struct arena a;
        struct url u;
        const char *why = NULL;
        arena_init(&a);
        assert_int_equal(url_split(&a, text, &u, &why), n == 255);
        if (n == 256) {
            assert_string_equal(why, "a host name longer than 255 bytes");
        }
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_where_they_are),
        cmocka_unit_test(urls_are_split),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(a_host_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
