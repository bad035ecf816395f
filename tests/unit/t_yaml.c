// SPDX-License-Identifier: Apache-2.0
// YAML reading (docs/rules/kubernetes-client.md#yaml-values), places, errors with resume, and printing that
// reads back.
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/yaml.h"
#include "kube/base/yaml_doc.h"
#include "kube/base/yaml_print.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// Everything a text gave, as lines: "doc FIRST-LAST JSON" and "bad LINE:COLUMN MESSAGE".
struct log {
    struct buf b;
    int stop_after; // documents; 0: never
};

static bool on_doc(void *self, struct yaml_doc *d)
{
    struct log *l = self;
    buf_addf(&l->b, "doc %d-%d ", d->first_line, d->last_line);
    if (d->root != NULL) {
        json_print(d->root, false, &l->b);
    } else {
        buf_adds(&l->b, "empty");
    }
    buf_addc(&l->b, '\n');
    yaml_doc_clear(d);
    return l->stop_after == 0 || --l->stop_after > 0;
}

static void on_bad(void *self, struct yaml_mark at, const char *message)
{
    struct log *l = self;
    buf_addf(&l->b, "bad %d:%d %s\n", at.line, at.column, message);
}

static char *read_n(const char *text, size_t n, const struct yaml_limits *limits, int stop_after)
{
    struct log l = {.stop_after = stop_after};
    buf_init(&l.b, 0);
    struct yaml_handler h = {on_doc, on_bad, &l};
    bool ok = yaml_each(text, n, limits, &h);
    assert_int_equal(ok, l.b.data == NULL || strstr(l.b.data, "bad ") == NULL);
    return buf_take(&l.b);
}

static void reads(const char *text, const char *expect)
{
    char *got = read_n(text, strlen(text), &YAML_CONFIG_LIMITS, 0);
    assert_string_equal(got, expect);
    free(got);
}

// One document's tree.
static void is(const char *text, const char *expect)
{
    char *got = read_n(text, strlen(text), &YAML_CONFIG_LIMITS, 0);
    char *json = strchr(got, '\n') != NULL ? strchr(strchr(got, ' ') + 1, ' ') + 1 : got;
    json[strcspn(json, "\n")] = '\0';
    assert_string_equal(json, expect);
    free(got);
}

static void test_scalars(void **state)
{
    (void)state;
    is("[y, Y, yes, Yes, YES, on, On, ON, true, True, TRUE]",
       "[true,true,true,true,true,true,true,true,true,true,true]");
    is("[n, N, no, No, NO, off, Off, OFF, false, False, FALSE]",
       "[false,false,false,false,false,false,false,false,false,false,false]");
    is("[yEs, oN, tRUE, 'y', \"no\"]", "[\"yEs\",\"oN\",\"tRUE\",\"y\",\"no\"]");
    is("[~, null, Null, NULL, 'null', nULL]", "[null,null,null,null,\"null\",\"nULL\"]");
    is("a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}");
    is("[0, 12, -3, +7, 0x1F, 0o17, 017, 0b101, -0x10, 1_000]", "[0,12,-3,7,31,15,15,5,-16,1000]");
    is("[08, 1.5, .5, 5., 1e3, -1.5e-1, 1E2]", "[8,1.5,0.5,5,1000,-0.14999999999999999,100]");
    is("[0x, 0xG, 1e, 1.2.3, -, +, --1, 1 2, 0x-1, 0x0x1, .e3, 12e03x]",
       "[\"0x\",\"0xG\",\"1e\",\"1.2.3\",\"-\",\"+\",\"--1\",\"1 2\",\"0x-1\",\"0x0x1\",\".e3\","
       "\"12e03x\"]");
    is("[1e999, -1e999, 1e-999]", "[\"1e999\",\"-1e999\",0]"); // what no double holds is text
    is("[2026-11-23, 2026-11-23T18:37:11Z, 2001-12-14 21:59:43.10 -5]",
       "[\"2026-11-23\",\"2026-11-23T18:37:11Z\",\"2001-12-14 21:59:43.10 -5\"]");
    is("- v1\n- 10.0.0.1\n- 1:30\n- 5m\n- ::1\n", "[\"v1\",\"10.0.0.1\",\"1:30\",\"5m\",\"::1\"]");
    is("{0.1: a, -1.5e-1: b, +.Inf: c}", "{\"0.1\":\"a\",\"-0.15\":\"b\",\".inf\":\"c\"}");
    is("[.5_0, ._5, .5_]", "[0.5,\"._5\",\".5_\"]");
    is("{1: a, true: b, 1.5: c, y: d}", "{\"1\":\"a\",\"1.5\":\"c\",\"true\":\"d\"}");
    is("[!!str 5, !!int 5, !!float 5, !!bool yes, ! 7, !mine 8, !!binary aGk=]",
       "[\"5\",5,5,true,\"7\",\"8\",\"hi\"]");
    is("\"a\\0b\"", "\"a\xEF\xBF\xBD"
                    "b\"");
}

