// SPDX-License-Identifier: Apache-2.0
// Destinations: names, ports and why, visibility, ServiceEntries, ExternalName, and whose DestinationRule counts.
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/destination.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SERVICE(name, extra, ports) "---\napiVersion: v1\nkind: Service\nmetadata: {name: " name ", namespace: apps" extra "}\nspec: {" ports "}\n"
#define RULE(name, ns, host, subset, more) "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: " name ", namespace: " ns "}\nspec: {host: '" host "', subsets: [{name: " subset ", labels: {version: a}}]" more "}\n"

static const char WORLD[] =
    SERVICE("one", "", "ports: [{port: 8080}]")
    SERVICE("two", "", "ports: [{port: 80, name: a}, {port: 90, name: b}]")
    SERVICE("udp", "", "ports: [{port: 53, protocol: UDP}]")
    SERVICE("hidden", ", annotations: {networking.istio.io/exportTo: '.'}", "ports: [{port: 80}]")
    SERVICE("seen", ", annotations: {networking.istio.io/exportTo: 'x, istio-system'}", "ports: [{port: 80}]")
    SERVICE("alias", "", "type: ExternalName, externalName: two.apps.svc.cluster.local, ports: [{port: 80}]")
    SERVICE("away", "", "type: ExternalName, externalName: example.com, ports: [{port: 80}]")
    "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: apps}\n"
    "spec: {hosts: [api.example.com], ports: [{number: 443, name: https, protocol: HTTPS}], resolution: DNS}\n"
    "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: f, namespace: apps}\n"
    "spec: {hosts: [private.example.com], exportTo: [.], ports: [{number: 443, name: https, protocol: HTTPS}]}\n"
    RULE("own", "apps", "one", "v1", "")
    RULE("own2", "apps", "one.apps.svc.cluster.local", "v2", "")
    RULE("root", "istio-system", "one.apps.svc.cluster.local", "v3", "")
    RULE("third", "team", "two.apps.svc.cluster.local", "v1", "")
    RULE("private", "apps", "two", "v2", ", exportTo: [.]")
    RULE("fallback", "istio-system", "two.apps.svc.cluster.local", "v4", "")
    RULE("foreign", "apps", "seen", "v1", ", exportTo: [team]")
    RULE("local", "apps", "seen", "v2", ", exportTo: [team, istio-system]")
    RULE("wide", "apps", "*.apps.svc.cluster.local", "w1", "")
    RULE("wider", "apps", "*.local", "w2", "");
// clang-format on

