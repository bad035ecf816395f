// SPDX-License-Identifier: Apache-2.0
// The hash table from texts to pointers: as a map, as a set, and walked.
#include "kube/base/arena.h"
#include "kube/base/string_map.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { MANY = 5000 };

static int numbers[MANY];

static void map(void **state)
{
    (void)state;
    struct arena a;
    struct string_map m;
    arena_init(&a);
    string_map_init(&m, &a);
    assert_null(string_map_get(&m, "absent"));
    for (int i = 0; i < MANY; i++) {
        string_map_put(&m, arena_printf(&a, "key %d", i), &numbers[i]);
    }
    assert_int_equal(m.n, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(string_map_get(&m, arena_printf(&a, "key %d", i)), &numbers[i]);
    }
    assert_null(string_map_get(&m, "key"));
    assert_null(string_map_get(&m, ""));
    // An equal text is the same key, whatever its memory; the empty text is a key like any other.
    string_map_put(&m, "key 7", &numbers[8]);
    *string_map_at(&m, "") = &numbers[9];
    assert_int_equal(m.n, MANY + 1);
    assert_ptr_equal(string_map_get(&m, arena_strdup(&a, "key 7")), &numbers[8]);
    assert_ptr_equal(string_map_get(&m, ""), &numbers[9]);
    // A place that is only looked at exists, and is empty.
    assert_null(*string_map_at(&m, "new"));
    assert_int_equal(m.n, MANY + 2);
    assert_null(string_map_get(&m, "new"));
    arena_release(&a);
}

static void set(void **state)
{
    (void)state;
    struct arena a;
    struct string_map m;
    arena_init(&a);
    string_map_init(&m, &a);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            assert_int_equal(string_map_add(&m, arena_printf(&a, "%d", i)), round == 0);
        }
    }
    assert_int_equal(m.n, MANY);
    assert_non_null(string_map_get(&m, "0"));
    assert_null(string_map_get(&m, "x"));
    arena_release(&a);
}

static void walk(void **state)
{
    (void)state;
    struct arena a;
    struct string_map m;
    bool seen[MANY] = {false};
    uint32_t at = 0;
    arena_init(&a);
    string_map_init(&m, &a);
    assert_null(string_map_next(&m, &at));
    for (int i = 0; i < MANY; i++) {
        string_map_put(&m, arena_printf(&a, "%d", i), &numbers[i]);
    }
    at = 0;
    int n = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&m, &at)) != NULL; n++) {
        ptrdiff_t i = (const int *)s->value - numbers;
        assert_in_range(i, 0, MANY - 1);
        assert_false(seen[i]);
        seen[i] = true;
        char key[16];
        (void)snprintf(key, sizeof key, "%d", (int)i);
        assert_string_equal(s->key, key);
    }
    assert_int_equal(n, MANY);
    assert_null(string_map_next(&m, &at));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map),
        cmocka_unit_test(set),
        cmocka_unit_test(walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
