// SPDX-License-Identifier: Apache-2.0
// The RE2 checker, whole-text matching and rewriting; hostile expressions end in bounded time.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"
#include "kube/base/regex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void taken(void **state)
{
    (void)state;
    static const char *const t[] = {
        "/v[0-9]+/items",
        "a|b|",
        "(a)(?:b)(?P<n>c)(?<m>d)",
        "(?i)abc",
        "(?i:a)b",
        "(?s-m:.)",
        "(?U)a+",
        "\\Qa.b\\E",
        "\\Qa.b",
        "\\pN",
        "\\p{Greek}",
        "\\p{^Lu}",
        "[\\d\\-x]",
        "[]a]",
        "[^]a]",
        "[a-]",
        "[[:alpha:][:^digit:]]",
        "a{2}",
        "a{2,}",
        "a{2,3}?",
        "a{,2}",
        "{",
        "a{1000}",
        "\\x41\\x{1F600}",
        "\\101",
        "\\0",
        "^/a$",
        "\\bword\\B",
        "\\A\\z",
        "[a-\\x7f]",
        "[\\d-z]",
        "a{0}",
        "(a{10}){100}",
        "()",
        "x*?",
        "\\/\\.\\-\\_",
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        size_t at;
        const char *why = "";
        if (!regex_check(t[i], &at, &why)) {
            fail_msg("'%s' refused at %zu: %s", t[i], at, why);
        }
        struct arena a;
        arena_init(&a);
        const struct regex *r = regex_compile(&a, t[i]);
        assert_non_null(r);
        assert_int_not_equal(regex_match(r, "/", 1), REGEX_UNKNOWN);
        arena_release(&a);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *re;
        size_t at;
    } t[] = {
        {"", 0},
        {"*", 0},
        {"a(*b)", 2},
        {"(?=a)", 0},
        {"x(?!a)", 1},
        {"(?<=a)", 0},
        {"(?<!a)", 0},
        {"(?>a)", 0},
        {"(a)\\1", 3},
        {"a++", 2},
        {"a**", 2},
        {"a{2}{3}", 4},
        {"a{1001}", 1},
        {"a{3,2}", 1},
        {"(a{100}){100}", 8},
        {"[a", 0},
        {"[z-a]", 1},
        {"[[:foo:]]", 1},
        {"(a", 0},
        {"a)", 1},
        {"\\C", 0},
        {"\\Z", 0},
        {"\\p{Nope}", 0},
        {"\\p{Greek", 0},
        {"\\x{110000}", 0},
        {"\\xg", 0},
        {"a\\", 1},
        {"(?P<1-2>a)", 0},
        {"(?P=n)", 0},
        {"(?z)", 0},
        {"(?i-)", 0},
        {"(?P<n>a)(?P<n>b)", 12},
        {"\\8", 0},
        {"\\G", 0},
        {"[a-\\d]", 3},
        {"?", 0},
        {"|*", 1},
        {"{2}", 0},
        {"(?R)", 0},
        {"(?#x)", 0},
        {"a\xff", 1},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        size_t at = 999;
        const char *why = NULL;
        if (regex_check(t[i].re, &at, &why)) {
            fail_msg("'%s' is taken", t[i].re);
        }
        assert_non_null(why);
        if (at != t[i].at) {
            fail_msg("'%s': refused at %zu (%s), not at %zu", t[i].re, at, why, t[i].at);
        }
    }
}

// The general categories of Unicode are known in full, and nothing that only looks like one.
static void categories(void **state)
{
    (void)state;
    static const char *const all[] = {"C",  "Cc", "Cf", "Co", "Cs", "L",  "Ll", "Lm", "Lo",
                                      "Lt", "Lu", "M",  "Mc", "Me", "Mn", "N",  "Nd", "Nl",
                                      "No", "P",  "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps",
                                      "S",  "Sc", "Sk", "Sm", "So", "Z",  "Zl", "Zp", "Zs"};
    size_t known = 0;
    char re[16];
    for (int major = ' '; major < 0x7F; major++) {
        for (int minor = ' ' - 1; minor < 0x7F; minor++) {
            if (strchr("^{}\\", major) != NULL || strchr("{}", minor) != NULL) {
                continue;
            }
            char name[3] = {(char)major, minor < ' ' ? '\0' : (char)minor, '\0'};
            bool want = false;
            for (size_t i = 0; i < sizeof all / sizeof *all && !want; i++) {
                want = strcmp(all[i], name) == 0;
            }
            (void)snprintf(re, sizeof re, "\\p{%s}", name);
            if (regex_check(re, NULL, NULL) != want) {
                fail_msg("'%s' is %s", re, want ? "refused" : "taken");
            }
            known += want;
        }
    }
    assert_int_equal(known, sizeof all / sizeof *all);
}

static enum regex_answer match(const char *re, const char *text)
{
    struct arena a;
    arena_init(&a);
    enum regex_answer r = regex_match(regex_compile(&a, re), text, strlen(text));
    arena_release(&a);
    return r;
}

