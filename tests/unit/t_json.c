// SPDX-License-Identifier: Apache-2.0
// JSON values: what is read, what the getters make of absent and other values, what is printed.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"

#include "tests/support/ending.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static struct json *parse(const char *text)
{
    struct err err;
    struct json *j = json_parse(text, strlen(text), &err);
    if (j == NULL) {
        fail_msg("%s: %s", text, err.msg);
    }
    return j;
}

static void texts_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why; // of the strict reader
        bool heap;              // cJSON takes it
    } cases[] = {
        {"", "not JSON at byte 0", false},
        {"{", "not JSON at byte", false},
        {"{\"a\":1,}", "not JSON at byte", false},
        {"[1 2]", "not JSON at byte 3", false},
        {"'a'", "not JSON at byte 0", false},
        {"{} x", "not JSON at byte 3: text after the value", false},
        {"1 1", "not JSON at byte 2: text after the value", false},
        {"[1,]", "not JSON at byte 3", false},
        {"{\"a\" 1}", "not JSON at byte 5", false},
        {"{\"a\":}", "not JSON at byte 5", false},
        {"{a:1}", "not JSON at byte 1", false},
        {"[1}", "not JSON at byte 2", false},
        {"tru", "not JSON at byte 0", false},
        {"nulll", "not JSON at byte 4: text after the value", false},
        {"01", "not JSON at byte 1: text after the value", true},
        {"-", "not JSON at byte 0", false},
        {"+1", "not JSON at byte 0", false},
        {"[1.]", "not JSON at byte 1", true},
        {"1e", "not JSON at byte 0", false},
        {"\"abcdefghi", "not JSON at byte 10", false},
        {"\"line\nend\"", "not JSON at byte 5", true}, // a control
        {"\"\\x41\"", "not JSON at byte 1", false},
        {"\"\\u12\"", "not JSON at byte 1", false},
        {"\"\\", "not JSON at byte 1", false},
        {"\"\\\"", "not JSON at byte 3", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct err err, of_heap;
        struct arena a;
        arena_init(&a);
        assert_null(json_parse_in(&a, cases[i].text, strlen(cases[i].text), &err));
        assert_int_equal(err.code, ERR_PARSE);
        if (strstr(err.msg, cases[i].why) == NULL) {
            fail_msg("'%s': %s", cases[i].text, err.msg);
        }
        arena_release(&a);
        struct json *j = json_parse(cases[i].text, strlen(cases[i].text), &of_heap);
        if ((j != NULL) != cases[i].heap) {
            fail_msg("'%s' on the heap: %s", cases[i].text, j != NULL ? "taken" : of_heap.msg);
        }
        if (j == NULL) {
            assert_int_equal(of_heap.code, ERR_PARSE);
            assert_non_null(strstr(of_heap.msg, "not JSON at byte "));
        }
        json_free(j);
    }
    struct err cut;
    assert_null(json_parse("\"ab\"", 3, &cut)); // the bytes after n are not part of it
    assert_null(json_parse("truely", 3, &cut));
    assert_null(json_parse("\"\\u0041\"", 6, &cut));
    assert_null(json_parse("{}\0x", 4, NULL));
    assert_null(json_parse("\"a\0b\"", 5, &cut)); // where a C string would end
    assert_null(json_parse("{\0}", 3, &cut));
    assert_non_null(strstr(cut.msg, "not JSON at byte 1: a NUL"));
    struct json *j = parse(" \t\r\n{ } \n");
    assert_int_equal(json_type(j), JSON_OBJECT);
    json_free(j);
}