static void test_structure(void **state)
{
    (void)state;
    is("a: 1\nb: 2\na: 3\n", "{\"b\":2,\"a\":3}");
    is("a: 1\na: 2\na: 3\nb: 4\n", "{\"a\":3,\"b\":4}");
    is("x: &x {p: 1}\nx: 2\nz: *x\n", "{\"x\":2,\"z\":{\"p\":1}}"); // the anchor's own entry lost
    is("b: &b {p: 1, q: 2}\nc: {<<: *b, q: 3}\n",
       "{\"b\":{\"p\":1,\"q\":2},\"c\":{\"p\":1,\"q\":3}}");
    is("c: {q: 3, <<: {q: 4}}\n", "{\"c\":{\"q\":4}}"); // in the order of the text, as yaml.v2
    is("<<: [{a: 1}, {a: 2, b: 2}]\nc: 3\n", "{\"b\":2,\"a\":1,\"c\":3}");
    is("c: {'<<': 1}\n", "{\"c\":{\"<<\":1}}");
    is("<<: &m {a: &i [1]}\nb: *m\nc: *i\n", "{\"a\":[1],\"b\":{\"a\":[1]},\"c\":[1]}");
    is("&k a: 1\nb: {*k : 2, c: *k}\n", "{\"a\":1,\"b\":{\"a\":2,\"c\":\"a\"}}");
    is("a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}");
    is("\xEF\xBB\xBF---\r\na: 1\r\nb: x y\r\n", "{\"a\":1,\"b\":\"x y\"}");
}

static void test_documents(void **state)
{
    (void)state;
    reads("", "");
    reads("# nothing\n\n", "");
    reads("a: 1\n---\n# c\nb: 2\n---\n---\nc: 3\n",
          "doc 1-1 {\"a\":1}\ndoc 3-4 {\"b\":2}\ndoc 6-6 empty\ndoc 7-7 {\"c\":3}\n");
    reads("--- {a: 1}\n...\n---\nb: 2", "doc 1-1 {\"a\":1}\ndoc 4-4 {\"b\":2}\n");
    char *got = read_n("a: 1\n---\nb: [\n", 14, &YAML_CONFIG_LIMITS, 1);
    assert_string_equal(got, "doc 1-1 {\"a\":1}\n"); // stopped before the bad one
    free(got);
}

