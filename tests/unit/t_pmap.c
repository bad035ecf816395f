// SPDX-License-Identifier: Apache-2.0
// The persistent map against a plain model: contents and older copies.
#include "kube/base/mem.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct item {
    int refs;
    int version;
    char a[16], b[24];
};

static int live;

static struct item *mutable(const void *v)
{
    return unconst(v);
}

static void ref(const void *v)
{
    mutable(v)->refs++;
}

static void unref(const void *v)
{
    if (--mutable(v)->refs == 0) {
        live--;
        free(mutable(v));
    }
}

static void key(const void *v, const char **a, const char **b)
{
    const struct item *i = v;
    *a = i->a;
    *b = i->b;
}

static const struct pmap_type type = {ref, unref, key};

static void put_key(struct pmap *m, const char *a, const char *b, int version)
{
    struct item *i = xcalloc(1, sizeof *i);
    i->refs = 1;
    i->version = version;
    snprintf(i->a, sizeof i->a, "%s", a);
    snprintf(i->b, sizeof i->b, "%s", b);
    live++;
    pmap_put(m, i);
    unref(i);
}

static void put(struct pmap *m, int n, int version)
{
    char a[16], b[16];
    snprintf(a, sizeof a, "ns%d", n % 7);
    snprintf(b, sizeof b, "n%d", n);
    put_key(m, a, b, version);
}

static const struct item *get(const struct pmap *m, int n)
{
    char a[16], b[16];
    snprintf(a, sizeof a, "ns%d", n % 7);
    snprintf(b, sizeof b, "n%d", n);
    return pmap_get(m, a, b);
}

static bool del(struct pmap *m, int n)
{
    char a[16], b[16];
    snprintf(a, sizeof a, "ns%d", n % 7);
    snprintf(b, sizeof b, "n%d", n);
    return pmap_del(m, a, b);
}

enum { N = 500 };

static void check(const struct pmap *m, const int *model)
{
    size_t count = 0;
    for (int n = 0; n < N; n++) {
        const struct item *i = get(m, n);
        assert_int_equal(i != NULL ? i->version : 0, model[n]);
        count += model[n] != 0;
    }
    assert_int_equal(m->count, count);
    struct pmap_iter it;
    size_t seen = 0;
    for (pmap_begin(&it, m); pmap_next(&it) != NULL;) {
        seen++;
    }
    assert_int_equal(seen, count);
}

static void test_random_changes_match_a_model_and_old_copies_stay(void **state)
{
    (void)state;
    srand(1);
    struct pmap m, old = {0};
    pmap_init(&m, &type);
    pmap_init(&old, &type);
    int model[N] = {0}, old_model[N] = {0};
    for (int step = 1; step <= 20000; step++) {
        int n = rand() % N;
        if (rand() % 3 == 0) {
            assert_int_equal(del(&m, n), model[n] != 0);
            model[n] = 0;
        } else {
            put(&m, n, step);
            model[n] = step;
        }
        if (step % 997 == 0) {
            check(&m, model);
            check(&old, old_model);
            pmap_release(&old);
            old = pmap_copy(&m);
            memcpy(old_model, model, sizeof model);
        }
    }
    pmap_release(&m);
    check(&old, old_model);
    pmap_release(&old);
    assert_int_equal(live, 0);
}

static void test_own_tells_whether_a_value_is_shared(void **state)
{
    (void)state;
    struct pmap m;
    pmap_init(&m, &type);
    for (int n = 0; n < 100; n++) {
        put(&m, n, 1);
    }
    const struct item *i = pmap_get_own(&m, get(&m, 5)->a, get(&m, 5)->b);
    assert_int_equal(i->refs, 1);
    struct pmap copy = pmap_copy(&m);
    i = pmap_get_own(&m, i->a, i->b);
    assert_int_equal(i->refs, 2);
    pmap_release(&copy);
    i = pmap_get_own(&m, i->a, i->b);
    assert_int_equal(i->refs, 1);
    pmap_release(&m);
    assert_int_equal(live, 0);
}

static int version_of(const struct pmap *m, const char *b)
{
    const struct item *i = pmap_get(m, "", b);
    return i != NULL ? i->version : 0;
}

// Two names with the same hash: they part only in a list below the last level.
static void test_keys_of_one_hash_are_two(void **state)
{
    (void)state;
    static const char one[] = "pTyGJMuHbEL31IeLwxyz", two[] = "jk6BfKUdSXBZBQWmwxyz";
    assert_true(str_hash(one) == str_hash(two));
    struct pmap m;
    pmap_init(&m, &type);
    put(&m, 1, 1);
    put_key(&m, "", one, 1);
    put_key(&m, "", two, 2);
    assert_int_equal(m.count, 3);
    struct pmap old = pmap_copy(&m);
    put_key(&m, "", two, 3);
    assert_int_equal(m.count, 3);
    assert_int_equal(version_of(&m, one), 1);
    assert_int_equal(version_of(&m, two), 3);
    const struct item *own = pmap_get_own(&m, "", one);
    assert_int_equal(own->refs, 2); // the old map has it too
    struct pmap_iter it;
    int seen = 0;
    for (pmap_begin(&it, &m); pmap_next(&it) != NULL;) {
        seen++;
    }
    assert_int_equal(seen, 3);
    assert_true(pmap_del(&m, "", one));
    assert_false(pmap_del(&m, "", one));
    assert_int_equal(version_of(&m, one), 0);
    assert_int_equal(version_of(&m, two), 3);
    assert_true(pmap_del(&m, "", two));
    assert_int_equal(m.count, 1);
    assert_int_equal(version_of(&old, one), 1);
    assert_int_equal(version_of(&old, two), 2);
    pmap_release(&m);
    pmap_release(&old);
    assert_int_equal(live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_changes_match_a_model_and_old_copies_stay),
        cmocka_unit_test(test_own_tells_whether_a_value_is_shared),
        cmocka_unit_test(test_keys_of_one_hash_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