// Each text, and what is read of it on the heap and in an arena.
static void strings_lose_their_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text;
        bool plain;
    } cases[] = {
        {"\"\"", "", true},
        {"\"a plain text of more than eight bytes\"", "a plain text of more than eight bytes",
         true},
        {"\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d", false},
        {"\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t", false},
        {"\"\\u0041\\u00e4\\u20AC\"", "A\xC3\xA4\xE2\x82\xAC", false},
        {"\"\\ud83d\\ude00!\"", "\xF0\x9F\x98\x80!", false},
        {"\"\\ud83d!\"", "\xEF\xBF\xBD!", false},          // half a pair
        {"\"\\ud83d\\u0041\"", "\xEF\xBF\xBD\x41", false}, // and what is no other half
        {"\"\\ude00\\ud83d\"", "\xEF\xBF\xBD\xEF\xBF\xBD", false},
        {"\"a\\u0000b\"",
         "a\xEF\xBF\xBD"
         "b",
         false},
        {"\"\xC3\xA4\x7F\xFF\"", "\xC3\xA4\x7F\xFF", false}, // as it is
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct err err;
        struct arena a;
        arena_init(&a);
        struct json *heap = parse(cases[i].json);
        const struct json *other = json_parse_in(&a, cases[i].json, strlen(cases[i].json), &err);
        assert_string_equal(json_string(heap), cases[i].text);
        assert_string_equal(json_string(other), cases[i].text);
        assert_int_equal(other->text.n, strlen(cases[i].text));
        assert_int_equal(other->text.plain, cases[i].plain);
        arena_release(&a);
        json_free(heap);
    }
}

static void keys_are_strings(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    static const char text[] = "{\"a\\u0062\":1,\"\":2,\"\xC3\xA4\":3}";
    const struct json *j = json_parse_in(&a, text, sizeof text - 1, NULL);
    assert_int_equal(json_get_int(j, "ab", 0), 1);
    assert_int_equal(json_get_int(j, "", 0), 2);
    assert_int_equal(json_get_int(j, "\xC3\xA4", 0), 3);
    assert_true(json_key_is(json_first(j), "ab"));
    assert_false(json_key_is(json_first(j), "a"));
    assert_false(json_key_is(json_first(j), "abc"));
    arena_release(&a);
}

static void equal_is_what_has_the_same_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "1",
        "2",
        "\"\"",
        "\"a\"",
        "\"b\"",
        "[]",
        "[1]",
        "[1,2]",
        "[[1],2]",
        "{}",
        "{\"a\":1}",
        "{\"a\":2}",
        "{\"b\":1}",
        "{\"a\":1,\"b\":1}",
        "{\"b\":1,\"a\":1}",
    };
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        for (size_t k = 0; k < ARRAY_COUNT(texts); k++) {
            struct json *a = parse(texts[i]), *b = parse(texts[k]);
            assert_int_equal(json_equal(a, b), i == k);
            assert_false(json_equal(a, NULL));
            json_free(a);
            json_free(b);
        }
    }
    assert_true(json_equal(NULL, NULL));
}

static void numbers_are_those_of_strtod(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "0",
        "-0",
        "7",
        "-42",
        "999999999999999999",
        "-99999999999999999",
        "9223372036854775807",
        "0.1",
        "-1.5e3",
        "1E+2",
        "2e-3",
        "1e999",
        "123456789012345678901234567890123456789012345678901234567890123456789",
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct json *j = parse(cases[i]);
        struct arena a;
        struct err err;
        arena_init(&a);
        double want = strtod(cases[i], NULL), got = json_number(j, -7);
        double in_arena = json_number(json_parse_in(&a, cases[i], strlen(cases[i]), &err), -7);
        assert_true(want <= got && got <= want);
        assert_true(want <= in_arena && in_arena <= want);
        arena_release(&a);
        json_free(j);
    }
}

static void a_long_list_is_read(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    for (int i = 0; i < 10000; i++) {
        buf_addf(&b, "%s{\"k\":[%d]}", i == 0 ? "[" : ",", i);
    }
    buf_addc(&b, ']');
    struct arena a;
    arena_init(&a);
    const struct json *list = json_parse_in(&a, b.data, b.len, NULL);
    assert_int_equal(json_count(list), 10000);
    int64_t i = 0;
    for (const struct json *c = json_first(list); c != NULL; c = json_next(c)) {
        assert_int_equal(json_int(json_first(json_get(c, "k")), -1), i++);
    }
    arena_release(&a);
    buf_release(&b);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[1100];
    for (int depth = 512; depth <= 513; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        struct err err;
        struct json *j = json_parse(text, 2 * (size_t)depth, &err);
        assert_int_equal(j != NULL, depth == 512);
        json_free(j);
    }
    struct json *j = parse("\"[[[\\\"[[[\""); // brackets in a string have no depth
    assert_string_equal(json_string(j), "[[[\"[[[");
    json_free(j);
}