static void test_errors(void **state)
{
    (void)state;
    reads("a: [\n---\nb: 2\n",
          "bad 2:1 did not find expected node content (while parsing a flow node)\n"
          "doc 3-3 {\"b\":2}\n");
    reads("a: 'x\n---\nb: 2\n--- c\n",
          "bad 2:1 found unexpected document indicator (while scanning a quoted scalar)\n"
          "doc 3-3 {\"b\":2}\ndoc 4-4 \"c\"\n");
    reads("a:\n\tb: 1\n---\nok: 1\n",
          "bad 2:1 tab used for indentation; use spaces\ndoc 4-4 {\"ok\":1}\n");
    reads("x: 1\n---\na: *nope\nb: 1\n---\nok: 1\n",
          "doc 1-1 {\"x\":1}\nbad 3:4 unknown anchor 'nope'\ndoc 6-6 {\"ok\":1}\n");
    reads("a: &a [*a]\n", "bad 1:8 anchor 'a' contains itself\n");
    reads("a: {<<: 1}\n", "bad 1:9 '<<' needs a mapping or a list of mappings\n");
    reads("? [a]\n: 1\n", "bad 1:3 a key that is a list\n");
    reads("a: .inf\n", "bad 1:4 infinity and not-a-number have no JSON form; quote the value\n");
    reads("a: !!int x\n", "bad 1:4 not a value of type 'int'\n");
    reads("a: 1\nb: \xFF\n", "bad 2:4 invalid leading UTF-8 octet\n");
    reads("a: 1\nb: \x01\n---\nc: 1\n",
          "bad 2:4 control characters are not allowed\ndoc 4-4 {\"c\":1}\n");
    reads("äö: [}\n", "bad 1:6 did not find expected node content (while parsing a flow node)\n");
    reads("--- @\n--- @\n--- 1\n",
          "bad 1:5 found character that cannot start any token (while scanning "
          "for the next token)\n"
          "bad 2:5 found character that cannot start any token (while scanning "
          "for the next token)\n"
          "doc 3-3 1\n");
}

