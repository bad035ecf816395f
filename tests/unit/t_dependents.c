// SPDX-License-Identifier: Apache-2.0
// A number depends on the keys that it was given last, whatever was set or removed before.
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

struct model {
    bool there;
    bool answer;
    uint64_t answer_key;
    bool on[KEYS];
};

static void set_random(struct dependents *d, struct model *m, uint32_t who)
{
    uint32_t keys[2 * KEYS];
    size_t n = 0;
    memset(m->on, 0, sizeof m->on);
    for (uint32_t k = 0; k < KEYS; k++) {
        m->on[k] = pick(4) == 0;
        if (m->on[k]) {
            keys[n++] = k;
            keys[n] = k; // a key may come twice
            n += pick(2);
        }
    }
    dependents_set(d, who, keys, n);
}

static void found_as_noted(struct dependents *d, const struct model *models, uint32_t key)
{
    struct dependent_list found = {0};
    dependents_find(d, key, &found);
    size_t expected = 0;
    for (uint32_t i = 0; i < MOST; i++) {
        expected += models[i].there && models[i].on[key];
    }
    assert_int_equal(found.n, expected);
    for (size_t i = 0; i < found.n; i++) {
        uint64_t answer;
        const struct model *m = &models[found.at[i]];
        assert_true(m->there && m->on[key]);
        assert_int_equal(dependents_is_answer(d, found.at[i], &answer), m->answer);
        assert_true(!m->answer || answer == m->answer_key);
    }
    free(found.at);
}

static void come_and_go(struct dependents *d, struct model *models)
{
    uint64_t key = pick(1000) * 0x9E3779B97F4A7C15U;
    bool answer = pick(2) == 0;
    uint32_t who = answer ? dependents_answer(d, key) : dependents_add(d);
    assert_true(who < MOST);
    if (!models[who].there) {
        models[who] = (struct model){.there = true, .answer = answer, .answer_key = key};
        set_random(d, &models[who], who);
    } else {
        assert_true(answer && models[who].answer_key == key); // the same one again
    }
}

static void as_noted(void **state)
{
    (void)state;
    struct dependents *d = dependents_new();
    struct model models[MOST] = {{0}};
    uint32_t there = 0;
    for (int turn = 0; turn < 60000; turn++) {
        uint32_t who = pick(MOST);
        there = 0;
        for (uint32_t i = 0; i < MOST; i++) {
            there += models[i].there;
        }
        if (there < MOST / 2 || (there < MOST && pick(4) == 0)) {
            come_and_go(d, models);
        } else if (models[who].there && pick(3) == 0) {
            dependents_remove(d, who);
            models[who].there = false;
        } else if (models[who].there) {
            set_random(d, &models[who], who);
        }
        if (turn % 3 == 0) {
            found_as_noted(d, models, pick(KEYS));
        }
    }
    dependents_free(d);
    dependents_free(NULL);
}

static void folded(void **state)
{
    (void)state;
    assert_int_equal(dependents_key((UINT64_C(3) << 32) | 4), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_noted), cmocka_unit_test(folded)};
    return cmocka_run_group_tests_name("dependents", tests, NULL, NULL);
}