static void matches(void **state)
{
    (void)state;
    static const struct {
        const char *re, *text;
        bool yes;
    } t[] = {
        {"/v[0-9]+/items", "/v2/items", true},
        {"/v[0-9]+/items", "/v2/items/9", false},
        {"/v[0-9]+/items", "x/v2/items", false},
        {"a|ab", "ab", true},
        {"ab|a", "a", true},
        {".*", "", true},
        {".", "\n", false},
        {"(?s).", "\n", true},
        {"(?i)/API", "/api", true},
        {"(?i:A)b", "aB", false},
        {"\\s", "\v", false},
        {"[[:space:]]", "\v", true},
        {"a{,2}", "a{,2}", true},
        {"{", "{", true},
        {"\\Qa.b\\E+", "a.bb", true},
        {"\\Qa.b\\E+", "axb", false},
        {"\\101", "A", true},
        {"\\x{41}", "A", true},
        {"^/a$", "/a", true},
        {"$", "\n", false},
        {"(?m)a$\n^b", "a\nb", true},
        {"[\\d-z]+", "1-z", true},
        {"[^a]", "\n", true},
        {"\\w+", "\xc3\xa9", false},
        {"\\p{L}", "\xc3\xa9", true},
        {"[^x]", "\xc3\xa9", true},
        {".", "\xff", false},
        {"(?i)k", "\xe2\x84\xaa", true}, // Kelvin sign folds to k
        {"(?U)a+?", "aaa", true},
        {"^*a", "a", true},
        {"\\-\\.", "-.", true},
        {"()", "", true},
        {"(a|)b", "b", true},
        {"a{0}b", "b", true},
        {"[]a]+", "]a", true},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        enum regex_answer got = match(t[i].re, t[i].text);
        if (got != (t[i].yes ? REGEX_YES : REGEX_NO)) {
            fail_msg("'%s' on '%s': %d", t[i].re, t[i].text, (int)got);
        }
    }
}

static void replaces(void **state)
{
    (void)state;
    static const struct {
        const char *re, *text, *rewrite, *want;
        enum regex_answer answer;
    } t[] = {
        {"/api/v([0-9]+)/(.*)", "/api/v2/x/y", "/\\2/v\\1", "/x/y/v2", REGEX_YES},
        {"a", "banana", "o", "bonono", REGEX_YES},
        {"z", "banana", "o", "banana", REGEX_NO},
        {"x*", "abc", "-", "-a-b-c-", REGEX_YES},
        {"a*", "baac", "-", "-b-c-", REGEX_YES},
        {"(a)|(b)", "ab", "[\\1\\2]", "[a][b]", REGEX_YES},
        {"b", "abc", "\\0\\0", "abbc", REGEX_YES},
        {"b", "abc", "\\\\", "a\\c", REGEX_YES},
        {"b", "abc", "\\1", "", REGEX_UNKNOWN},
        {"^/a", "/a/a", "/b", "/b/a", REGEX_YES},
        {"a+?", "aaa", "x", "xxx", REGEX_YES},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct arena a;
        struct buf out;
        arena_init(&a);
        buf_init(&out, 0);
        const struct regex *r = regex_compile(&a, t[i].re);
        enum regex_answer got = regex_replace(r, t[i].text, strlen(t[i].text), t[i].rewrite, &out);
        assert_int_equal(got, t[i].answer);
        if (got != REGEX_UNKNOWN && strcmp(out.data, t[i].want) != 0) {
            fail_msg("'%s' on '%s': %s", t[i].re, t[i].text, out.data);
        }
        buf_release(&out);
        arena_release(&a);
    }
}

static void hostile(void **state)
{
    (void)state;
    int64_t from = clock_mono_ms();
    char *megabyte = xmalloc((1 << 20) + 1);
    memset(megabyte, 'a', 1 << 20);
    megabyte[1 << 20] = '\0';
    size_t at;
    const char *why;
    assert_false(regex_check(megabyte, &at, &why));
    assert_int_equal(at, REGEX_MAX_CHARS);

    struct buf b;
    buf_init(&b, 0);
    for (int i = 0; i < 400; i++) {
        buf_adds(&b, "(");
    }
    buf_adds(&b, "a");
    for (int i = 0; i < 400; i++) {
        buf_adds(&b, ")");
    }
    assert_true(regex_check(b.data, &at, &why));
    assert_int_equal(match(b.data, "a"), REGEX_YES);

    megabyte[20000] = '\0';
    (void)match("(a?){500}(a?){500}[bc]", megabyte);
    (void)match("(a*)*(a*)*(a*)*[bc]", megabyte);
    (void)match("((a{1,10}){1,10}){1,10}[bc]", megabyte);
    struct arena a;
    arena_init(&a);
    buf_reset(&b);
    megabyte[3000] = '\0';
    enum regex_answer r =
        regex_replace(regex_compile(&a, "(a|aa)+[bc]"), megabyte, strlen(megabyte), "x", &b);
    assert_int_equal(r, REGEX_UNKNOWN);
    assert_int_equal(b.len, 0);
    arena_release(&a);
    buf_release(&b);
    free(megabyte);
    print_message("# hostile expressions: %d ms\n", (int)(clock_mono_ms() - from));
    assert_true(clock_mono_ms() - from < 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken),   cmocka_unit_test(refused),  cmocka_unit_test(categories),
        cmocka_unit_test(matches), cmocka_unit_test(replaces), cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
