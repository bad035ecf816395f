// SPDX-License-Identifier: Apache-2.0
// What the answers of DNS prove, and what they do not (docs/rules/dns.md#dns-verdicts).
#include "kube/base/buf.h"
#include "kube/base/pmap.h"
#include "kube/base/time_text.h"

#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

#define NOW 1000000

static struct world empty;

static int setup(void **state)
{
    (void)state;
    world_open_snapshot(&empty, NULL, NOW);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_close(&empty);
    return 0;
}

struct dns_case {
    const char *what;
    const char *type, *target; // expected
    enum probe_answer answer;
    const char *address, *address2, *cname;
    const char *balancer; // address of the target where it is a name
    const char *txt;
    bool gone;
    int64_t age;
    enum dns_state state;
    const char *words;
};

#define OWNED(id)                                                                                  \
    "\"heritage=external-dns,external-dns/owner=" id ",external-dns/resource=gateway/a/gw\""

// clang-format off
static const struct dns_case cases[] = {
    {"as expected", "A", "192.0.2.1", ANSWER_YES, "192.0.2.1", NULL, NULL, NULL, NULL, false, 9999, DNS_OK, "192.0.2.1"},
    {"more than expected", "A", "192.0.2.1", ANSWER_YES, "192.0.2.9", "192.0.2.1", NULL, NULL, NULL, false, 9999, DNS_OK, ""},
    {"another spelling of the address", "AAAA", "2001:0DB8:0::1", ANSWER_YES, "2001:db8::1", NULL, NULL, NULL, NULL, false, 9999, DNS_OK, "2001:db8::1"},
    {"private where a private one is expected", "AAAA", "FD00::9", ANSWER_YES, "fd00::1", NULL, NULL, NULL, NULL, false, 9999, DNS_ELSEWHERE, "points elsewhere: fd00::1, expected FD00::9"},
    {"private where a public one is expected", "AAAA", "2001:db8::9", ANSWER_YES, "fd00::1", NULL, NULL, NULL, NULL, false, 9999, DNS_UNKNOWN, "a zone for the inside?"},
    {"elsewhere", "A", "192.0.2.1", ANSWER_YES, "198.51.100.1", NULL, NULL, NULL, NULL, false, 9999, DNS_ELSEWHERE, "points elsewhere: 198.51.100.1, expected 192.0.2.1 (asked 9.9.9.9)"},
    {"no name", "A", "192.0.2.1", ANSWER_NXDOMAIN, NULL, NULL, NULL, NULL, NULL, false, 9999, DNS_MISSING, "no DNS record"},
    {"no name, but new", "A", "192.0.2.1", ANSWER_NXDOMAIN, NULL, NULL, NULL, NULL, NULL, false, 60, DNS_UNKNOWN, "new"},
    {"no name, a second before caches have forgotten it", "A", "192.0.2.1", ANSWER_NXDOMAIN, NULL, NULL, NULL, NULL, NULL, false, 899, DNS_UNKNOWN, "up to 15 minutes"},
    {"no name, a quarter of an hour old", "A", "192.0.2.1", ANSWER_NXDOMAIN, NULL, NULL, NULL, NULL, NULL, false, 900, DNS_MISSING, "no DNS record"},
    {"no address, but new", "A", "192.0.2.1", ANSWER_NODATA, NULL, NULL, NULL, NULL, NULL, false, 60, DNS_UNKNOWN, "new"},
    {"no address", "A", "192.0.2.1", ANSWER_NODATA, NULL, NULL, NULL, NULL, NULL, false, 9999, DNS_EMPTY, "no A or AAAA"},
    {"only the other family", "AAAA", "2001:db8::1", ANSWER_YES, "192.0.2.1", NULL, NULL, NULL, NULL, false, 9999, DNS_EMPTY, "has no AAAA"},
    {"timeout", "A", "192.0.2.1", ANSWER_FAILED, NULL, NULL, NULL, NULL, NULL, false, 9999, DNS_UNKNOWN, "no answer"},
    {"CNAME seen", "CNAME", "lb.example.net", ANSWER_YES, "192.0.2.1", NULL, "LB.example.net.", NULL, NULL, false, 9999, DNS_OK, "leads to lb.example.net"},
    {"ALIAS flattened", "CNAME", "lb.example.net", ANSWER_YES, "192.0.2.1", NULL, NULL, "192.0.2.1", NULL, false, 9999, DNS_OK, ""},
    {"ALIAS, balancer elsewhere", "CNAME", "lb.example.net", ANSWER_YES, "192.0.2.1", NULL, NULL, "192.0.2.2", NULL, false, 9999, DNS_ELSEWHERE, "expected lb.example.net"},
    {"balancer not resolved", "CNAME", "lb.example.net", ANSWER_YES, "192.0.2.1", NULL, NULL, NULL, NULL, false, 9999, DNS_UNKNOWN, "could not be resolved"},
    {"owned by us", "A", "192.0.2.1", ANSWER_YES, "192.0.2.1", NULL, NULL, NULL, OWNED("default"), false, 9999, DNS_OK, ""},
    {"owned by another", "A", "192.0.2.1", ANSWER_YES, "192.0.2.1", NULL, NULL, NULL, OWNED("other"), false, 9999, DNS_FOREIGN, "owned by external-dns \"other\""},
    {"left over", "A", "192.0.2.1", ANSWER_YES, "192.0.2.7", NULL, NULL, NULL, OWNED("default"), true, 9999, DNS_STALE, "gateway a/gw, which is gone"},
    {"encrypted owner", "A", "192.0.2.1", ANSWER_YES, "192.0.2.1", NULL, NULL, NULL, "\"k2pmrHuRzmhk8aWb2B==\"", false, 9999, DNS_OK, ""},
};
// clang-format on

