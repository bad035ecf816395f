// SPDX-License-Identifier: Apache-2.0
// Answers are made once, their users depend on them alone, and those not used again are dropped.
#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/core/mesh_memo.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct counts {
    int made;         // answers
    int reported;     // to the memo's owner
    int touched;      // keys that the user noted
    uint64_t key;     // the last of them
    size_t looked_up; // keys of the last answer
};
static struct counts counts;

static void note(void *self, uint64_t key)
{
    (void)self;
    counts.touched++;
    counts.key = key;
}

static void report(void *self, uint64_t key, const uint64_t *looked_up, size_t n, int64_t until)
{
    assert_ptr_equal(self, &counts);
    assert_true(key != 0 && looked_up != NULL && until == 2000);
    counts.reported++;
    counts.looked_up = n;
}

// Looks at three keys, and takes as many bytes as it is asked for.
static const void *make(const struct mesh *m, const void *question)
{
    counts.made++;
    for (uint64_t i = 1; i <= 3; i++) {
        if (m->touch != NULL) {
            m->touch(m->touch_self, i);
        }
    }
    (void)mesh_reached(m, 2000);
    return arena_alloc(m->arena, *(const size_t *)question);
}

static const void *make_outer(const struct mesh *m, const void *question)
{
    return mesh_answer(m, "inner", make, question);
}

static void made_once(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct mesh_memo *memo = mesh_memo_new(report, &counts);
    int64_t until = TIME_NONE;
    struct mesh m = {.arena = &a, .now = 1000, .touch = note, .until = &until, .memo = memo};
    const size_t size = 8;
    memset(&counts, 0, sizeof counts);
    const char *name = mesh_answer_name(&a, "x", "", "y", NULL);
    assert_string_not_equal(name, mesh_answer_name(&a, "x", "y", "", NULL));
    const void *first = mesh_answer(&m, name, make, &size);
    assert_ptr_equal(mesh_answer(&m, name, make, &size), first);
    assert_int_equal(counts.made, 1);
    assert_int_equal(counts.reported, 1);
    assert_int_equal(counts.looked_up, 3);
    assert_int_equal(counts.touched, 2); // its key, twice
    assert_true(counts.key == mesh_key_answer(str_hash(name)));
    assert_true(until == 2000);
    // One that needs another depends on its key.
    (void)mesh_answer(&m, "outer", make_outer, &size);
    assert_int_equal(counts.looked_up, 1);
    assert_int_equal(counts.made, 2);
    mesh_memo_free(memo);
    arena_release(&a);
}

static void trimmed(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct mesh_memo *memo = mesh_memo_new(NULL, NULL);
    struct mesh m = {.arena = &a, .memo = memo};
    const size_t size = 4096, large = 4 << 20;
    memset(&counts, 0, sizeof counts);
    for (int i = 0; i < 10000; i++) { // a large one that all use, and a small one of each
        mesh_memo_trim(memo);
        (void)mesh_answer(&m, "large", make, &large);
        (void)mesh_answer(&m, mesh_answer_name(&a, arena_printf(&a, "%d", i), NULL), make, &size);
    }
    assert_true(counts.made < 10000 + 20 && counts.made > 10000); // the large one a few times
    counts.made = 0;
    mesh_memo_clear(memo);
    (void)mesh_answer(&m, "large", make, &large);
    assert_int_equal(counts.made, 1);
    mesh_memo_free(memo);
    mesh_memo_free(NULL);
    arena_release(&a);
}

// Without one every answer is made anew; in an arena it lives as long as that.
static void without_and_in_an_arena(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct mesh m = {.arena = &a};
    const size_t size = 8;
    memset(&counts, 0, sizeof counts);
    (void)mesh_answer(&m, "x", make, &size);
    (void)mesh_answer(&m, "x", make, &size);
    assert_int_equal(counts.made, 2);
    struct mesh with = mesh_with_memo(&m);
    const void *first = mesh_answer(&with, "x", make, &size);
    struct mesh again = mesh_with_memo(&with);
    assert_ptr_equal(mesh_answer(&again, "x", make, &size), first);
    assert_int_equal(counts.made, 3);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(made_once), cmocka_unit_test(trimmed),
                                       cmocka_unit_test(without_and_in_an_arena)};
    return cmocka_run_group_tests_name("mesh_memo", tests, NULL, NULL);
}
