// SPDX-License-Identifier: Apache-2.0
// How the program gives up: what it says, that the terminal is restored first, and that it aborts.
#include "kube/base/fail.h"
#include "kube/base/mem.h"

#include "tests/support/ending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void restore(void)
{
    (void)!write(STDERR_FILENO, "[restored]", 10);
}

static void a_bug(void *depth)
{
    fail_restore(restore);
    BUG("a frame of depth %d has no parent", *(int *)depth);
}
enum { BUG_LINE = __LINE__ - 2 };

static void an_assertion(void *n)
{
    int count = *(int *)n;
    ASSERT(count % 2 == 0);
    _exit(0);
}

#ifndef GATETOP_SANITIZED // AddressSanitizer has its own word on such a size
static void no_memory(void *unused)
{
    (void)unused;
    fail_restore(restore);
    free(xmalloc(SIZE_MAX / 2));
}
#endif

static void an_overflow(void *unused)
{
    (void)unused;
    free(xreallocarray(NULL, SIZE_MAX / 8, 16));
}

static void nothing_to_restore(void *unused)
{
    (void)unused;
    fail_restore(restore);
    fail_restore(NULL);
    fail_memory();
}

static void a_bug_while_restoring(void)
{
    BUG("second");
}

static void twice(void *unused)
{
    (void)unused;
    fail_restore(a_bug_while_restoring);
    BUG("first");
}

static void bugs_name_the_place_and_the_values(void **state)
{
    (void)state;
    int depth = 7;
    char says[200];
    snprintf(says, sizeof says, "[restored]gatetop: BUG at tests/unit/t_fail.c:%d: %s\n", BUG_LINE,
             "a frame of depth 7 has no parent");
    assert_ends(a_bug, &depth, says);
}

static void assertions_name_the_condition(void **state)
{
    (void)state;
    char text[200];
    int odd = 3, even = 4;
    assert_ends(an_assertion, &odd, ": 'count % 2 == 0' does not hold\n");
    assert_int_equal(run_apart(an_assertion, &even, text, sizeof text), 0);
    assert_string_equal(text, "");
}

static void memory_that_is_out(void **state)
{
    (void)state;
#ifndef GATETOP_SANITIZED
    assert_ends(no_memory, NULL, "[restored]gatetop: out of memory\n");
#endif
    assert_ends(an_overflow, NULL, "gatetop: out of memory\n");
}

static void restores_once_and_only_what_is_set(void **state)
{
    (void)state;
    char text[200];
    (void)run_apart(nothing_to_restore, NULL, text, sizeof text);
    assert_string_equal(text, "gatetop: out of memory\n");
    assert_ends(twice, NULL, ": second\n"); // and no third
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bugs_name_the_place_and_the_values),
        cmocka_unit_test(assertions_name_the_condition),
        cmocka_unit_test(memory_that_is_out),
        cmocka_unit_test(restores_once_and_only_what_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
