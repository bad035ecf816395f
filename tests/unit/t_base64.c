// SPDX-License-Identifier: Apache-2.0
// Base64 as Go's StdEncoding has it: what is taken, where what is refused is wrong
// (docs/rules/kubernetes-client.md#base64-data).
#include "kube/base/array.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

// RFC 4648, section 10.
static const struct {
    const char *plain, *coded;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void the_vectors_go_both_ways(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < ARRAY_COUNT(vectors); i++) {
        buf_reset(&b);
        base64_encode(vectors[i].plain, strlen(vectors[i].plain), &b);
        assert_string_equal(b.data, vectors[i].coded);
        buf_reset(&b);
        assert_true(base64_decode(vectors[i].coded, strlen(vectors[i].coded), &b, NULL));
        assert_string_equal(b.data, vectors[i].plain);
    }
    buf_release(&b);
}

static void every_byte_goes_both_ways(void **state)
{
    (void)state;
    unsigned char bytes[256];
    for (int i = 0; i < 256; i++) {
        bytes[i] = (unsigned char)(i * 7);
    }
    struct buf coded, plain;
    buf_init(&coded, 0);
    buf_init(&plain, 0);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        buf_reset(&coded);
        buf_reset(&plain);
        base64_encode(bytes, n, &coded);
        assert_int_equal(coded.len, (n + 2) / 3 * 4);
        assert_true(base64_decode(coded.data, coded.len, &plain, NULL));
        assert_int_equal(plain.len, n);
        assert_memory_equal(plain.data, bytes, n);
    }
    buf_release(&coded);
    buf_release(&plain);
}

static void line_breaks_are_skipped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    static const char text[] = "\r\nZm\n9v\r\nYg=\n=\n\r\n";
    assert_true(base64_decode(text, strlen(text), &b, NULL));
    assert_string_equal(b.data, "foob");
    buf_release(&b);
}

static void the_wrong_byte_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bad;
        const char *before; // what was decoded
    } cases[] = {
        {"Zg", 2, ""},       // ends too early
        {"Zg=", 3, ""},      //
        {"Zm9vY", 5, "foo"}, //
        {"Z===", 1, ""},     // padding too early
        {"=", 0, ""},
        {"Zg==Zg==", 4, "f"}, // after padding
        {"Zg==\n=", 5, "f"},
        {"Zg=v", 3, ""},
        {"Zm8==", 4, "fo"},
        {"Zm9 v", 3, ""}, // a blank is none
        {"Zm9v!", 4, "foo"},
        {"Zm9v-_8=", 4, "foo"}, // the URL's alphabet
        {"Zm9v\xC3\xA4", 4, "foo"},
    };
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        size_t bad = 99;
        buf_reset(&b);
        bool ok = base64_decode(cases[i].text, strlen(cases[i].text), &b, &bad);
        if (ok || bad != cases[i].bad || strcmp(b.data, cases[i].before) != 0) {
            fail_msg("'%s': %s at %zu, '%s'", cases[i].text, ok ? "taken" : "wrong", bad, b.data);
        }
    }
    assert_false(base64_decode("Zm\0v", 4, &b, NULL));
    buf_release(&b);
}

// As Go without Strict(): the bits that padding leaves over are not looked at.
static void bits_left_over_are_ignored(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    assert_true(base64_decode("Zh==", 4, &b, NULL));
    assert_string_equal(b.data, "f");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_go_both_ways),   cmocka_unit_test(every_byte_goes_both_ways),
        cmocka_unit_test(line_breaks_are_skipped),    cmocka_unit_test(the_wrong_byte_is_named),
        cmocka_unit_test(bits_left_over_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