static void test_bounds(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    for (int i = 0; i < 65; i++) {
        buf_addc(&b, '[');
    }
    reads(b.data, "bad 1:65 nested deeper than 64 levels\n");
    buf_reset(&b);
    buf_adds(&b, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"); // a billion laughs
    for (int i = 1; i < 9; i++) {
        buf_addf(&b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    char *got = read_n(b.data, b.len, &YAML_CONFIG_LIMITS, 0);
    assert_string_equal(got, "bad 5:10 more than 10000 values after expanding aliases\n");
    free(got);
    buf_reset(&b);
    buf_adds(&b, "a0: &a0 [x]\n"); // deep by aliases
    for (int i = 1; i < 80; i++) {
        buf_addf(&b, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    }
    got = read_n(b.data, b.len, &YAML_CONFIG_LIMITS, 0);
    assert_non_null(strstr(got, "nested deeper than 64 levels"));
    free(got);
    buf_reset(&b);
    for (size_t i = 0; i < 1024 * 1024; i++) {
        buf_addc(&b, i % 64 == 63 ? '\n' : '#');
    }
    reads(b.data, "");
    buf_addc(&b, '#');
    reads(b.data, "bad 0:0 larger than 1048576 bytes\n");
    buf_reset(&b);
    for (int i = 0; i < 129; i++) {
        buf_addc(&b, '[');
    }
    got = read_n(b.data, b.len, &YAML_MANIFEST_LIMITS, 0);
    assert_string_equal(got, "bad 1:129 nested deeper than 128 levels\n");
    free(got);
    got = read_n("", 64 * 1024 * 1024 + 1, &YAML_MANIFEST_LIMITS, 0); // no byte of it is read
    assert_string_equal(got, "bad 0:0 larger than 67108864 bytes\n");
    free(got);
    assert_int_equal(YAML_MANIFEST_LIMITS.nodes, 4000000); // reading so many would take seconds
    const struct yaml_limits tiny = {4, 8, 8};
    got = read_n("abcde", 5, &tiny, 0);
    assert_string_equal(got, "bad 0:0 larger than 4 bytes\n");
    free(got);
    buf_release(&b);
}

// A document that is small in its text.
static void add_laughs(struct buf *b, int levels)
{
    buf_adds(b, "---\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < levels; i++) {
        buf_addf(b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
}

static void test_aliases_are_bounded(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    add_laughs(&b, 9);
    char *got = read_n(b.data, b.len, &YAML_MANIFEST_LIMITS, 0);
    assert_string_equal(got, "bad 7:18 aliases stand for more than 400000 values\n");
    free(got);
    buf_reset(&b);
    for (int i = 0; i < 30; i++) { // each within its bound
        add_laughs(&b, 5);
    }
    got = read_n(b.data, b.len, &YAML_MANIFEST_LIMITS, 0);
    assert_non_null(strstr(got, "aliases stand for more than 2000000 values\n"));
    free(got);
    buf_release(&b);
}

static void test_json(void **state)
{
    (void)state;
    is("{\n\t\"a\": [1,\t2],\n\t\"b\": \"x\\/y\"\n}\n", "{\"a\":[1,2],\"b\":\"x/y\"}");
    is("\t{\"a\": 1}", "{\"a\":1}");
    is("{\"a\": \"\\ud83d\\ude00\"}", "{\"a\":\"\xF0\x9F\x98\x80\"}"); // no YAML, but JSON
    reads("{\"a\":1}\n{\"b\":\n 2}\n{\"c\":3}",
          "doc 1-1 {\"a\":1}\ndoc 2-3 {\"b\":2}\ndoc 4-4 {\"c\":3}\n");
    reads("---\n{\"a\":\"\\ud83d\\ude00\"}\n---\nb: 1\n",
          "doc 2-2 {\"a\":\"\xF0\x9F\x98\x80\"}\ndoc 4-4 {\"b\":1}\n");
    reads("{\"a\": ]x\n---\nb: 1\n", "bad 1:7 did not find expected node content (while parsing a "
                                     "flow node)\ndoc 3-3 {\"b\":1}\n");
}

struct marks_seen {
    bool seen;
};

static bool check_marks(void *self, struct yaml_doc *d)
{
    ((struct marks_seen *)self)->seen = true;
    const struct json *items = json_get(d->root, "items");
    const struct json *second = json_next(json_first(items));
    struct yaml_mark m = yaml_value_mark(d, second);
    assert_int_equal(m.line, 5);
    assert_int_equal(m.column, 5);
    m = yaml_key_mark(d, json_get(second, "äx"));
    assert_int_equal(m.line, 5);
    assert_int_equal(m.column, 5);
    m = yaml_value_mark(d, json_get(second, "äx"));
    assert_int_equal(m.line, 5);
    assert_int_equal(m.column, 10);
    m = yaml_value_mark(d, json_at(d->root, "copy", "p", NULL));
    assert_int_equal(m.line, 3); // the place of the text that the alias repeats
    m = yaml_key_mark(d, json_get(d->root, "copy"));
    assert_int_equal(m.line, 6);
    struct json *other = json_new_null();
    assert_int_equal(yaml_value_mark(d, other).line, 0);
    assert_int_equal(yaml_value_mark(d, NULL).line, 0);
    json_free(other);
    yaml_doc_clear(d);
    return true;
}

static void test_marks(void **state)
{
    (void)state;
    const char *text = "items:\n"
                       "  -\n"
                       "    &first {p: 1}\n"
                       "  # the second\n"
                       "  - äx:  1\n"
                       "copy: *first\n";
    struct marks_seen seen = {false};
    struct yaml_handler h = {check_marks, on_bad, &seen};
    assert_true(yaml_each(text, strlen(text), &YAML_CONFIG_LIMITS, &h));
    assert_true(seen.seen);
}

static void prints(const char *json, const char *expect)
{
    struct json *j = json_parse(json, strlen(json), NULL);
    assert_non_null(j);
    struct buf out;
    buf_init(&out, 0);
    yaml_print(j, &out);
    if (expect != NULL) {
        assert_string_equal(out.data, expect);
    }
    struct buf same;
    buf_init(&same, 0);
    json_print(j, false, &same);
    is(out.data, same.data);
    json_free(j);
    buf_release(&out);
    buf_release(&same);
}

static void test_print(void **state)
{
    (void)state;
    prints("{\"a\":{\"b\":[1,{\"c\":null,\"d\":[[\"x\"],[]]}],\"e\":{}}}",
           "a:\n  b:\n  - 1\n  - c: null\n    d:\n    - - x\n    - []\n  e: {}\n");
    prints("{\"t\":\"2026-11-23T18:37:11Z\",\"y\":\"y\",\"n\":\"12\",\"s\":\"a: b\",\"v\":\"v1\"}",
           "t: \"2026-11-23T18:37:11Z\"\n\"y\": \"y\"\n\"n\": \"12\"\ns: \"a: b\"\nv: v1\n");
    prints("{\"a\":\"one\\ntwo\\n\",\"b\":[\"one\\n\\n  two\"],\"c\":\" x\\ny\\n\\n\"}",
           "a: |\n  one\n  two\nb:\n- |-\n  one\n\n    two\nc: |2+\n   x\n  y\n\n");
    prints("0.1", "0.1\n");
    prints("[]", "[]\n");
    prints("\"one\\ntwo\"", "|-\n  one\n  two\n");
    static const char *const awkward[] = {
        "",       " a",       "a ",          "-",       "- a",   "-a",        "?",     "? a",
        ":",      ":a",       "a:",          "a #b",    "#a",    "a#b",       "'",     "\\\"",
        "it's",   "\\\\d+",   "%a",          "@a",      "`a",    "{a",        "[a",    "a]",
        "*.x.io", "&a",       "!a",          "|",       ">",     "null",      "~",     "0x1f",
        "1e3",    ".5",       ".inf",        "<<",      "=",     "---",       "--- a", "...",
        "\\n",    "\\n\\n",   "a\\n\\n\\n",  "\\na",    "\\n a", "a\\n b\\n", "\\ta",  "\\ta\\nb",
        "a\\tb",  "a\\n\\tb", " \\n a",      "a  \\nb", ",a",    "a, b",      "on",    "1_0",
        "+1",     "-.inf",    "a\\n---\\nb", "--",      "-- a",
    };
    for (size_t i = 0; i < sizeof awkward / sizeof awkward[0]; i++) {
        char *json = xasprintf("{\"k\":\"%s\",\"l\":[\"%s\",{\"m\":\"%s\"}],\"z\":1}", awkward[i],
                               awkward[i], awkward[i]);
        prints(json, NULL);
        free(json);
        json = xasprintf("{\"%s\":1,\"z\":[\"%s\"]}", awkward[i], awkward[i]);
        prints(json, NULL);
        free(json);
        json = xasprintf("\"%s\"", awkward[i]);
        prints(json, NULL);
        free(json);
    }
}

// A key of more than 1024 characters cannot stand before ": ".
static void test_print_long_keys(void **state)
{
    (void)state;
    static const char *const values[] = {"1",  "\"x\"", "\"one\\ntwo\\n\"",    "{}",
                                         "[]", "null",  "{\"a\":{\"b\":[1]}}", "[1,[2,{\"c\":3}]]"};
    for (size_t length = 990; length < 1100; length += 1) {
        char key[1100];
        memset(key, 'k', length);
        key[length] = '\0';
        key[length / 2] = length % 2 == 0 ? 'k' : ' ';
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            char *json = xasprintf("{\"a\":{\"b\":1,\"%s\":%s,\"z\":[{\"%s\":%s}]},\"y\":2}", key,
                                   values[i], key, values[i]);
            prints(json, NULL);
            free(json);
        }
    }
}

static void test_print_is_clean(void **state)
{
    (void)state;
    struct json *j = json_new_object();
    json_put_string(j, "k\x1b[2J", "\x1b]0;x\x07\xE2\x80\xAE");
    struct buf out;
    buf_init(&out, 0);
    yaml_print(j, &out);
    assert_null(strchr(out.data, 0x1b));
    assert_null(strchr(out.data, 0x07));
    assert_null(strstr(out.data, "\xE2\x80\xAE"));
    buf_release(&out);
    json_free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_documents),      cmocka_unit_test(test_errors),
        cmocka_unit_test(test_bounds),         cmocka_unit_test(test_aliases_are_bounded),
        cmocka_unit_test(test_json),           cmocka_unit_test(test_marks),
        cmocka_unit_test(test_print),          cmocka_unit_test(test_print_long_keys),
        cmocka_unit_test(test_print_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