static void test_cases(void **state)
{
    (void)state;
    struct dns_settings s;
    dns_settings_default(&s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct dns_case *c = &cases[i];
        struct probe_result host = {.kind = PROBE_HOST, .answer = c->answer, .resolver = "9.9.9.9"};
        host.addresses = world_list(&empty.arena, c->address, c->address2);
        host.cnames = world_list(&empty.arena, c->cname, NULL);
        struct probe_result balancer = {.answer = ANSWER_YES,
                                        .addresses = world_list(&empty.arena, c->balancer, NULL)};
        struct probe_result txt = {.answer = ANSWER_YES,
                                   .texts = world_list(&empty.arena, c->txt, NULL)};
        const struct probe_result *owners[] = {&txt};
        struct dns_evidence e = {&host,  c->balancer != NULL ? &balancer : NULL,
                                 owners, c->txt != NULL ? 1U : 0U,
                                 NULL,   NOW - c->age,
                                 c->gone};
        struct dns_record r = {.host = "web.d.io",
                               .type = c->type,
                               .targets = world_list(&empty.arena, c->target, NULL)};
        r.source = "gateway/a/gw";
        r.state = DNS_UNKNOWN;
        dns_judge(&empty.mesh, &s, &r, &e);
        if (r.state != c->state || strstr(r.reason, c->words) == NULL) {
            fail_msg("%s: %s: %s", c->what, dns_state_name(r.state), r.reason);
        }
    }
}