static void absent_is_absent(void **state)
{
    (void)state;
    struct json *j = parse("{\"s\":\"x\",\"n\":1.5,\"i\":7,\"b\":true,\"z\":null,\"l\":[1,2],\"o\":"
                           "{\"k\":{\"d\":\"deep\"}}}");
    assert_int_equal(json_type(NULL), JSON_NONE);
    assert_int_equal(json_type(json_get(j, "none")), JSON_NONE);
    assert_int_equal(json_type(json_get(j, "z")), JSON_NULL);
    assert_null(json_get(json_get(j, "l"), "s")); // of another type
    assert_null(json_get(NULL, "s"));
    assert_string_equal(json_string(json_at(j, "o", "k", "d", NULL)), "deep");
    assert_null(json_at(j, "o", "none", "d", NULL));
    assert_null(json_string(json_get(j, "n")));
    assert_string_equal(json_get_string(j, "s"), "x");
    assert_true(json_number(json_get(j, "n"), 0) > 1.4);
    assert_true(json_number(json_get(j, "s"), -1) < 0);
    assert_int_equal(json_get_int(j, "i", -1), 7);
    assert_int_equal(json_get_int(j, "n", -1), -1); // no whole number
    assert_int_equal(json_get_int(j, "s", -1), -1);
    assert_true(json_get_bool(j, "b", false));
    assert_true(json_get_bool(j, "i", true));
    assert_int_equal(json_count(json_get(j, "l")), 2);
    assert_int_equal(json_count(json_get(j, "s")), 0);
    assert_null(json_first(json_get(j, "s")));
    assert_null(json_next(NULL));
    assert_null(json_key(json_first(json_get(j, "l"))));
    assert_string_equal(json_key(json_first(j)), "s");
    json_free(j);
    json_free(NULL);
}

static void numbers_saturate(void **state)
{
    (void)state;
    struct json *j = parse("[1e30,-1e30,9007199254740993]");
    const struct json *c = json_first(j);
    assert_true(json_int(c, 0) == INT64_MAX);
    c = json_next(c);
    assert_true(json_int(c, 0) == INT64_MIN);
    c = json_next(c);
    assert_int_equal(json_int(c, -1), 9007199254740992);
    json_free(j);
}

static void integers_may_be_in_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t n; // -1: none
    } cases[] = {
        {"7", 7},
        {"-7", -7},
        {"7.0", 7},
        {"\"12\"", 12},
        {"\"-12\"", -12},
        {"\"007\"", 7},
        {"\"9223372036854775807\"", INT64_MAX},
        {"\"9223372036854775808\"", -1},
        {"1e30", -1},
        {"\"1x\"", -1},
        {"\" 1\"", -1},
        {"\"1 \"", -1},
        {"\"+1\"", -1},
        {"\"--1\"", -1},
        {"\"-\"", -1},
        {"\"\"", -1},
        {"1.5", -1},
        {"true", -1},
        {"null", -1},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct json *j = parse(cases[i].text);
        int64_t n = -1;
        if (json_lenient_int(j, &n) != (cases[i].n != -1) || n != cases[i].n) {
            fail_msg("%s: %lld", cases[i].text, (long long)n);
        }
        json_free(j);
    }
    int64_t n;
    assert_false(json_lenient_int(NULL, &n));
}

static void of_equal_keys_the_last_wins(void **state)
{
    (void)state;
    struct json *j = parse("{\"a\":1,\"A\":3,\"a\":2}");
    assert_int_equal(json_get_int(j, "a", 0), 2);
    assert_int_equal(json_get_int(j, "A", 0), 3);
    json_remove(j, "a"); // the first
    assert_int_equal(json_count(j), 2);
    assert_int_equal(json_get_int(j, "a", 0), 2);
    json_remove(j, "none");
    json_remove(NULL, "a");
    json_remove(json_put(j, "l", json_new_array()), "a");
    json_free(j);
}

