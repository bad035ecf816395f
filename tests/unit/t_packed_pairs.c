// SPDX-License-Identifier: Apache-2.0
// Packed pairs are read back as they were given, from any key, whatever was merged and dropped before.
#include "kube/mesh/chain/packed_pairs.h"

#include "tests/support/pick.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { MOST = 20000, ROUNDS = 40, FRESH = 400 };

static int by_value(const void *x, const void *y)
{
    const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

// Keys that many numbers have, keys of one number, and the ends of both ranges.
static uint64_t random_pair(void)
{
    const uint32_t key = pick(3) == 0 ? pick(5) : pick(50) == 0 ? UINT32_MAX : pick(UINT32_MAX);
    const uint32_t number = pick(50) == 0 ? UINT32_MAX : pick(100000);
    return (uint64_t)key << 32 | number;
}

static size_t unique(uint64_t *at, size_t n)
{
    size_t k = 0;
    qsort(at, n, sizeof *at, by_value);
    for (size_t i = 0; i < n; i++) {
        if (k == 0 || at[i] != at[k - 1]) {
            at[k++] = at[i];
        }
    }
    return k;
}

static bool is_even(const void *self, uint32_t number)
{
    (void)self;
    return number % 2 == 0;
}

static void check(const struct packed_pairs *p, const uint64_t *at, size_t n)
{
    assert_int_equal(p->n, n);
    struct pair_reader all = packed_pairs_find(p, 0);
    uint64_t pair;
    for (size_t i = 0; i < n; i++) {
        assert_true(pair_reader_next(&all, &pair));
        assert_int_equal(pair, at[i]);
    }
    assert_false(pair_reader_next(&all, &pair));
    for (int turn = 0; turn < 20; turn++) {
        const uint32_t key =
            n > 0 && pick(2) == 0 ? (uint32_t)(at[pick((uint32_t)n)] >> 32) : pick(UINT32_MAX);
        size_t first = 0;
        while (first < n && at[first] >> 32 < key) {
            first++;
        }
        struct pair_reader r = packed_pairs_find(p, key);
        assert_int_equal(pair_reader_next(&r, &pair), first < n);
        assert_true(first == n || pair == at[first]);
    }
}

static void read_as_given(void **state)
{
    (void)state;
    static uint64_t model[MOST], fresh[FRESH];
    size_t n = 0;
    struct packed_pairs p = {0};
    check(&p, model, 0);
    for (int round = 0; round < ROUNDS; round++) {
        size_t more = 0;
        for (uint32_t left = pick(FRESH); left > 0; left--) {
            const uint64_t pair = random_pair();
            if (bsearch(&pair, model, n, sizeof pair, by_value) == NULL) {
                fresh[more++] = pair;
            }
        }
        more = unique(fresh, more);
        const bool drop = pick(8) == 0;
        packed_pairs_merge(&p, fresh, more, drop ? is_even : NULL, NULL);
        memcpy(model + n, fresh, more * sizeof *fresh);
        n = unique(model, n + more);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            if (!drop || is_even(NULL, (uint32_t)model[i])) {
                model[kept++] = model[i];
            }
        }
        n = kept;
        check(&p, model, n);
    }
    packed_pairs_release(&p);
    assert_int_equal(p.n, 0);
}

// What they are for: a key of many numbers takes some two bytes for each.
static void small(void **state)
{
    (void)state;
    enum { N = 16384, PIECE = 1024 };
    struct packed_pairs p = {0};
    static uint64_t at[PIECE];
    for (uint32_t i = 0; i < N; i += PIECE) {
        for (uint32_t k = 0; k < PIECE; k++) {
            at[k] = UINT64_C(7) << 32 | (i + k) * 6;
        }
        packed_pairs_merge(&p, at, PIECE, NULL, NULL);
    }
    assert_int_equal(p.n, N);
    assert_in_range(p.nblocks, 1, N / 900);
    packed_pairs_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_as_given),
        cmocka_unit_test(small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