// Addresses of the inside where one of the outside is expected (docs/rules/dns.md#dns-split-horizon).
static void test_private_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *type, *address;
        bool inside;
    } rows[] = {
        {"A", "10.255.255.255", true},  {"A", "11.0.0.0", false},    {"A", "172.16.0.1", true},
        {"A", "172.31.255.255", true},  {"A", "172.15.0.1", false},  {"A", "172.32.0.1", false},
        {"A", "192.168.255.1", true},   {"A", "192.169.0.1", false}, {"A", "100.64.0.1", true},
        {"A", "100.127.255.255", true}, {"A", "100.63.0.1", false},  {"A", "100.128.0.1", false},
        {"AAAA", "fc00::1", true},      {"AAAA", "fdff::1", true},   {"AAAA", "fe00::1", false},
        {"AAAA", "fbff::1", false},
    };
    struct dns_settings s;
    dns_settings_default(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct probe_result host = {.kind = PROBE_HOST, .answer = ANSWER_YES};
        host.addresses = world_list(&empty.arena, rows[i].address, NULL);
        struct dns_evidence e = {.host = &host, .created = NOW - 9999};
        struct dns_record r = {.host = "web.d.io", .type = rows[i].type, .source = "gateway/a/gw"};
        r.targets = world_list(&empty.arena, "192.0.2.1", "2001:db8::1");
        r.state = DNS_UNKNOWN;
        dns_judge(&empty.mesh, &s, &r, &e);
        if (r.state != (rows[i].inside ? DNS_UNKNOWN : DNS_ELSEWHERE)) {
            fail_msg("%s: %s: %s", rows[i].address, dns_state_name(r.state), r.reason);
        }
    }
}

// docs/rules/dns.md#dns-states
static void test_states(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum verdict verdict;
    } states[DNS_STATE_COUNT] = {
        [DNS_OK] = {"ok", VERDICT_OK},
        [DNS_MISSING] = {"missing", VERDICT_BROKEN},
        [DNS_EMPTY] = {"empty", VERDICT_BROKEN},
        [DNS_ELSEWHERE] = {"elsewhere", VERDICT_BROKEN},
        [DNS_FOREIGN] = {"foreign", VERDICT_WARNING},
        [DNS_STALE] = {"stale", VERDICT_WARNING},
        [DNS_UNKNOWN] = {"unknown", VERDICT_UNKNOWN},
        [DNS_FILTERED] = {"filtered", VERDICT_WARNING},
    };
    for (int i = 0; i < DNS_STATE_COUNT; i++) {
        assert_string_equal(dns_state_name((enum dns_state)i), states[i].name);
        assert_int_equal(dns_state_verdict((enum dns_state)i), states[i].verdict);
    }
}

// The alias alone, as a zone's own server answers (docs/rules/dns.md#dns-alias-without-address), and a name of which
// the balancer's own addresses are not known.
static void test_alias_without_address(void **state)
{
    (void)state;
    static const struct {
        enum probe_answer answer;
        const char *address, *cname;
        enum probe_answer balancer;
        enum dns_state state;
    } rows[] = {
        {ANSWER_NODATA, NULL, "lb.example.net", ANSWER_YES, DNS_OK},
        {ANSWER_NODATA, NULL, "lb.example.net", ANSWER_FAILED, DNS_OK},
        {ANSWER_NODATA, NULL, "lb.example.net", ANSWER_NXDOMAIN, DNS_EMPTY},
        {ANSWER_NODATA, NULL, "lb.example.net", ANSWER_NODATA, DNS_EMPTY},
        {ANSWER_NODATA, NULL, "other.example.net", ANSWER_YES, DNS_EMPTY},
        {ANSWER_YES, "192.0.2.1", NULL, ANSWER_YES, DNS_OK},
        {ANSWER_YES, "192.0.2.1", NULL, ANSWER_FAILED, DNS_UNKNOWN},
        {ANSWER_YES, "192.0.2.1", NULL, ANSWER_NXDOMAIN, DNS_UNKNOWN},
    };
    struct dns_settings s;
    dns_settings_default(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct probe_result host = {.kind = PROBE_HOST, .answer = rows[i].answer};
        struct probe_result balancer = {.kind = PROBE_HOST, .answer = rows[i].balancer};
        host.addresses = world_list(&empty.arena, rows[i].address, NULL);
        host.cnames = world_list(&empty.arena, rows[i].cname, NULL);
        balancer.addresses =
            world_list(&empty.arena, rows[i].balancer == ANSWER_YES ? "192.0.2.1" : NULL, NULL);
        struct dns_evidence e = {.host = &host, .targets = &balancer, .created = NOW - 9999};
        struct dns_record r = {.host = "web.d.io", .type = "CNAME", .source = "gateway/a/gw"};
        r.targets = world_list(&empty.arena, "lb.example.net", NULL);
        r.state = DNS_UNKNOWN;
        dns_judge(&empty.mesh, &s, &r, &e);
        if (r.state != rows[i].state) {
            fail_msg("case %zu: %s: %s", i, dns_state_name(r.state), r.reason);
        }
    }
}

