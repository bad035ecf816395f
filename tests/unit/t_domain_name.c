// SPDX-License-Identifier: Apache-2.0
// Tests of kube/base/domain_name.c: A-labels, U-labels, and what is no domain name.
#include "kube/base/arena.h"
#include "kube/base/domain_name.h"
#include "kube/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void test_to_ascii(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ascii; // NULL: no domain name
    } cases[] = {
        {"www.example.com", "www.example.com"},
        {"WWW.Example.COM.", "www.example.com"},
        {"_acme-challenge.example.com", "_acme-challenge.example.com"},
        {"*.example.com", "*.example.com"},
        {"b\u00fccher.example", "xn--bcher-kva.example"},
        {"B\u00dcCHER.Example.", "xn--bcher-kva.example"},
        {"bu\u0308cher.example", "xn--bcher-kva.example"},
        {"*.b\u00fccher.example", "*.xn--bcher-kva.example"},
        {"fa\u00df.example", "xn--fa-hia.example"}, // a sharp s is no "ss": not transitional
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"\xf0\x9f\x98\x80.example", NULL}, // a pictogram
        {"b\u00fc*.example", NULL},         // a star within an international label
        {"\xff.example", NULL},             // no UTF-8
        {"", NULL},
        {".", NULL},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = domain_name_to_ascii(&a, cases[i].name);
        if (!str_eq(got, cases[i].ascii)) {
            print_error("'%s': got %s\n", cases[i].name, got != NULL ? got : "NULL");
            fail();
        }
    }
    arena_release(&a);
}

static void test_length(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    char name[DOMAIN_NAME_MAX + 3];
    memset(name, 'a', sizeof name);
    for (size_t i = 60; i < DOMAIN_NAME_MAX; i += 60) {
        name[i] = '.';
    }
    name[DOMAIN_NAME_MAX] = '\0';
    assert_string_equal(domain_name_to_ascii(&a, name), name);
    name[DOMAIN_NAME_MAX] = '.'; // a final dot does not count
    name[DOMAIN_NAME_MAX + 1] = '\0';
    assert_int_equal(strlen(domain_name_to_ascii(&a, name)), DOMAIN_NAME_MAX);
    name[DOMAIN_NAME_MAX] = 'a';
    assert_null(domain_name_to_ascii(&a, name));
    arena_release(&a);
}

static void test_labels_fit(void **state)
{
    (void)state;
    static const char label[] = "a23456789012345678901234567890123456789012345678901234567890123";
    char name[3 * sizeof label];
    assert_int_equal(strlen(label), 63);
    assert_true(domain_name_labels_fit(""));
    assert_true(domain_name_labels_fit("*.example.com."));
    snprintf(name, sizeof name, "%s.%s", label, label);
    assert_true(domain_name_labels_fit(name));
    snprintf(name, sizeof name, "%s.%sx", label, label);
    assert_false(domain_name_labels_fit(name));
    snprintf(name, sizeof name, "x%s.example.com", label);
    assert_false(domain_name_labels_fit(name));
}

static void test_to_unicode(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(domain_name_to_unicode(&a, "www.xn--bcher-kva.example"),
                        "www.b\u00fccher.example");
    assert_string_equal(domain_name_to_unicode(&a, "www.example.com"), "www.example.com");
    assert_string_equal(domain_name_to_unicode(&a, "\xff.example"), "\xff.example");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_ascii),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_labels_fit),
        cmocka_unit_test(test_to_unicode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
