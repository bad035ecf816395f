// SPDX-License-Identifier: Apache-2.0
// A number depends on the keys that it was given last, whatever was set or removed before.
#include "kube/base/mem.h"

#include "kube/mesh/chain/dependents.h"

#include "tests/support/pick.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { KEYS = 64, MOST = 40 };

// An owner or an answer, and the keys that it depends on. Only an owner that is there has the number.
struct model {
    bool there, answer;
    uint32_t number;
    uint64_t answer_key;
    bool on[KEYS];
};

static void set_random(struct dependents *d, struct model *m)
{
    uint32_t keys[2 * KEYS];
    size_t n = 0;
    bool same = m->there && pick(3) == 0;
    for (uint32_t k = 0; k < KEYS; k++) {
        m->on[k] = same ? m->on[k] : pick(4) == 0;
        if (m->on[k]) {
            keys[n++] = k;
            keys[n] = k; // a key may come twice
            n += pick(2);
        }
    }
    if (m->answer) {
        dependents_set_answer(d, m->answer_key, keys, n);
    } else {
        const uint32_t before = m->there ? m->number : DEPENDENT_NONE;
        m->number = dependents_set(d, before, keys, n);
        assert_true(!same || m->number == before);
        dependents_set_owner(d, m->number, m);
    }
    m->there = true;
}

static struct model *answer_of(struct model *models, uint64_t key)
{
    for (uint32_t i = 0; i < MOST; i++) {
        if (models[i].there && models[i].answer && models[i].answer_key == key) {
            return &models[i];
        }
    }
    return NULL;
}

// Everybody who depends on the key, each once, and nobody else. Returns the number of an answer among them.
static uint32_t found_as_noted(struct dependents *d, struct model *models, uint32_t key,
                               struct model **answer)
{
    struct dependent_list found = {0};
    uint32_t number = DEPENDENT_NONE;
    bool seen[MOST] = {false};
    dependents_find(d, key, &found);
    size_t expected = 0;
    for (uint32_t i = 0; i < MOST; i++) {
        expected += models[i].there && models[i].on[key];
    }
    assert_int_equal(found.n, expected);
    for (size_t i = 0; i < found.n; i++) {
        uint64_t of;
        const bool is = dependents_is_answer(d, found.at[i], &of);
        struct model *m = is ? answer_of(models, of) : unconst(dependents_owner(d, found.at[i]));
        assert_non_null(m);
        assert_true(m->there && m->answer == is && m->on[key] && !seen[m - models]);
        assert_true(is || m->number == found.at[i]);
        seen[m - models] = true;
        if (is) {
            number = found.at[i];
            *answer = m;
            assert_null(dependents_owner(d, number));
        }
    }
    free(found.at);
    return number;
}

static void come(struct dependents *d, struct model *m, uint32_t i)
{
    *m = (struct model){.answer = pick(2) == 0, .answer_key = i * 0x9E3779B97F4A7C15U};
    set_random(d, m);
}

static void as_noted(void **state)
{
    (void)state;
    struct dependents *d = dependents_new();
    struct model models[MOST] = {{0}};
    uint32_t most = 0;
    for (int turn = 0; turn < 60000; turn++) {
        const uint32_t i = pick(MOST);
        struct model *m = &models[i], *answer = NULL;
        if (!m->there && pick(4) != 0) {
            come(d, m, i);
        } else if (m->there && !m->answer && pick(3) == 0) {
            dependents_remove(d, m->number);
            m->there = false;
        } else if (m->there) {
            set_random(d, m);
        }
        if (m->there && !m->answer) {
            most = m->number > most ? m->number : most;
        }
        if (turn % 3 == 0) {
            const uint32_t number = found_as_noted(d, models, pick(KEYS), &answer);
            if (number != DEPENDENT_NONE) { // a dirty answer goes
                dependents_remove(d, number);
                answer->there = false;
            }
        }
    }
    assert_true(most < 1000); // numbers are given again
    dependents_free(d);
    dependents_free(NULL);
}

// A number without pairs is given again at once: nothing else would bring it back.
static void common_keys_alone(void **state)
{
    (void)state;
    struct dependents *d = dependents_new();
    uint32_t who = DEPENDENT_NONE;
    for (uint32_t turn = 0; turn < 100; turn++) {
        uint32_t keys[] = {turn % DEPENDENTS_COMMON};
        who = dependents_set(d, who, keys, 1);
        assert_true(who < 2);
        struct dependent_list found = {0};
        dependents_find(d, keys[0], &found);
        assert_int_equal(found.n, 1);
        assert_int_equal(found.at[0], who);
        free(found.at);
    }
    dependents_free(d);
}

static void folded(void **state)
{
    (void)state;
    assert_int_equal(dependents_key((UINT64_C(3) << 32) | 4), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_noted), cmocka_unit_test(common_keys_alone), cmocka_unit_test(folded)};
    return cmocka_run_group_tests_name("dependents", tests, NULL, NULL);
}