// One of the two questions, A and AAAA, has failed: what it would have answered is not missing
// (docs/rules/dns.md#dns-verdicts).
static void test_half_an_answer(void **state)
{
    (void)state;
    static const struct {
        const char *type, *error;
        enum dns_state state;
    } rows[] = {
        {"AAAA", "timeout", DNS_UNKNOWN}, {"AAAA", NULL, DNS_EMPTY}, {"A", "timeout", DNS_OK}};
    struct dns_settings s;
    dns_settings_default(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct probe_result host = {
            .kind = PROBE_HOST, .answer = ANSWER_YES, .error = rows[i].error};
        host.addresses = world_list(&empty.arena, "192.0.2.1", NULL);
        struct dns_evidence e = {.host = &host, .created = NOW - 9999};
        struct dns_record r = {.host = "web.d.io", .type = rows[i].type, .source = "gateway/a/gw"};
        r.targets = world_list(&empty.arena, i < 2 ? "2001:db8::1" : "192.0.2.1", NULL);
        r.state = DNS_UNKNOWN;
        dns_judge(&empty.mesh, &s, &r, &e);
        if (r.state != rows[i].state) {
            fail_msg("case %zu: %s: %s", i, dns_state_name(r.state), r.reason);
        }
        assert_true(i > 0 || strstr(r.reason, "no whole answer: timeout") != NULL);
    }
}

static void note_query(void *self, enum probe_kind k, const char *name)
{
    buf_addf(self, "%s %s\n", k == PROBE_TXT ? "txt" : "host", name);
}