static void table(void **state)
{
    (void)state;
    static const struct {
        const char *host, *subset;
        int64_t port; // 0: left out
        const char *want_host;
        uint32_t want_port;
        enum port_reason reason;
        enum destination_fault fault;
    } t[] = {
        {"one", NULL, 0, "one.apps.svc.cluster.local", 8080, PORT_ONLY, DEST_OK},
        {"one", NULL, 81, "one.apps.svc.cluster.local", 81, PORT_GIVEN, DEST_NO_PORT},
        {"two", NULL, 0, "two.apps.svc.cluster.local", 443, PORT_SERVER, DEST_NO_PORT},
        {"two.apps.svc.cluster.local", NULL, 90, "two.apps.svc.cluster.local", 90, PORT_GIVEN,
         DEST_OK},
        {"two.apps", NULL, 90, "two.apps", 90, PORT_GIVEN, DEST_NO_SERVICE},
        {"ghost", NULL, 80, "ghost.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_NO_SERVICE},
        {"udp", NULL, 53, "udp.apps.svc.cluster.local", 53, PORT_GIVEN, DEST_NO_PORT},
        {"hidden", NULL, 80, "hidden.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_HIDDEN},
        {"seen", NULL, 0, "seen.apps.svc.cluster.local", 80, PORT_ONLY, DEST_OK},
        {"alias", NULL, 0, "two.apps.svc.cluster.local", 80, PORT_ONLY, DEST_OK},
        {"alias", NULL, 90, "two.apps.svc.cluster.local", 90, PORT_GIVEN, DEST_OK},
        {"away", NULL, 80, "example.com", 80, PORT_GIVEN, DEST_NO_SERVICE},
        {"api.example.com", NULL, 0, "api.example.com", 443, PORT_ONLY, DEST_OK},
        {"api.example.com", NULL, 80, "api.example.com", 80, PORT_GIVEN, DEST_NO_PORT},
        {"private.example.com", NULL, 0, "private.example.com", 443, PORT_SERVER, DEST_HIDDEN},
        // Rules of the service's namespace merge; the root namespace is not asked then.
        {"one", "v1", 0, "one.apps.svc.cluster.local", 8080, PORT_ONLY, DEST_OK},
        {"one", "v2", 0, "one.apps.svc.cluster.local", 8080, PORT_ONLY, DEST_OK},
        {"one", "v3", 0, "one.apps.svc.cluster.local", 8080, PORT_ONLY, DEST_NO_SUBSET},
        {"one", "w1", 0, "one.apps.svc.cluster.local", 8080, PORT_ONLY,
         DEST_NO_SUBSET}, // an exact host goes first
        // Of a third namespace or private to the service's: not seen; then the most specific wildcard.
        {"two", "v1", 80, "two.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_NO_SUBSET},
        {"two", "v2", 80, "two.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_NO_SUBSET},
        {"two", "w1", 80, "two.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_OK},
        {"two", "w2", 80, "two.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_NO_SUBSET},
        {"two", "v4", 80, "two.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_NO_SUBSET},
        // Exported elsewhere only, and to the gateway's namespace: one does not merge with the other.
        {"seen", "v1", 80, "seen.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_NO_SUBSET},
        {"seen", "v2", 80, "seen.apps.svc.cluster.local", 80, PORT_GIVEN, DEST_OK},
    };
    struct world w;
    struct workload gateway = {.ns = "istio-system"};
    world_open(&w, WORLD, 0);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct destination d = {.host = t[i].host,
                                .subset = t[i].subset,
                                .port = t[i].port,
                                .present = true,
                                .port_set = t[i].port != 0};
        struct resolved_destination r = destination_resolve(&w.mesh, &gateway, &d, "apps", 443);
        if (strcmp(r.host, t[i].want_host) != 0 || r.port != t[i].want_port ||
            r.port_reason != t[i].reason || r.fault != t[i].fault) {
            fail_msg("%s:%d %s: %s:%u reason %d fault %d", t[i].host, (int)t[i].port,
                     str_or_empty(t[i].subset), r.host, r.port, (int)r.port_reason, (int)r.fault);
        }
        assert_true((destination_fault_text(&w.mesh, &r) == NULL) == (r.fault == DEST_OK));
    }
    world_close(&w);
}

// docs/rules/istio.md#subset-destinationrules: whose rules count for a gateway in each namespace. A name ends with
// where it is.
static void whose_rules(void **state)
{
    (void)state;
    // clang-format off
    static const char yaml[] =
        SERVICE("x", "", "ports: [{port: 80}]") SERVICE("u", "", "ports: [{port: 80}]")
        SERVICE("z", "", "ports: [{port: 80}]") SERVICE("p", "", "ports: [{port: 80}]")
        SERVICE("my-q", "", "ports: [{port: 80}]") SERVICE("l", "", "ports: [{port: 80}]")
        RULE("x1", "gw", "x.apps.svc.cluster.local", "gw", "")
        RULE("x2", "apps", "x", "apps", "")
        RULE("x3", "istio-system", "x.apps.svc.cluster.local", "root", "")
        RULE("x4", "team", "x.apps.svc.cluster.local", "team", ", exportTo: ['*']")
        RULE("u1", "istio-system", "u.apps.svc.cluster.local", "root", "")
        RULE("p1", "istio-system", "p.apps.svc.cluster.local", "private", ", exportTo: [.]")
        RULE("p2", "apps", "p", "apps", "")
        // one host text: those of the oldest's exportTo
        RULE("z1", "apps", "z", "a", ", exportTo: ['*']")
        RULE("z2", "apps", "z", "b", "")
        RULE("z3", "apps", "z", "c", ", exportTo: ['*']")
        RULE("z4", "apps", "z", "d", ", exportTo: ['*'], workloadSelector: {matchLabels: {a: b}}")
        // wildcards by length, also those that end inside a label
        RULE("q1", "apps", "*-q.apps.svc.cluster.local", "long", "")
        RULE("q2", "apps", "*.apps.svc.cluster.local", "short", "")
        RULE("q3", "apps", "*", "all", "")
        // of the gateway's namespace, but for others only
        RULE("l1", "gw", "l.apps.svc.cluster.local", "gw", ", exportTo: [team]")
        RULE("l2", "apps", "l", "apps", "");
    // clang-format on
    static const struct {
        const char *ns, *host, *subsets; // of the gateway; those that are defined
    } t[] = {
        {"gw", "x", "gw"},
        {"other", "x", "apps"},
        {"istio-system", "x", "apps"},
        {"team", "x", "team"},
        {"gw", "u", "short"},
        {"istio-system", "u", "short"},
        {"istio-system", "p", "private"},
        {"gw", "p", "apps"},
        {"gw", "z", "a c"},
        {"gw", "my-q", "long"},
        {"gw", "l", "apps"},
    };
    static const char *const subsets[] = {"gw", "apps", "root", "team", "private", "a",
                                          "b",  "c",    "d",    "long", "short",   "all"};
    struct world w;
    world_open(&w, yaml, 0);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct workload gateway = {.ns = t[i].ns};
        struct buf b;
        buf_init(&b, 0);
        for (size_t k = 0; k < sizeof subsets / sizeof *subsets; k++) {
            struct destination d = {.host = t[i].host, .subset = subsets[k], .present = true};
            if (destination_resolve(&w.mesh, &gateway, &d, "apps", 80).fault == DEST_OK) {
                buf_addf(&b, "%s%s", b.len > 0 ? " " : "", subsets[k]);
            }
        }
        if (!str_eq(b.data, t[i].subsets)) {
            fail_msg("%s in %s: %s", t[i].host, t[i].ns, str_or_empty(b.data));
        }
        buf_release(&b);
    }
    world_close(&w);
}

// The rules of the root namespace where the service's has none, and none of a third.
static void rules_of_the_root(void **state)
{
    (void)state;
    struct world w;
    world_open(&w,
               SERVICE("u", "", "ports: [{port: 80}]")
                   RULE("a", "istio-system", "u.apps.svc.cluster.local", "root", "")
                       RULE("b", "team", "u.apps.svc.cluster.local", "team", ", exportTo: ['*']"),
               0);
    static const char *const namespaces[] = {"gw", "istio-system", "apps"};
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        struct workload gateway = {.ns = namespaces[i]};
        struct destination d = {.host = "u", .subset = "root", .present = true};
        assert_int_equal(destination_resolve(&w.mesh, &gateway, &d, "apps", 80).fault, DEST_OK);
        d.subset = "team";
        assert_int_equal(destination_resolve(&w.mesh, &gateway, &d, "apps", 80).fault,
                         DEST_NO_SUBSET);
    }
    world_close(&w);
}

// docs/rules/istio.md#serviceentry-destinations: the oldest that is exported says what the only port is, all of its
// namespace have ports.
static void entries_of_a_host(void **state)
{
    (void)state;
#define ENTRY(name, day, more)                                                                     \
    "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: " name          \
    ", namespace: apps, creationTimestamp: '2026-01-0" day "T00:00:00Z'}\nspec: {hosts: [" more    \
    "}\n"
    static const char yaml[] = ENTRY("a", "3",
                                     "x.io], ports: [{number: 443, name: a, protocol: HTTPS}]")
        ENTRY("b", "2", "y.io, x.io], ports: [{number: 80, name: a, protocol: HTTP}]")
            ENTRY("c", "1", "x.io], exportTo: [.], ports: [{number: 90, name: a, protocol: HTTP}]")
                ENTRY("d", "1", "'*.z.io'], ports: [{number: 80, name: a, protocol: HTTP}]") ENTRY(
                    "e", "1",
                    "one.apps.svc.cluster.local], ports: [{number: 99, name: a, protocol: HTTP}]")
                    SERVICE("one", "", "ports: [{port: 8080}]");
    static const struct {
        const char *host;
        int64_t port;
        uint32_t want;
        enum destination_fault fault;
    } t[] = {
        {"x.io", 0, 80, DEST_OK},
        {"x.io", 443, 443, DEST_OK},
        {"x.io", 90, 90, DEST_NO_PORT},
        {"y.io", 443, 443, DEST_NO_PORT},
        {"a.z.io", 80, 80, DEST_NO_SERVICE}, // literally
        {"one", 0, 8080, DEST_OK},
        {"one", 99, 99, DEST_NO_PORT},
    };
    struct world w;
    struct workload gateway = {.ns = "istio-system"};
    world_open(&w, yaml, 0);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct destination d = {
            .host = t[i].host, .port = t[i].port, .present = true, .port_set = t[i].port != 0};
        struct resolved_destination r = destination_resolve(&w.mesh, &gateway, &d, "apps", 443);
        if (r.port != t[i].want || r.fault != t[i].fault) {
            fail_msg("%s:%d: port %u fault %d", t[i].host, (int)t[i].port, r.port, (int)r.fault);
        }
    }
    world_close(&w);
}

// docs/rules/istio.md#serviceentry-destinations: one namespace has the host, and another may say which port is meant.
static void entries_of_namespaces(void **state)
{
    (void)state;
    // clang-format off
#define ENTRY_OF(ns, day, more) "---\n{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e" day ", namespace: " ns ", creationTimestamp: '2026-01-0" day "T00:00:00Z'}, spec: {" more "}}\n"
#define PORT(n) "{number: " n ", name: p" n ", protocol: HTTP}"
    static const char yaml[] =
        ENTRY_OF("apps", "5", "hosts: [a.io], ports: [" PORT("80") "]")
        ENTRY_OF("team", "4", "hosts: [a.io], ports: [" PORT("81") "]")
        ENTRY_OF("team", "6", "hosts: [a.io], ports: [" PORT("82") "]")
        ENTRY_OF("istio-system", "7", "hosts: [b.io], exportTo: [.], ports: [" PORT("90") "]")
        ENTRY_OF("apps", "3", "hosts: [b.io], ports: [" PORT("91") ", " PORT("92") "]")
        ENTRY_OF("zeta", "2", "hosts: [c.io], ports: [" PORT("70") "]")
        ENTRY_OF("beta", "2", "hosts: [c.io], ports: [" PORT("71") "]")
        ENTRY_OF("apps", "1", "hosts: [d.io], exportTo: [.], ports: [" PORT("60") "]")
        ENTRY_OF("team", "8", "hosts: [d.io], ports: [" PORT("61") "]");
    // clang-format on
    static const struct {
        const char *host, *ns;
        int64_t port;
        uint32_t want;
        enum destination_fault fault;
    } t[] = {
        {"a.io", "team", 81, 81, DEST_OK}, // the oldest's namespace, whose ports merge
        {"a.io", "team", 82, 82, DEST_OK},
        {"a.io", "team", 80, 80, DEST_NO_PORT},
        {"a.io", "third", 0, 81, DEST_OK},
        {"a.io", "apps", 0, 80, DEST_NO_PORT},  // its own namespace's port, which the other lacks
        {"b.io", "third", 0, 90, DEST_OK},      // private to the gateway's namespace
        {"b.io", "apps", 0, 443, DEST_NO_PORT}, // its own has several: the server's number
        {"c.io", "third", 0, 71, DEST_OK},      // of one age: the first namespace
        {"d.io", "apps", 0, 61, DEST_OK},       // one that the gateway does not see says nothing
    };
    struct world w;
    struct workload gateway = {.ns = "istio-system"};
    world_open(&w, yaml, 0);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct destination d = {
            .host = t[i].host, .port = t[i].port, .present = true, .port_set = t[i].port != 0};
        struct resolved_destination r = destination_resolve(&w.mesh, &gateway, &d, t[i].ns, 443);
        if (r.port != t[i].want || r.fault != t[i].fault) {
            fail_msg("%s of %s:%d: port %u fault %d", t[i].host, t[i].ns, (int)t[i].port, r.port,
                     (int)r.fault);
        }
    }
    world_close(&w);
}

// docs/rules/istio.md#files-are-an-excerpt: what is not there is missing, or not known.
static void not_in_these_files(void **state)
{
    (void)state;
    static const char yaml[] = SERVICE("one", "", "ports: [{port: 80}]")
        RULE("own", "apps", "one", "v1", "") SERVICE("two", "", "ports: [{port: 80}]");
    static const struct {
        const char *host, *subset;
        int64_t port;
        enum destination_fault fault;
        bool missing; // in an excerpt; with --complete all are
        const char *why;
    } t[] = {
        // the Services of apps are in the files, those of other namespaces and ServiceEntries are not
        {"ghost", NULL, 80, DEST_NO_SERVICE, true, "there is no service"},
        {"x.team.svc.cluster.local", NULL, 80, DEST_NO_SERVICE, false,
         "service 'x.team.svc.cluster.local' is not in these files"},
        {"api.example.com", NULL, 80, DEST_NO_SERVICE, false,
         "service 'api.example.com' is not in these files"},
        {"one.apps", NULL, 80, DEST_NO_SERVICE, true, "there is no service"}, // one was meant
        {"one.apps.svc", NULL, 80, DEST_NO_SERVICE, true, "there is no service"},
        {"one.team", NULL, 80, DEST_NO_SERVICE, false, "is not in these files"},
        {"one", NULL, 81, DEST_NO_PORT, true, "has no port 81"},
        {"one", "v2", 80, DEST_NO_SUBSET, true, "no DestinationRule that the gateway sees"},
        {"two", "v2", 80, DEST_NO_SUBSET, false,
         "subset 'v2' of 'two.apps.svc.cluster.local' is not in these files"},
    };
    struct workload gateway = {.ns = "istio-system"};
    for (int complete = 0; complete < 2; complete++) {
        struct world w;
        complete ? world_open(&w, yaml, 0) : world_open_excerpt(&w, yaml, 0);
        for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
            struct destination d = {.host = t[i].host,
                                    .subset = t[i].subset,
                                    .port = t[i].port,
                                    .present = true,
                                    .port_set = true};
            struct resolved_destination r = destination_resolve(&w.mesh, &gateway, &d, "apps", 80);
            bool missing = complete || t[i].missing;
            const char *why = destination_fault_text(&w.mesh, &r);
            if (r.fault != t[i].fault || destination_missing(&r) != missing ||
                (!complete && strstr(why, t[i].why) == NULL) ||
                (complete && strstr(why, "files") != NULL)) {
                fail_msg("%s %s: fault %d, %s", t[i].host, complete ? "complete" : "excerpt",
                         (int)r.fault, why);
            }
        }
        world_close(&w);
    }
}

#define SLICED(type, selector, slices)                                                             \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a}\n"                      \
    "spec: {type: " type ", " selector "ports: [{port: 80}]}\n" slices
#define SLICE(name, service, endpoints)                                                            \
    "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: " name            \
    ", namespace: a, labels: {kubernetes.io/service-name: " service "}}\nendpoints: [" endpoints   \
    "]\n"
#define READY(r) "{addresses: [10.0.0.1], conditions: {ready: " r "}}"

// docs/rules/istio.md#ready-endpoints
static void services_without_ready_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *what, *yaml;
        bool none;
        // clang-format off
    } t[] = {
        {"one is ready", SLICED("ClusterIP", "selector: {app: s}, ", SLICE("x", "s", READY("false") ", " READY("true"))), false},
        {"none is ready", SLICED("ClusterIP", "selector: {app: s}, ", SLICE("x", "s", READY("false"))), true},
        {"none at all", SLICED("ClusterIP", "selector: {app: s}, ", SLICE("x", "s", "")), true},
        {"in another slice", SLICED("ClusterIP", "selector: {app: s}, ", SLICE("x", "s", "") SLICE("z", "s", READY("true"))), false},
        {"one that does not say", SLICED("ClusterIP", "selector: {app: s}, ", SLICE("x", "s", "{addresses: [10.0.0.1]}")), false},
        {"no slice in the files", SLICED("ClusterIP", "selector: {app: s}, ", ""), false},
        {"no selector, and slices by hand", SLICED("ClusterIP", "", SLICE("x", "s", READY("false"))), true},
        {"no selector and no slice", SLICED("ClusterIP", "", SLICE("x", "other", "")), false},
    };
    // clang-format on
    int bad = 0;
    struct workload gateway = {.ns = "istio-system"};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        world_open(&w, t[i].yaml, 0);
        struct destination d = {.host = "s", .present = true};
        struct resolved_destination r = destination_resolve(&w.mesh, &gateway, &d, "a", 80);
        assert_int_equal(r.fault, DEST_OK);
        if (r.no_endpoints != t[i].none || destination_fails(&r) != t[i].none ||
            (destination_fault_text(&w.mesh, &r) != NULL) != t[i].none) {
            print_error("%s: %d\n", t[i].what, r.no_endpoints);
            bad++;
        }
        assert_false(destination_missing(&r));
        world_close(&w);
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(whose_rules),
        cmocka_unit_test(rules_of_the_root),
        cmocka_unit_test(entries_of_a_host),
        cmocka_unit_test(entries_of_namespaces),
        cmocka_unit_test(services_without_ready_endpoints),
        cmocka_unit_test(not_in_these_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
