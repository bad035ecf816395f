// SPDX-License-Identifier: Apache-2.0
// The index finds what comparing every host finds.
#include "kube/base/arena.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/host_index.h"

#include "tests/support/pick.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// "*", "*.b.a", "c.a", "*c.a", "" and the like, of few letters, so that many meet.
static const char *draw_host(struct arena *a)
{
    const char *star = pick(3) == 0 ? "*" : "";
    char text[8] = "";
    for (uint32_t i = 0, n = pick(sizeof text); i < n; i++) {
        text[i] = "ab.A"[pick(4)];
    }
    return arena_printf(a, "%s%s", star, text);
}

static bool covers(const char *entry, const char *host)
{
    return host_within(host, entry);
}

static bool meets(const char *entry, const char *other)
{
    return host_narrower(entry, other) != NULL;
}

static bool equals(const char *entry, const char *host)
{
    return strcmp(entry, host) == 0;
}

typedef void find_fn(struct host_index *x, const char *host, struct arena *a,
                     struct host_hits *out);

// Whether the index finds the entries that `wanted` accepts, each once.
static bool finds(struct arena *a, struct host_index *x, find_fn *find, const char *const *hosts,
                  uint32_t n, const char *host, bool (*wanted)(const char *, const char *))
{
    struct host_hits hits = {0};
    find(x, host, a, &hits);
    uint32_t found = hits.n;
    host_hits_sort(&hits);
    assert_int_equal(hits.n, found); // each once
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (wanted(hosts[i], host)) {
            assert_true(k < hits.n && hits.at[k] == i);
            k++;
        }
    }
    assert_int_equal(k, hits.n);
    return k > 0;
}

static void as_one_by_one(void **state)
{
    (void)state;
    uint32_t found = 0;
    for (int turn = 0; turn < 2000; turn++) {
        struct arena a;
        arena_init(&a);
        struct host_index x;
        host_index_init(&x, &a);
        uint32_t n = pick(turn % 2 ? 12 : 60);
        const char *hosts[60];
        for (uint32_t i = 0; i < n; i++) {
            hosts[i] = draw_host(&a);
            host_index_add(&x, hosts[i], i);
        }
        for (int q = 0; q < 5; q++) {
            const char *host = draw_host(&a);
            bool covered = finds(&a, &x, host_index_covering, hosts, n, host, covers);
            bool met = finds(&a, &x, host_index_meeting, hosts, n, host, meets);
            (void)finds(&a, &x, host_index_within, hosts, n, host, host_within);
            (void)finds(&a, &x, host_index_equal, hosts, n, host, equals);
            assert_int_equal(host_index_covers(&x, host), covered);
            assert_int_equal(host_index_meets(&x, host), met);
            found += met;
        }
        arena_release(&a);
    }
    assert_true(found > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_one_by_one)};
    return cmocka_run_group_tests_name("host_index", tests, NULL, NULL);
}
