// SPDX-License-Identifier: Apache-2.0
// Text buffers: never NULL, always ended by a NUL, bounded where they have a cap.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/secret.h"

#include "tests/support/ending.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void empty_text_is_text(void **state)
{
    (void)state;
    for (int secret = 0; secret < 2; secret++) {
        struct buf b;
        if (secret) {
            buf_init_secret(&b, 3);
        } else {
            buf_init(&b, 3);
        }
        assert_string_equal(b.data, "");
        assert_true(buf_adds(&b, "") && buf_add(&b, NULL, 0));
        assert_string_equal(b.data, "");
        assert_int_equal(b.cap, 0); // it costs nothing
        buf_reset(&b);
        buf_truncate(&b, 0);
        assert_string_equal(b.data, "");
        assert_false(buf_adds(&b, "four"));
        assert_string_equal(b.data, "");
        buf_release(&b);
        assert_string_equal(b.data, "");
        char *p = buf_take(&b);
        assert_string_equal(p, "");
        (secret ? secret_free : free)(p);
    }
}

static void text_ends_with_a_nul(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    char expect[3001] = "";
    for (size_t i = 0; i < 1000; i++) {
        size_t len = b.len;
        assert_true(buf_addc(&b, 'x') && buf_addf(&b, "%c", 'y') && buf_adds(&b, "z"));
        memcpy(expect + len, "xyz", 4);
        assert_int_equal(strlen(b.data), b.len);
    }
    assert_string_equal(b.data, expect);
    buf_truncate(&b, 4);
    assert_string_equal(b.data, "xyzx");
    assert_true(buf_add(&b, "\0!", 2));
    assert_int_equal(b.len, 6);
    assert_memory_equal(b.data, "xyzx\0!", 7);
    buf_reset(&b);
    assert_string_equal(b.data, "");
    buf_release(&b);
}

// What does not fit is dropped whole, and what comes after it as well: a text with a hole would be another text.
static void the_cap_holds(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_true(buf_adds(&b, "123456789"));
    assert_true(buf_addc(&b, '0'));
    assert_false(b.over);
    buf_reset(&b);
    assert_true(buf_adds(&b, "12345678"));
    assert_false(buf_addf(&b, "%d", 901));
    assert_true(b.over);
    assert_false(buf_addc(&b, '9'));
    assert_false(buf_adds(&b, ""));
    assert_string_equal(b.data, "12345678");
    buf_reset(&b);
    assert_false(b.over);
    assert_true(buf_adds(&b, "again"));
    buf_release(&b);
    assert_int_equal(b.max, 10);
    assert_false(buf_adds(&b, "more than ten"));
    buf_release(&b);
}

static void taken_text_is_the_callers(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b, "%s-%d", "text", 1);
    char *p = buf_take(&b);
    assert_string_equal(p, "text-1");
    assert_string_equal(b.data, "");
    buf_adds(&b, "other");
    assert_string_equal(p, "text-1");
    free(p);
    struct arena a;
    arena_init(&a);
    p = buf_take_arena(&b, &a);
    assert_string_equal(p, "other");
    assert_int_equal(b.cap, 0);
    assert_string_equal(buf_take_arena(&b, &a), "");
    arena_release(&a);
}

static void truncate_beyond(void *b)
{
    buf_truncate(b, 3);
}

static void truncating_to_more_is_a_bug(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "ab");
    assert_ends(truncate_beyond, &b, "'len <= b->len' does not hold");
    buf_release(&b);
}

static void add_own_text(void *b)
{
    struct buf *x = b;
    buf_adds(x, x->data + 1);
}

static void add_to_zeroes(void *unused)
{
    (void)unused;
    struct buf b = {0};
    buf_adds(&b, "text");
}

// Without the check each would work most of the time.
static void what_leaves_memory_behind_is_a_bug(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "text");
    assert_ends(add_own_text, &b, "gatetop: BUG at kube/base/buf.c:");
    buf_release(&b);
    assert_ends(add_to_zeroes, NULL, "gatetop: BUG at kube/base/buf.c:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_text_is_text),
        cmocka_unit_test(text_ends_with_a_nul),
        cmocka_unit_test(the_cap_holds),
        cmocka_unit_test(taken_text_is_the_callers),
        cmocka_unit_test(what_leaves_memory_behind_is_a_bug),
        cmocka_unit_test(truncating_to_more_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
