// SPDX-License-Identifier: Apache-2.0
// Tests of kube/probe/dns_message.c: records, and bytes that are no answer.
#include "kube/base/arena.h"

#include "kube/probe/dns_message.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// An answer is put together here record by record; the question is for "x.io", at byte 12.
struct made_message {
    unsigned char bytes[2048];
    size_t n;
};

#define PUT(m, ...)                                                                                \
    put(m, (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

static void put(struct made_message *m, const unsigned char *bytes, size_t n)
{
    assert_true(m->n + n <= sizeof m->bytes);
    memcpy(m->bytes + m->n, bytes, n);
    m->n += n;
}

static void begin_answer(struct made_message *m, unsigned char answers)
{
    m->n = 0;
    PUT(m, 0, 1, 0x81, 0x80, 0, 1, 0, answers, 0, 0, 0, 0);
    PUT(m, 1, 'x', 2, 'i', 'o', 0, 0, 1, 0, 1);
}

// The record's owner is the question's name, by a pointer; `ttl` below 65536.
static void put_record(struct made_message *m, unsigned char type, unsigned char class, int ttl,
                       const void *data, unsigned char n)
{
    PUT(m, 0xc0, 12, 0, type, 0, class, 0, 0, (unsigned char)(ttl >> 8), (unsigned char)ttl, 0, n);
    put(m, data, n);
}

enum { A = 1, NS = 2, CNAME = 5, TXT = 16, AAAA = 28, IN = 1, CH = 3 };

static void assert_list(const struct str_list *l, const char *const *expected, size_t n)
{
    assert_int_equal(l->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(l->at[i], expected[i]);
    }
}

static void test_records(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    static struct made_message m;
    begin_answer(&m, 12);
    put_record(&m, CNAME, IN, 300, "\002lb\300\014", 5); // lb.x.io, the end by a pointer
    put_record(&m, CNAME, IN, 200, "\006a.b c\\\000",
               8);                         // one label with a dot, a space, a backslash
    put_record(&m, CNAME, IN, 200, "", 1); // the root
    put_record(&m, A, IN, 60, "\300\000\002\001", 4);
    put_record(&m, A, IN, 60, "\300\000\002", 3); // too short: left out
    put_record(&m, AAAA, IN, 60, "\040\001\015\270\0\0\0\0\0\0\0\0\0\0\0\001", 16);
    put_record(&m, A, CH, 1, "\300\000\002\002",
               4); // of another class: left out, and so is its TTL
    put_record(&m, TXT, IN, 90, "\003abc\002\033d", 7);
    put_record(&m, TXT, IN, 90, "\003abc\002d", 6); // the second string is cut
    put_record(&m, TXT, IN, 90, "", 0);
    put_record(&m, NS, IN, 90, "\002ns\300\014", 5);
    put_record(&m, NS, IN, 90, "\300\377", 2); // a pointer past the end: left out
    struct dns_message out;
    assert_true(dns_message_read(&a, m.bytes, m.n, &out));
    assert_list(&out.cnames, (const char *const[]){"lb.x.io", "a\\.b\\032c\\\\", ""}, 3);
    assert_list(&out.addresses, (const char *const[]){"192.0.2.1", "2001:db8::1"}, 2);
    assert_list(&out.texts,
                (const char *const[]){"abc\xef\xbf\xbd"
                                      "d",
                                      "abc", ""},
                3);
    assert_list(&out.servers, (const char *const[]){"ns.x.io"}, 1);
    assert_int_equal(out.ttl, 60);
    assert_int_equal(out.negative_ttl, -1);
    for (size_t n = 0; n < m.n; n++) {
        assert_false(dns_message_read(&a, m.bytes, n, &out));
    }
    arena_release(&a);
}

// RFC 2181: a TTL with the highest bit is 0.
static void test_large_ttl(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    static struct made_message m;
    struct dns_message out;
    begin_answer(&m, 1);
    PUT(&m, 0xc0, 12, 0, A, 0, IN, 0x80, 0, 0, 1, 0, 4, 192, 0, 2, 1);
    assert_true(dns_message_read(&a, m.bytes, m.n, &out));
    assert_int_equal(out.ttl, 0);
    arena_release(&a);
}

// A name that is not there, and what is no answer.
static void test_negative(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct dns_message m;
    // NXDOMAIN with a SOA: TTL 900, minimum 300; the name of the SOA is a pointer.
    static const unsigned char nx[] = {0, 1,   0x81, 0x83, 0, 1,  0, 0, 0,    1,  0, 0, 1, 'x',
                                       2, 'i', 'o',  0,    0, 1,  0, 1, 0xc0, 14, 0, 6, 0, 1,
                                       0, 0,   3,    0x84, 0, 22, 0, 0, 0,    0,  0, 1, 0, 0,
                                       0, 2,   0,    0,    0, 3,  0, 0, 0,    4,  0, 0, 1, 0x2c};
    assert_true(dns_message_read(&a, nx, sizeof nx, &m));
    assert_int_equal(m.negative_ttl, 300);
    assert_int_equal(m.ttl, -1);
    for (size_t n = 0; n < sizeof nx; n++) { // cut anywhere: no answer, no harm
        assert_false(dns_message_read(&a, nx, n, &m));
    }
    static const unsigned char loop[] = {0, 1, 0x81, 0x80, 0,  1, 0, 0, 0,
                                         0, 0, 0,    0xc0, 12, 0, 1, 0, 1};
    assert_false(dns_message_read(&a, loop, sizeof loop, &m));
    static const unsigned char question[] = {0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assert_false(dns_message_read(&a, question, sizeof question, &m));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_large_ttl),
        cmocka_unit_test(test_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