// What is asked for a record: its host, the target that is a name, and each owner with a name beside it
// (docs/rules/dns.md#dns-wildcard-synthesis); for SRV records nothing (docs/rules/dns.md#service-srv).
static void test_queries(void **state)
{
    (void)state;
    static const struct {
        const char *type, *target, *owner, *queries;
    } rows[] = {
        {"A", "192.0.2.1", "a-web.d.io", "host web.d.io\ntxt a-web.d.io\ntxt ?.d.io\n"},
        {"CNAME", "lb.e.net", "cname-web.d.io",
         "host web.d.io\nhost lb.e.net\ntxt cname-web.d.io\ntxt ?.d.io\n"},
        {"A", "192.0.2.1", "a-web", "host web.d.io\ntxt a-web\n"},
        {"SRV", "0 50 30080 web.d.io.", "srv-web.d.io", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dns_record r = {.host = "web.d.io", .type = rows[i].type};
        struct buf b;
        r.targets = world_list(&empty.arena, rows[i].target, NULL);
        r.owner_names = world_list(&empty.arena, rows[i].owner, NULL);
        buf_init(&b, 0);
        buf_adds(&b, "");
        dns_record_queries(&r, note_query, &b);
        assert_string_equal(b.data, rows[i].queries);
        buf_release(&b);
    }
}

// A balancer's addresses change: what it had a while ago counts, and only for an ALIAS of its name.
static void test_a_balancer_that_rotates(void **state)
{
    (void)state;
    struct dns_settings s;
    dns_settings_default(&s);
    struct probe_result host = {.kind = PROBE_HOST, .answer = ANSWER_YES, .resolver = "9.9.9.9"};
    struct probe_result balancer = {.answer = ANSWER_YES,
                                    .addresses = world_list(&empty.arena, "192.0.2.2", NULL)};
    balancer.earlier = world_list(&empty.arena, "192.0.2.1", "192.0.2.3");
    struct dns_evidence e = {.host = &host, .targets = &balancer, .created = NOW - 9999};
    const struct {
        const char *type, *target, *answer;
        enum dns_state state;
    } rows[] = {{"CNAME", "lb.example.net", "192.0.2.3", DNS_OK},
                {"CNAME", "lb.example.net", "192.0.2.4", DNS_ELSEWHERE},
                {"A", "192.0.2.2", "192.0.2.3", DNS_ELSEWHERE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        host.addresses = world_list(&empty.arena, rows[i].answer, NULL);
        struct dns_record r = {.host = "web.d.io",
                               .type = rows[i].type,
                               .targets = world_list(&empty.arena, rows[i].target, NULL),
                               .source = "gateway/a/gw",
                               .state = DNS_UNKNOWN};
        dns_judge(&empty.mesh, &s, &r, &e);
        assert_int_equal(r.state, rows[i].state);
    }
}

// Every set of addresses expected against every set answered, with every owner: the rule as sets.
static void test_all_sets(void **state)
{
    (void)state;
    static const char *const pool[] = {"192.0.2.1", "192.0.2.2", "10.0.0.1", "10.0.0.2"};
    static const char *const owners[] = {NULL, OWNED("default"), OWNED("other")};
    enum { ALL = 16, INSIDE = 12 };
    struct dns_settings s;
    dns_settings_default(&s);
    for (unsigned want = 1; want < ALL; want++) {
        for (unsigned got = 0; got < ALL; got++) {
            for (unsigned more = 0; more < 6; more++) {
                const char *lists[2][4], *owner = owners[more % 3];
                uint32_t n[2] = {0, 0};
                for (int i = 3; i >= 0; i--) { // the order does not matter
                    if ((want >> i & 1) != 0) {
                        lists[0][n[0]++] = pool[i];
                    }
                    if ((got >> i & 1) != 0) {
                        lists[1][n[1]++] = pool[i];
                    }
                }
                bool gone = more >= 3;
                struct probe_result host = {.kind = PROBE_HOST, .answer = ANSWER_YES};
                host.addresses = (struct str_list){lists[1], n[1]};
                struct probe_result txt = {.answer = ANSWER_YES,
                                           .texts = world_list(&empty.arena, owner, NULL)};
                const struct probe_result *texts[] = {&txt};
                struct dns_evidence e = {.host = &host, .owners = texts, .created = NOW - 9999};
                e.nowners = 1;
                e.resource_gone = gone;
                struct dns_record r = {.host = "web.d.io", .type = "A", .source = "gateway/a/gw"};
                r.targets = (struct str_list){lists[0], n[0]};
                r.state = DNS_UNKNOWN;
                dns_judge(&empty.mesh, &s, &r, &e);
                bool inside = got != 0 && (got & ~(unsigned)INSIDE) == 0 && (want & INSIDE) == 0;
                enum dns_state by_sets = got == 0            ? DNS_EMPTY
                                         : inside            ? DNS_UNKNOWN
                                         : (got & want) != 0 ? DNS_OK
                                                             : DNS_ELSEWHERE;
                enum dns_state expected = more % 3 == 2                    ? DNS_FOREIGN
                                          : more == 4 && by_sets != DNS_OK ? DNS_STALE
                                                                           : by_sets;
                if (r.state != expected) {
                    fail_msg("want %x, got %x, owner %u: %s, not %s", want, got, more,
                             dns_state_name(r.state), dns_state_name(expected));
                }
            }
        }
    }
}

// A wildcard's TXT answers for every name beside it: it owns none of them.
static void test_a_synthesized_owner_is_none(void **state)
{
    (void)state;
    struct dns_settings s;
    dns_settings_default(&s);
    struct probe_result host = {.kind = PROBE_HOST, .answer = ANSWER_YES, .resolver = "9.9.9.9"};
    host.addresses = world_list(&empty.arena, "192.0.2.1", NULL);
    struct probe_result txt = {.answer = ANSWER_YES,
                               .texts = world_list(&empty.arena, OWNED("other"), NULL)};
    struct probe_result same = txt, nobody = {.answer = ANSWER_NXDOMAIN},
                        differs = {.answer = ANSWER_YES,
                                   .texts = world_list(&empty.arena, OWNED("third"), NULL)};
    const struct probe_result *owners[] = {&txt}, *beside[1];
    const struct {
        const struct probe_result *beside;
        enum dns_state state;
    } cases_of[] = {
        {&same, DNS_OK}, {&nobody, DNS_FOREIGN}, {&differs, DNS_FOREIGN}, {NULL, DNS_FOREIGN}};
    for (size_t i = 0; i < sizeof cases_of / sizeof *cases_of; i++) {
        beside[0] = cases_of[i].beside;
        struct dns_evidence e = {
            .host = &host, .owners = owners, .nowners = 1, .beside = beside, .created = NOW - 9999};
        struct dns_record r = {.host = "web.d.io", .type = "A", .source = "gateway/a/gw"};
        r.targets = world_list(&empty.arena, "192.0.2.1", NULL);
        r.state = DNS_UNKNOWN;
        dns_judge(&empty.mesh, &s, &r, &e);
        assert_int_equal(r.state, cases_of[i].state);
    }
}

static void test_filtered_and_not_asked(void **state)
{
    (void)state;
    struct dns_settings s;
    dns_settings_default(&s);
    struct probe_result host = {.answer = ANSWER_NXDOMAIN};
    struct dns_evidence e = {.host = &host, .created = TIME_NONE};
    struct dns_record r = {.host = "a.d.io", .type = "A", .state = DNS_FILTERED, .reason = "x"};
    dns_judge(&empty.mesh, &s, &r, &e);
    assert_int_equal(r.state, DNS_FILTERED);
    r.state = DNS_UNKNOWN;
    e.host = NULL;
    dns_judge(&empty.mesh, &s, &r, &e);
    assert_int_equal(r.state, DNS_UNKNOWN);
}

// The evidence taken from a snapshot: what was never asked stays unknown.
static void test_from_snapshot(void **state)
{
    (void)state;
    struct world w;
    world_open(
        &w,
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: a}\n"
        "spec: {selector: {istio: x}, servers: [{port: {number: 443, name: h, protocol: HTTPS}, "
        "hosts: [web.d.io]}]}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a}\n"
        "spec: {type: LoadBalancer, selector: {istio: x}}\n"
        "status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n",
        NOW);
    struct dns_settings s;
    dns_settings_default(&s);
    struct desired_records r;
    desired_records_find(&w.mesh, &s, &r);
    assert_int_equal(r.n, 1);
    struct dns_record row = r.at[0];
    dns_judge_record(&w.mesh, &s, &row);
    assert_int_equal(row.state, DNS_UNKNOWN);
    struct snapshot with = *w.snap;
    pmap_init(&with.probes, &probe_map_type);
    struct probe_result *p = probe_result_new(PROBE_HOST, "web.d.io");
    p->answer = ANSWER_NXDOMAIN;
    pmap_put(&with.probes, p);
    probe_result_unref(p);
    w.mesh.snap = &with;
    dns_judge_record(&w.mesh, &s, &row);
    assert_int_equal(row.state, DNS_MISSING);
    struct desired_records one;
    desired_records_of_host(&w.mesh, &s, "WEB.d.io", NULL, NULL, &one);
    assert_int_equal(one.n, 1);
    pmap_release(&with.probes);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_balancer_that_rotates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_sets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_half_an_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_private_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alias_without_address, setup, teardown),
        cmocka_unit_test(test_states),
        cmocka_unit_test_setup_teardown(test_cases, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_synthesized_owner_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_filtered_and_not_asked, setup, teardown),
        cmocka_unit_test(test_from_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
