// SPDX-License-Identifier: Apache-2.0
// Arenas: aligned and zeroed memory, blocks that are kept, bounds.
#include "kube/base/arena.h"

#include "tests/support/ending.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void fill_an_arena(void *unused)
{
    (void)unused;
    char block[64];
    struct arena a;
    arena_over(&a, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++) {
        (void)!arena_strdup(&a, "");
    }
    (void)!write(2, "full", 4);
    (void)!arena_alloc(&a, 8);
}

static void memory_is_zeroed_and_kept(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_non_null(arena_calloc(&a, 0, 8)); // the first allocation, too
    char *p = arena_strndup(&a, "abc", 2), *q = arena_printf(&a, "%s%d", p, 1);
    assert_string_equal(p, "ab");
    assert_string_equal(q, "ab1");
    assert_null(arena_strdup(&a, NULL));
    assert_string_equal(arena_concat(&a, p, "", "/", q, NULL), "ab/ab1");
    assert_string_equal(arena_concat(&a, "", NULL), "");
    assert_string_equal(p, "ab");
    memset(arena_alloc(&a, 100), 0xEE, 100);
    char *large = arena_alloc(&a, 3000000); // larger than any block
    large[2999999] = 1;
    arena_clear(&a);
    assert_int_equal(a.total, 0);
    static const char zero[100];
    for (int i = 0; i < 100; i++) { // memory that was used is zeroed again
        uint64_t *n = arena_calloc(&a, 1, 100);
        assert_int_equal((uintptr_t)n % 8, 0);
        assert_memory_equal(n, zero, 100);
    }
    assert_in_range(a.end - large, 3000000, 3000064); // and the largest block was kept
    arena_release(&a);
}

// The least alignment of a type of n bytes that has one of at most 8.
static void memory_is_aligned(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    for (size_t n = 1; n < 64; n++) {
        size_t align = n % 8 == 0 ? 8 : (n % 4 == 0 ? 4 : (n % 2 == 0 ? 2 : 1));
        assert_string_equal(arena_strdup(&a, ""), ""); // one byte
        assert_int_equal((uintptr_t)arena_alloc(&a, n) % align, 0);
        assert_string_equal(arena_strndup(&a, NULL, 0), "");
        assert_int_equal((uintptr_t)arena_calloc(&a, 3, n) % align, 0);
    }
    arena_release(&a);
}

static void a_block_of_the_callers_has_an_end(void **state)
{
    (void)state;
    assert_ends(fill_an_arena, NULL, "fullgatetop: BUG at kube/base/arena.c:");
}

static void overflow(void *unused)
{
    (void)unused;
    struct arena a;
    arena_init(&a);
    (void)!arena_calloc(&a, SIZE_MAX / 8, 16);
}

static void a_size_that_no_memory_has_ends_the_program(void **state)
{
    (void)state;
    assert_ends(overflow, NULL, "gatetop: out of memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_kept),
        cmocka_unit_test(memory_is_aligned),
        cmocka_unit_test(a_block_of_the_callers_has_an_end),
        cmocka_unit_test(a_size_that_no_memory_has_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
