// SPDX-License-Identifier: Apache-2.0
// Gzip members one after another: every split gives the same text, a cut is seen, what is not gzip is refused,
// and a bomb ends at the bound (docs/rules/kubernetes-client.md#watch-list-gzip).
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/api/gunzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void append(void *self, const char *bytes, size_t n)
{
    buf_add(self, bytes, n);
}

// Adds `text` as one member, with a flush in its middle. window: zlib's windowBits.
static void member_of(struct buf *out, const char *text, size_t n, int window)
{
    z_stream z = {0};
    size_t size = n + n / 100 + 200;
    char *packed = xmalloc(size);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)size;
    z.next_in = unconst(text);
    z.avail_in = (uInt)(n / 2);
    assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
    z.avail_in += (uInt)(n - n / 2);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_add(out, packed, size - z.avail_out);
    deflateEnd(&z);
    free(packed);
}

static void member(struct buf *out, const char *text)
{
    member_of(out, text, strlen(text), 15 + 16);
}

static const char *const EVENTS[] = {"{\"type\":\"ADDED\"}\n", "", "{\"type\":\"BOOKMARK\"}\n"};

static void members(struct buf *out, size_t ends[3])
{
    buf_init(out, 0);
    for (size_t i = 0; i < 3; i++) {
        member(out, EVENTS[i]);
        ends[i] = out->len;
    }
}

static void every_split_gives_the_same_text(void **state)
{
    (void)state;
    struct buf in;
    size_t ends[3];
    members(&in, ends);
    for (size_t step = 1; step <= in.len; step++) {
        struct buf text;
        struct err err;
        buf_init(&text, 0);
        struct gunzip *z = gunzip_new(0, append, &text);
        assert_true(gunzip_complete(z));
        for (size_t at = 0; at < in.len; at += step) {
            assert_true(
                gunzip_feed(z, in.data + at, in.len - at < step ? in.len - at : step, &err));
        }
        assert_true(gunzip_complete(z));
        assert_string_equal(text.data, "{\"type\":\"ADDED\"}\n{\"type\":\"BOOKMARK\"}\n");
        gunzip_free(z);
        buf_release(&text);
    }
    buf_release(&in);
}

static void a_cut_is_seen_but_between_members(void **state)
{
    (void)state;
    struct buf in, text;
    size_t ends[3];
    members(&in, ends);
    for (size_t n = 0; n <= in.len; n++) {
        struct err err;
        buf_init(&text, 0);
        struct gunzip *z = gunzip_new(0, append, &text);
        assert_true(gunzip_feed(z, in.data, n, &err));
        assert_int_equal(gunzip_complete(z),
                         n == 0 || n == ends[0] || n == ends[1] || n == ends[2]);
        if (n >= ends[0]) { // what was whole is there at once
            assert_int_equal(strncmp(text.data, EVENTS[0], strlen(EVENTS[0])), 0);
        }
        gunzip_free(z);
        buf_release(&text);
    }
    buf_release(&in);
}

// before: what was given out, NULL if that depends on the split
static void refused(const struct buf *in, const char *before)
{
    for (size_t step = 1; step <= in->len; step += in->len - 1) {
        struct buf text;
        struct err err = {0};
        bool ok = true;
        buf_init(&text, 0);
        struct gunzip *z = gunzip_new(0, append, &text);
        for (size_t at = 0; ok && at < in->len; at += step) {
            ok = gunzip_feed(z, in->data + at, step, &err);
        }
        assert_false(ok);
        assert_int_equal(err.code, ERR_PARSE);
        assert_non_null(strstr(err.msg, "compressed answer is damaged"));
        if (before != NULL) {
            assert_string_equal(str_or_empty(text.data), before);
        }
        gunzip_free(z);
        buf_release(&text);
    }
}

static void what_is_not_gzip_is_refused(void **state)
{
    (void)state;
    static const char *const tails[] = {"{\"type\":\"ADDED\"}", "\0\0", "\x1f\x8d"};
    struct buf in;
    for (size_t i = 0; i < 3; i++) { // after a member
        buf_init(&in, 0);
        member(&in, EVENTS[0]);
        buf_add(&in, tails[i], i == 0 ? strlen(tails[i]) : 2);
        refused(&in, EVENTS[0]);
        buf_release(&in);
    }
    buf_init(&in, 0); // zlib's own form, which was not asked for
    member_of(&in, EVENTS[0], strlen(EVENTS[0]), 15);
    refused(&in, "");
    buf_release(&in);
    buf_init(&in, 0); // a checksum that does not hold
    member(&in, EVENTS[0]);
    in.data[in.len - 6] ^= 1;
    refused(&in, NULL);
    buf_release(&in);
}

static void a_bomb_ends_at_the_bound(void **state)
{
    (void)state;
    enum { SIZE = 8 << 20 };
    char *zeros = xcalloc(1, SIZE);
    struct buf in;
    buf_init(&in, 0);
    member_of(&in, zeros, SIZE / 2, 15 + 16);
    member_of(&in, zeros, SIZE / 2, 15 + 16); // the bound is of all members together
    assert_true(in.len < SIZE / 500);
    for (int short_by = 0; short_by < 2; short_by++) {
        struct buf text;
        struct err err = {0};
        buf_init(&text, 0);
        struct gunzip *z = gunzip_new((size_t)(SIZE - short_by), append, &text);
        assert_int_equal(gunzip_feed(z, in.data, in.len, &err), short_by == 0);
        assert_true(text.len <= (size_t)(SIZE - short_by));
        if (short_by == 0) {
            assert_int_equal(text.len, SIZE);
        } else {
            assert_int_equal(err.code, ERR_LIMIT);
            assert_non_null(strstr(err.msg, "compressed answer has more than 8388607 bytes"));
        }
        gunzip_free(z);
        buf_release(&text);
    }
    buf_release(&in);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_gives_the_same_text),
        cmocka_unit_test(a_cut_is_seen_but_between_members),
        cmocka_unit_test(what_is_not_gzip_is_refused),
        cmocka_unit_test(a_bomb_ends_at_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
