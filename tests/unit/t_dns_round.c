// SPDX-License-Identifier: Apache-2.0
// The rounds over the objects that want DNS names: all of them are looked at, few at a time, what changed first, and a
// round does not follow another at once.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/string_map.h"

#include "kube/store/probe_result.h"

#include "tui/source/dns_round.h"

#include "tests/support/world.h"

#include <stdio.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { HOSTS = 10000, STEP_MAX = 2 * HOSTS / 64 + 1, SMALL_STEP = 100 };

// The names that were requested, and how often.
struct names {
    struct arena arena;
    struct string_map seen;
    uint32_t n, requests;
};

static void names_init(struct names *n)
{
    *n = (struct names){.n = 0};
    arena_init(&n->arena);
    string_map_init(&n->seen, &n->arena);
}

static void take(void *self, enum probe_kind k, const char *name)
{
    struct names *n = self;
    void **at = string_map_at(&n->seen, arena_printf(&n->arena, "%s %s", probe_kind_name(k), name));
    n->n += *at == NULL;
    n->requests++;
    *at = n;
}

// Gateways with an address of their own, and a VirtualService for each.
static const struct snapshot *many_hosts(int count)
{
    struct buf b;
    buf_init(&b, 0);
    for (int i = 0; i < count; i++) {
        buf_addf(
            &b,
            "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {namespace: in, "
            "name: g%d, annotations: {external-dns.kubernetes.io/target: 192.0.2.1}}\nspec: "
            "{selector: {a: b}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: "
            "[in/h%d.example.com]}]}\n---\napiVersion: networking.istio.io/v1\nkind: "
            "VirtualService\nmetadata: {namespace: in, name: v%d}\nspec: {hosts: "
            "[h%d.example.com], gateways: [g%d]}\n",
            i, i, i, i, i);
    }
    const struct snapshot *s = world_from_yaml(b.data);
    buf_release(&b);
    return s;
}

static void a_round_looks_at_every_object(void **state)
{
    (void)state;
    const struct snapshot *s = many_hosts(HOSTS);
    struct dns_round *r = dns_round_new(NULL);
    struct names some, all;
    names_init(&some);
    names_init(&all);
    probe_requests_of(s, NULL, 0, take, &all);
    int64_t now = 1000;
    uint32_t looked_at = 0, steps = 0, n;
    while ((n = dns_round_step(r, s, now, take, &some)) > 0) {
        assert_in_range(n, 1, STEP_MAX);
        looked_at += n;
        now += 1000;
        steps++;
    }
    assert_int_equal(looked_at, 2 * HOSTS);
    assert_in_range(steps, 60, 64);
    assert_true(all.n > HOSTS);
    assert_int_equal(some.n, all.n);
    dns_round_free(r);
    snapshot_unref(s);
    arena_release(&some.arena);
    arena_release(&all.arena);
}

static void a_round_waits_for_the_next(void **state)
{
    (void)state;
    const struct snapshot *s = many_hosts(10);
    struct dns_round *r = dns_round_new(NULL);
    struct names names;
    names_init(&names);
    assert_int_equal(dns_round_step(r, s, 1000, take, &names), 20);
    assert_int_equal(dns_round_step(r, s, 1000 + 59999, take, &names), 0);
    // Time that this took on the machine may make the pause longer: a minute is long for 20 objects all the same.
    assert_int_equal(dns_round_step(r, s, 1000 + 120000, take, &names), 20);
    dns_round_free(r);
    snapshot_unref(s);
    arena_release(&names.arena);
}

static void what_changed_comes_first(void **state)
{
    (void)state;
    const struct snapshot *s = many_hosts(300);
    struct dns_round *r = dns_round_new(NULL);
    struct names names;
    names_init(&names);
    int64_t now = clock_mono_ms();
    assert_int_equal(dns_round_step(r, s, now, take, &names), SMALL_STEP);
    // One that has changed, one that is gone meanwhile.
    const struct object *gone = world_object(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {namespace: in, name: gone}\n"
        "spec: {servers: []}\n");
    dns_round_changed(r, snapshot_get(s, KIND_GATEWAY, "in", "g299"));
    dns_round_changed(r, gone);
    object_unref(gone);
    struct names next;
    names_init(&next);
    assert_int_equal(dns_round_step(r, s, now + 1000, take, &next),
                     SMALL_STEP); // not in a snapshot yet
    assert_int_equal(dns_round_step(r, s, now + 60000, take, &next), SMALL_STEP + 1);
    assert_non_null(string_map_get(&next.seen, "host h299.example.com"));
    // More than are remembered: the next round comes sooner.
    for (int i = 0; i < 1000; i++) {
        dns_round_changed(r, snapshot_get(s, KIND_GATEWAY, "in", "g1"));
    }
    int64_t end = now + 60000;
    while (dns_round_step(r, s, end, take, &next) >= SMALL_STEP) {
        end += 1000;
    }
    uint32_t n = 0;
    for (int64_t t = end; n == 0 && t < end + 59000; t += 1000) {
        n = dns_round_step(r, s, t, take, &next);
    }
    assert_int_equal(n, SMALL_STEP);
    dns_round_free(r);
    snapshot_unref(s);
    arena_release(&names.arena);
    arena_release(&next.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_looks_at_every_object),
        cmocka_unit_test(a_round_waits_for_the_next),
        cmocka_unit_test(what_changed_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
