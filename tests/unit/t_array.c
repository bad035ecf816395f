// SPDX-License-Identifier: Apache-2.0
// Growing arrays: on the heap and in arenas, counted by both types, up to the end of what they can hold.
#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "tests/support/ending.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct item {
    uint32_t id;
    char name[20];
};

static void on_the_heap(void **state)
{
    (void)state;
    struct {
        struct item *at;
        size_t n, cap;
    } list = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        *ARRAY_PUSH(list.at, list.n, list.cap) = (struct item){.id = i};
        assert_true(list.n <= list.cap);
    }
    assert_int_equal(list.n, 1000);
    assert_int_equal(list.cap, 1024);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(list.at[i].id, i);
    }
    free(list.at);
}

static void in_an_arena(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const char **words = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        *ARENA_PUSH(&a, words, n, cap) = arena_printf(&a, "%u", i);
    }
    assert_int_equal(n, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(strtoul(words[i], NULL, 10), i);
    }
    arena_release(&a);
}

// Also where the memory was in use before.
static void new_elements_are_zeroed(void **state)
{
    (void)state;
    struct item *at = NULL;
    uint32_t n = 0, cap = 0;
    static const struct item zero;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            struct item *x = ARRAY_PUSH(at, n, cap);
            assert_ptr_equal(x, &at[n - 1]);
            assert_memory_equal(x, &zero, sizeof zero);
            memset(x, 0xEE, sizeof *x);
        }
        assert_int_equal(cap, 128);
        n = 0;
    }
    free(at);
}

// An array made elsewhere, of unknown capacity, is copied before it grows.
static void exact_arrays_grow(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    int three[3] = {1, 2, 3}, *at = three;
    size_t n = 3, cap = 0;
    *ARENA_PUSH(&a, at, n, cap) = 4;
    assert_ptr_not_equal(at, three);
    assert_int_equal(n, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(at[i], i + 1);
    }
    assert_int_equal(three[2], 3);
    arena_release(&a);
}

static void too_many(void *unused)
{
    (void)unused;
    char *at = NULL;
    uint32_t n = UINT32_MAX, cap = UINT32_MAX;
    // One more is more than a uint32_t counts. (The array is not there: nothing may be written to it.)
    (void)!array_push_u32(NULL, at, SIZE_MAX / 4, &n, &cap);
}

static void too_large(void *unused)
{
    (void)unused;
    char one[1], *at = one;
    size_t n = SIZE_MAX / 2, cap = n;
    (void)!array_push_size(NULL, at, 16, &n,
                           &cap); // 16 times twice as many bytes: no size_t holds them
}

static void overflows_end_the_program(void **state)
{
    (void)state;
    assert_ends(too_many, NULL, "gatetop: out of memory\n");
    assert_ends(too_large, NULL, "gatetop: out of memory\n");
}

static void push_without_an_arena(void *unused)
{
    (void)unused;
    struct arena *none = NULL;
    int *at = NULL;
    size_t n = 0, cap = 0;
    *ARENA_PUSH(none, at, n, cap) = 1;
}

// It would be on the heap, and leak.
static void a_push_needs_its_arena(void **state)
{
    (void)state;
    assert_ends(push_without_an_arena, NULL, "kube/base/array.h:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_heap),
        cmocka_unit_test(in_an_arena),
        cmocka_unit_test(new_elements_are_zeroed),
        cmocka_unit_test(exact_arrays_grow),
        cmocka_unit_test(a_push_needs_its_arena),
        cmocka_unit_test(overflows_end_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
