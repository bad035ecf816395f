// SPDX-License-Identifier: Apache-2.0
// Allocators that do not return NULL: a request for 0 bytes gets a pointer, and a size that overflows ends the program.
#include "kube/base/array.h"
#include "kube/base/mem.h"

#include "tests/support/ending.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void memory_is_there(void **state)
{
    (void)state;
    // cppcheck-suppress invalidFunctionArg ; glibc's functions of that name are not these
    void *none[] = {xmalloc(0), xcalloc(0, 8), xrealloc(NULL, 0), xreallocarray(NULL, 0, 8)};
    for (size_t i = 0; i < ARRAY_COUNT(none); i++) {
        assert_non_null(none[i]);
        free(none[i]);
    }
    int *p = xcalloc(4, sizeof *p);
    assert_int_equal(p[3], 0);
    p[3] = 7;
    p = xreallocarray(p, 1000, sizeof *p);
    assert_int_equal(p[3], 7);
    free(p);
    char *s = xstrndup("a\0b", 3), *t = xstrdup("abc"), *u = xasprintf("%s-%d", t, 1);
    assert_memory_equal(s, "a\0b", 4);
    assert_string_equal(t, "abc");
    assert_string_equal(u, "abc-1");
    free(s);
    free(t);
    free(u);
    u = xasprintf("%s", "");
    assert_string_equal(u, "");
    free(u);
}

static void product(void *unused)
{
    (void)unused;
    free(xreallocarray(NULL, SIZE_MAX / 4, 8));
}

static void sum(void *unused)
{
    (void)unused;
    (void)size_add(SIZE_MAX, 1);
}

static void too_much(void *unused)
{
    (void)unused;
    free(xmalloc(SIZE_MAX / 4));
}

static void what_cannot_be_had_ends_the_program(void **state)
{
    (void)state;
    assert_int_equal(size_mul(SIZE_MAX / 8, 8), SIZE_MAX / 8 * 8);
    assert_int_equal(size_mul(SIZE_MAX, 0), 0);
    assert_true(size_add(SIZE_MAX - 1, 1) == SIZE_MAX);
    assert_ends(product, NULL, "gatetop: out of memory\n");
    assert_ends(sum, NULL, "gatetop: out of memory\n");
#ifndef GATETOP_SANITIZED // whose allocator ends the program itself
    assert_ends(too_much, NULL, "gatetop: out of memory\n");
#else
    (void)too_much;
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_there),
        cmocka_unit_test(what_cannot_be_had_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