static void prints(const struct json *j, bool pretty, const char *expect)
{
    struct buf b;
    buf_init(&b, 0);
    json_print(j, pretty, &b);
    assert_string_equal(b.data, expect);
    buf_release(&b);
}

static void trees_are_built_and_printed(void **state)
{
    (void)state;
    struct json *j = json_new_object(), *list = json_put(j, "list", json_new_array());
    json_push(list, json_new_int(-3));
    json_push(list, json_new_number(0.5));
    json_push(list, json_new_number(NAN));
    json_push(list, json_new_number(1e300));
    json_put_string(j, "text", "a\"\\\n\t\r\x01\x7F\xC3\xA4");
    json_put_string(j, "none", NULL);
    json_put_bool(j, "yes", true);
    json_put_int(j, "yes", 4); // in place of it
    json_add(j, "empty", json_new_object());
    prints(j, false,
           "{\"list\":[-3,0.5,null,1.0000000000000001e+300],\"text\":"
           "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f\xC3\xA4\","
           "\"none\":null,\"yes\":4,\"empty\":{}}");
    struct json *copy = json_dup(j);
    json_free(j);
    json_remove(copy, "text");
    json_remove(copy, "list");
    json_put(copy, "l", json_new_array());
    json_push(json_put(copy, "m", json_new_array()), json_new_null());
    prints(copy, true,
           "{\n    \"none\": null,\n    \"yes\": 4,\n    \"empty\": {},\n    \"l\": [],\n    "
           "\"m\": [\n        null\n"
           "    ]\n}");
    json_free(copy);
    prints(NULL, false, "null");
}

static void types_have_names(void **state)
{
    (void)state;
    struct json *j = parse("[null,true,1,\"s\",[],{}]");
    static const char *const names[] = {"null", "true or false", "a number",
                                        "text", "a list",        "a mapping"};
    const struct json *c = json_first(j);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++, c = json_next(c)) {
        assert_string_equal(json_type_name(json_type(c)), names[i]);
    }
    assert_string_equal(json_type_name(JSON_NONE), "nothing");
    json_free(j);
}

static void add_to_a_list(void *unused)
{
    (void)unused;
    json_add(json_new_array(), "key", json_new_null());
}

static void push_to_nothing(void *unused)
{
    (void)unused;
    json_push(NULL, json_new_null());
}

static void put_twice(void *unused)
{
    (void)unused;
    struct json *j = json_new_object(), *x = json_put(j, "one", json_new_null());
    json_put(j, "two", x);
}

static void free_a_child(void *unused)
{
    (void)unused;
    struct json *j = json_new_array(), *x = json_push(j, json_new_null());
    json_free(x);
}

static void a_value_has_one_tree(void **state)
{
    (void)state;
    assert_ends(put_twice, NULL, "gatetop: BUG at kube/base/json.c:");
    assert_ends(free_a_child, NULL, "gatetop: BUG at kube/base/json.c:");
}

// The value would be lost silently.
static void a_value_that_goes_nowhere_is_a_bug(void **state)
{
    (void)state;
    assert_ends(add_to_a_list, NULL, "gatetop: BUG at kube/base/json.c:");
    assert_ends(push_to_nothing, NULL, "gatetop: BUG at kube/base/json.c:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_are_none_are_refused),
        cmocka_unit_test(strings_lose_their_escapes),
        cmocka_unit_test(keys_are_strings),
        cmocka_unit_test(equal_is_what_has_the_same_text),
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(a_long_list_is_read),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(absent_is_absent),
        cmocka_unit_test(numbers_saturate),
        cmocka_unit_test(integers_may_be_in_quotes),
        cmocka_unit_test(a_value_has_one_tree),
        cmocka_unit_test(of_equal_keys_the_last_wins),
        cmocka_unit_test(trees_are_built_and_printed),
        cmocka_unit_test(types_have_names),
        cmocka_unit_test(a_value_that_goes_nowhere_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
