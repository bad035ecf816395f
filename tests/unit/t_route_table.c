// SPDX-License-Identifier: Apache-2.0
// Route tables: merging order, catch-alls, rows, and what a virtual host costs that is made alone.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/core/object_order.h"
#include "kube/mesh/route/bound_virtualservices.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/request_path.h"
#include "kube/mesh/route/route_list.h"
#include "kube/mesh/route/route_match.h"
#include "kube/mesh/route/route_share.h"
#include "kube/mesh/route/route_table.h"
#include "kube/mesh/route/shadowed_route.h"

#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/world.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static const char GATEWAY[] = "---\n"
                              "apiVersion: networking.istio.io/v1\n"
                              "kind: Gateway\n"
                              "metadata: {name: edge, namespace: infra}\n"
                              "spec:\n"
                              "  selector: {istio: ingressgateway}\n"
                              "  servers:\n"
                              "  - port: {number: 80, name: http, protocol: HTTP}\n"
                              "    hosts: ['*.shop.io']\n";

// The routes of a virtual host of the first gateway's port 80 as text: "a0.0 a1 b0.0 ..." (VirtualService, rule,
// match).
static const char *order_of(struct world *w, const char *host)
{
    struct str_pair label = {"istio", "ingressgateway"};
    struct str_map labels = {&label, 1};
    struct route_table *t = route_table_build(&w->mesh, workload_from_labels(&w->mesh, &labels));
    const struct http_table *table = string_map_get(&t->tables, "http.80");
    assert_non_null(table);
    const struct virtual_host *v = virtual_host_set_find(&table->hosts, host);
    if (v == NULL) {
        return NULL;
    }
    struct buf b;
    struct virtual_host_iter it;
    buf_init(&b, 0);
    virtual_host_begin(&it, v);
    for (const struct route *r; (r = virtual_host_next(&it)) != NULL;) {
        buf_addf(&b, "%s%s%u", b.len > 0 ? " " : "", r->vs->o.name, r->index);
        if (r->match_index >= 0) {
            buf_addf(&b, ".%d", r->match_index);
        }
    }
    return buf_take_arena(&b, &w->arena);
}

static void check_order(const char *rules_a, const char *rules_b, const char *want)
{
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    buf_adds(&b, GATEWAY);
    const char *rules[] = {rules_a, rules_b};
    for (int i = 0; i < 2; i++) {
        buf_addf(
            &b,
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
            "metadata: {name: %c, namespace: apps, creationTimestamp: '2026-01-0%dT00:00:00Z'}\n"
            "spec:\n  hosts: [www.shop.io]\n  gateways: [infra/edge]\n  http: %s\n",
            'a' + i, i + 1, rules[i]);
    }
    world_open(&w, b.data, 0);
    assert_string_equal(order_of(&w, "www.shop.io"), want);
    world_close(&w);
    buf_release(&b);
}

#define TO(h) "route: [{destination: {host: " h "}}]"

// The examples of docs/rules/istio.md#catch-alls-last.
static void merging(void **state)
{
    (void)state;
    check_order("[{match: [{uri: {exact: /login}}], " TO("A1") "}, {" TO("A2") "}]",
                "[{match: [{uri: {prefix: /api}}], " TO("B1") "}, {" TO("B2") "}]",
                "a0.0 b0.0 a1 b1");
    check_order("[{match: [{uri: {regex: /.*}}], " TO("A1") "}]", "[{" TO("B1") "}]", "a0.0 b0");
    check_order(
        "[{match: [{uri: {prefix: /}, headers: {x: {exact: a}}}], " TO("A1") "}, {" TO("A2") "}]",
        "[{match: [{uri: {prefix: /b}}], " TO("B1") "}]", "a0.0 b0.0 a1");
    // A catch-all ends its VirtualService, also inside one rule; "" and {} are no catch-all and one.
    check_order("[{match: [{uri: {prefix: /a}}, {uri: {prefix: /}}, {uri: {prefix: /c}}], " TO(
                    "A1") "}, {" TO("A2") "}]",
                "[{match: [{uri: {prefix: ''}}], " TO("B1") "}, {match: [{uri: {}}], " TO(
                    "B2") "}, {" TO("B3") "}]",
                "a0.0 b0.0 a0.1 b1.0");
    // Another port, another gateway, labels that the pod lacks: no route; a rule without any gives no host.
    check_order(
        "[{match: [{port: 443}, {gateways: [mesh]}, {sourceLabels: {app: x}}], " TO("A1") "}]",
        "[{match: [{port: 80, uri: {prefix: /b}}, {gateways: [infra/edge]}], " TO("B1") "}]",
        "b0.0 b0.1");
}

// docs/rules/istio.md#catch-all: before a newer VirtualService's prefix, or after it and the end of its own.
static void catch_alls(void **state)
{
    (void)state;
    static const struct {
        const char *match;
        bool catch_all;
    } t[] = {
        {"{}", true},
        {"{uri: {}}", true},
        {"{uri: {prefix: /}}", true},
        {"{uri: {regex: .*}}", true},
        {"{name: n}", true},
        {"{port: 80}", true},
        {"{gateways: [infra/edge]}", true},
        {"{sourceLabels: {istio: ingressgateway}}", true},
        {"{sourceNamespace: istio-system}", true},
        {"{ignoreUriCase: true}", true},
        {"{uri: {prefix: /}, ignoreUriCase: true, port: 80}", true},
        {"{uri: {prefix: ''}}", false},
        {"{uri: {regex: /.*}}", false},
        {"{uri: {regex: ^.*$}}", false},
        {"{uri: {exact: /}}", false},
        {"{headers: {x: {}}}", false},
        {"{withoutHeaders: {x: {}}}", false},
        {"{queryParams: {x: {}}}", false},
        {"{method: {exact: GET}}", false},
        {"{authority: {exact: www.shop.io}}", false},
        {"{scheme: {exact: http}}", false},
        {"{uri: {prefix: /}, scheme: {prefix: ''}}", false},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b, "[{match: [%s], " TO("A1") "}, {" TO("A2") "}]", t[i].match);
        check_order(b.data, "[{match: [{uri: {prefix: /b}}], " TO("B1") "}]",
                    t[i].catch_all ? "b0.0 a0.0" : "a0.0 b0.0 a1");
        buf_release(&b);
    }
    // After a rule without match as after a catch-all nothing of the VirtualService is a route.
    check_order("[{" TO("A1") "}, {match: [{uri: {prefix: /a}}], " TO("A2") "}]",
                "[{match: [{uri: {prefix: /b}}], " TO("B1") "}]", "b0.0 a0");
}

// docs/rules/istio.md#match-skipped
static void skipped(void **state)
{
    (void)state;
    static const struct {
        const char *match;
        bool skipped;
    } t[] = {
        {"port: 80", false},
        {"port: 81", true},
        {"gateways: [infra/edge]", false},
        {"gateways: [edge]", true}, // in its own namespace
        {"gateways: [mesh, infra/edge]", false},
        {"gateways: [mesh]", true},
        {"sourceLabels: {istio: ingressgateway}", false},
        {"sourceLabels: {istio: ingressgateway, app: x}", true},
        {"sourceLabels: {istio: other}", true},
        {"sourceNamespace: istio-system", false},
        {"sourceNamespace: apps", true},
        {"gateways: [infra/edge], sourceLabels: {app: x}", false},
        {"gateways: [infra/edge], sourceNamespace: apps", false},
        {"gateways: [infra/edge], port: 81", true},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b, "[{match: [{uri: {prefix: /a}, %s}], " TO("A1") "}]", t[i].match);
        check_order(b.data, "[{match: [{uri: {prefix: /b}}], " TO("B1") "}]",
                    t[i].skipped ? "b0.0" : "a0.0 b0.0");
        buf_release(&b);
    }
}

// Two servers of one table behind a Service, declared as 80 and 8080 (docs/rules/istio.md#routes-made-once).
static void made_once(void **state)
{
    (void)state;
#define AT_80 "{match: [{port: 80}], " TO("x") "}"
#define AT_8080 "{match: [{port: 8080}], " TO("y") "}"
    static const struct {
        const char *first, *second, *http, *want; // the servers' hosts; "rule:port" of each route
    } t[] = {
        // of the first server that a host meets, also for the second
        {"a.shop.io", "b.shop.io", AT_80 ", " AT_8080, "a.shop.io 0:80, b.shop.io 0:80"},
        {"c.shop.io", "b.shop.io", AT_80 ", " AT_8080, "b.shop.io 1:8080"},
        // none at the first: the second makes them, and the first has no virtual host
        {"a.shop.io", "b.shop.io", AT_8080, "b.shop.io 0:8080"},
        {"a.shop.io", "b.shop.io", AT_80, "a.shop.io 0:80, b.shop.io 0:80"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        buf_addf(
            &b,
            "---\napiVersion: v1\nkind: Service\nmetadata: {name: in, namespace: istio-system}\n"
            "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, targetPort: 8080}]}\n"
            "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: infra}\n"
            "spec: {selector: {istio: ingressgateway}, servers: ["
            "{port: {number: 80, name: a, protocol: HTTP}, hosts: [%s]}, "
            "{port: {number: 8080, name: b, protocol: HTTP}, hosts: [%s]}]}\n"
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: apps}\n"
            "spec: {hosts: [a.shop.io, b.shop.io], gateways: [infra/edge], http: [%s]}\n",
            t[i].first, t[i].second, t[i].http);
        world_open(&w, b.data, 0);
        struct str_pair label = {"istio", "ingressgateway"};
        struct str_map labels = {&label, 1};
        struct route_table *table =
            route_table_build(&w.mesh, workload_from_labels(&w.mesh, &labels));
        const struct http_table *http = string_map_get(&table->tables, "http.8080");
        assert_non_null(http);
        static const char *const names[] = {"a.shop.io", "b.shop.io"};
        buf_reset(&b);
        for (int k = 0; k < 2; k++) {
            const struct virtual_host *v = string_map_get(&http->hosts.by_domain, names[k]);
            if (v == NULL) {
                continue;
            }
            buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", names[k]);
            struct virtual_host_iter it;
            virtual_host_begin(&it, v);
            for (const struct route *r; (r = virtual_host_next(&it)) != NULL;) {
                buf_addf(&b, " %u:%u", r->index, r->port);
            }
        }
        if (strcmp(b.data, t[i].want) != 0) {
            fail_msg("row %zu: '%s', not '%s'", i, b.data, t[i].want);
        }
        world_close(&w);
        buf_release(&b);
    }
}

// docs/rules/istio.md#gateway-order
static void ages(void **state)
{
    (void)state;
    const struct object at[] = {
        {.created = 2, .name = "a", .ns = "a"}, {.created = 1, .name = "b", .ns = "z"},
        {.created = 1, .name = "c", .ns = "a"}, {.created = 1, .name = "b", .ns = "y"},
        {.created = 0, .name = "z", .ns = "z"},
    };
    const struct object *sorted[] = {&at[0], &at[1], &at[2], &at[3], &at[4]};
    qsort(sorted, sizeof sorted / sizeof *sorted, sizeof *sorted, object_age_order);
    static const int want[] = {4, 3, 1, 2, 0};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_ptr_equal(sorted[i], &at[want[i]]);
    }
}

// docs/rules/istio.md#virtual-host-lookup
static void domains(void **state)
{
    (void)state;
    static const struct {
        const char *host, *want; // as the request has it; the VirtualService, NULL for none
    } t[] = {
        {"www.shop.io", "exact"},   {"WWW.Shop.IO:8080", "exact"},
        {"www.shop.io:", "exact"},  {"www.shop.io:abc", "exact"},
        {"a.eu.shop.io", "longer"}, {"a.b.eu.shop.io", "longer"},
        {"eu.shop.io", "wild"},     {".eu.shop.io", "wild"},
        {"a.shop.io", "wild"},      {"shop.io", "all"},
        {"www.shop.io.", "all"},    {"", "all"},
        {"other", "all"},
    };
    static const char *const hosts[][2] = {
        {"exact", "www.shop.io"}, {"longer", "*.eu.shop.io"}, {"wild", "*.shop.io"}, {"all", "*"}};
    for (size_t n = 4; n >= 3; n--) { // with and without "*"
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        buf_adds(
            &b,
            "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: infra}\n"
            "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: ['*']}]}\n");
        for (size_t i = 0; i < n; i++) {
            buf_addf(
                &b,
                "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: %s, namespace: apps}\n"
                "spec: {hosts: ['%s'], gateways: [infra/edge], http: [{" TO("x") "}]}\n",
                hosts[i][0], hosts[i][1]);
        }
        world_open(&w, b.data, 0);
        for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
            const char *got = order_of(&w, host_of_authority(&w.arena, t[i].host));
            const char *want = n == 3 && strcmp(t[i].want, "all") == 0
                                   ? NULL
                                   : arena_printf(&w.arena, "%s0", t[i].want);
            if (!str_eq(got, want)) {
                fail_msg("%s: %s, not %s", t[i].host, str_or_empty(got), str_or_empty(want));
            }
        }
        world_close(&w);
        buf_release(&b);
    }
}

static void hosts(void **state)
{
    (void)state;
    struct world w;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, GATEWAY);
    buf_adds(
        &b,
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
        "metadata: {name: a, namespace: apps}\n"
        "spec: {hosts: ['*.shop.io'], gateways: [infra/edge], http: [{" TO(
            "x") "}]}\n"
                 "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
                 "metadata: {name: b, namespace: apps}\n"
                 "spec: {hosts: ['*.eu.shop.io', WWW.shop.io, www.shop.io], gateways: [infra/edge], exportTo: "
                 "['*'], "
                 "http: [{" TO(
                     "x") "}]}\n"
                          "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
                          "metadata: {name: c, namespace: apps}\n"
                          "spec: {hosts: [hidden.shop.io], gateways: [infra/edge], exportTo: [.], "
                          "http: [{" TO("x") "}]}\n");
    world_open(&w, b.data, 0);
    assert_string_equal(order_of(&w, "x.shop.io"), "a0");
    assert_string_equal(order_of(&w, "x.eu.shop.io"), "b0");
    assert_string_equal(order_of(&w, "www.shop.io"), "b0");
    assert_string_equal(order_of(&w, "hidden.shop.io"), "a0");
    assert_null(order_of(&w, "shop.io"));
    assert_null(order_of(&w, ".shop.io"));
    world_close(&w);
    buf_release(&b);
}

// docs/rules/istio.md#bound-virtualservices
static void bound_and_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ns, *spec;
    } t[] = {
        // the oldest first, so that the order below is not that of age
        {"public", "apps", "hosts: [a.shop.io], gateways: [infra/edge]"},
        {"both", "apps", "hosts: [b.shop.io], gateways: [infra/edge], exportTo: [gw, '*']"},
        {"shared", "apps", "hosts: [c.shop.io], gateways: [infra/edge], exportTo: [gw]"},
        {"own", "gw", "hosts: [d.shop.io], gateways: [infra/edge], exportTo: [.]"},
        {"named", "gw", "hosts: [e.shop.io], gateways: [infra/edge], exportTo: [gw]"},
        {"young", "apps", "hosts: [f.shop.io], gateways: [infra/edge], exportTo: [gw, x]"},
        {"delegate", "apps", "gateways: [infra/edge]"},
        {"hidden", "apps", "hosts: [g.shop.io], gateways: [infra/edge], exportTo: [.]"},
        {"elsewhere", "apps", "hosts: [h.shop.io], gateways: [infra/other]"},
        {"inner", "apps",
         "hosts: [i.shop.io], http: [{match: [{gateways: [infra/edge]}], " TO("x") "}]"},
    };
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    buf_adds(&b, GATEWAY);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        buf_addf(
            &b,
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
            "metadata: {name: %s, namespace: %s, creationTimestamp: '2026-01-%02dT00:00:00Z'}\n"
            "spec: {%s}\n",
            t[i].name, t[i].ns, (int)i + 1, t[i].spec);
    }
    world_open(&w, b.data, 0);
    struct workload workload = {.ns = "gw"};
    const struct object *edge = mesh_get(&w.mesh, KIND_GATEWAY, "infra", "edge");
    const struct bound_virtualservices *found =
        bound_virtualservices_find(&w.mesh, &workload, OBJECT_AS(gateway, edge));
    buf_reset(&b);
    for (uint32_t i = 0; i < found->n; i++) {
        buf_addf(&b, "%s ", found->at[i]->o.name);
    }
    assert_string_equal(b.data, "own named shared young public both ");
    world_close(&w);
    buf_release(&b);
}

// --- one virtual host alone

// However many ports of a Service lead to one port of the pods, a server of another Gateway behind any of them takes
// the place (docs/rules/istio.md#gateway-order).
static void a_rival_on_any_port_is_found(void **state)
{
    (void)state;
    enum { PORTS = 40 };
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    buf_adds(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: ingress, namespace: infra}\n"
                 "spec: {selector: {istio: ingressgateway}, ports: [");
    for (int i = 0; i < PORTS; i++) {
        buf_addf(&b, "{name: p%d, port: %d, targetPort: 8443}, ", i, 9000 + i);
    }
    buf_adds(&b,
             "{name: https, port: 443, targetPort: 8443}]}\n---\napiVersion: v1\nkind: Pod\n"
             "metadata: {name: ingress-1, namespace: infra, labels: {istio: ingressgateway}}\n");
    buf_addf(
        &b,
        "---\napiVersion: networking.istio.io/v1\nkind: Gateway\n"
        "metadata: {name: first, namespace: infra, creationTimestamp: '2026-01-01T00:00:00Z'}\n"
        "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: %d, name: a, "
        "protocol: HTTP}, hosts: ['*']}]}\n",
        9000 + PORTS - 1);
    buf_adds(&b,
             "---\napiVersion: networking.istio.io/v1\nkind: Gateway\n"
             "metadata: {name: edge, namespace: infra, creationTimestamp: '2026-01-02T00:00:00Z'}\n"
             "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: b, "
             "protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: ['*.shop.io']}]}\n");
    world_open(&w, b.data, 0);
    struct str_pair label = {"istio", "ingressgateway"};
    struct str_map labels = {&label, 1};
    const struct workload *workload = workload_from_labels(&w.mesh, &labels);
    const struct object *edge = snapshot_get(w.snap, KIND_GATEWAY, "infra", "edge");
    const struct host_routes *h =
        host_routes_find(&w.mesh, workload, OBJECT_AS(gateway, edge), "www.shop.io");
    assert_non_null(h);
    assert_true(h->dropped);
    world_close(&w);
    buf_release(&b);
}

static void each_scenario(void (*f)(struct world *w))
{
    const char *root = corpus_dir();
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/trace", root);
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        if (str_ends(names[i]->d_name, ".json")) {
            (void)snprintf(path, sizeof path, "%s/trace/%s", root, names[i]->d_name);
            struct json *j = file_json(path);
            struct world w;
            world_open(&w, json_get_string(j, "objects"), 0);
            f(&w);
            world_close(&w);
            json_free(j);
        }
        free(names[i]);
    }
    free(names);
}

// Reads every text of a row: under the sanitizer this proves that none was forgotten with what it was made from.
static size_t read_all(const struct route_row *r)
{
    size_t n = strlen(r->host) + strlen(r->gateway) + strlen(r->action_text);
    const char *const texts[] = {r->name, r->match_name, r->reason, r->skip_text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        n += texts[i] != NULL ? strlen(texts[i]) : 0;
    }
    for (uint32_t i = 0; i < r->conditions.n; i++) {
        n += strlen(r->conditions.at[i]);
    }
    for (uint32_t i = 0; i < r->details.n; i++) {
        n += strlen(r->details.at[i]);
    }
    for (uint32_t i = 0; i < r->ntargets; i++) {
        n += strlen(r->targets[i].to.host) + strlen(r->targets[i].to.name);
        n += r->targets[i].to.subset != NULL ? strlen(r->targets[i].to.subset) : 0;
    }
    return n;
}

// Rows: orders count from 0 without gaps on each host and Gateway, and every entry of a VirtualService that is bound
// there has a row.
static int rows_seen;

static void rows_of_scenario(struct world *w)
{
    struct route_rows rows = {0};
    route_rows_all(&w->mesh, &rows);
    for (uint32_t i = 0; i < rows.n; i++) {
        const struct route_row *r = &rows.at[i];
        bool same = i > 0 && strcmp(rows.at[i - 1].host, r->host) == 0 &&
                    strcmp(rows.at[i - 1].gateway, r->gateway) == 0;
        if (r->order >= 0) {
            assert_int_equal(r->order, same ? rows.at[i - 1].order + 1 : 0);
            assert_null(r->skip_text);
        } else {
            assert_non_null(r->skip_text);
        }
        assert_true(r->state == VERDICT_OK || r->reason != NULL);
        assert_true(read_all(r) > 0);
        rows_seen++;
    }
}

static void rows(void **state)
{
    (void)state;
    rows_seen = 0;
    each_scenario(rows_of_scenario);
    print_message("# route rows over the corpus: %d\n", rows_seen);
    assert_true(rows_seen > 500);
}

static void shares(void **state)
{
    (void)state;
    struct world w;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, GATEWAY);
    buf_adds(&b, "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: "
                 "a, namespace: apps}\n"
                 "spec: {hosts: [www.shop.io], gateways: [infra/edge], http: ["
                 "{match: [{uri: {prefix: /cart}}], " TO(
                     "cart") "}, "
                             "{match: [{uri: {prefix: /cart/x}}], " TO(
                                 "dead") "}, "
                                         "{match: [{uri: {prefix: /old}}], redirect: {uri: /new}}, "
                                         "{match: [{uri: {prefix: /s}}], route: [{destination: "
                                         "{host: cart}, weight: 1}, {destination: {host: "
                                         "monolith}, weight: 1}]}, {" TO("monolith") "}]}\n");
    world_open(&w, b.data, 0);
    buf_release(&b);
    struct route_rows rows = {0};
    uint32_t n;
    route_rows_all(&w.mesh, &rows);
    assert_int_equal(rows.n, 5);
    const struct route_share *s = route_shares(&w.arena, rows.at, rows.n, &n);
    assert_int_equal(n, 3);
    assert_string_equal(s[0].destination, "cart.apps.svc.cluster.local");
    assert_true(s[0].percent > 37.4 && s[0].percent < 37.6);
    assert_false(s[0].rest);
    assert_string_equal(s[1].destination, "monolith.apps.svc.cluster.local");
    assert_int_equal(s[1].rules, 2);
    assert_true(s[1].rest);
    assert_string_equal(s[2].destination, "");
    world_close(&w);
}

// --- size

static void hundred_thousand_rules(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, GATEWAY);
    buf_adds(&b, "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
                 "metadata: {name: big, namespace: apps}\n"
                 "spec:\n  hosts: [www.shop.io]\n  gateways: [infra/edge]\n  http:\n");
    for (int i = 0; i < 100000; i++) {
        buf_addf(&b, "  - {match: [{uri: {prefix: /p%06d/}}], route: [{destination: {host: s}}]}\n",
                 i);
    }
    struct world w;
    world_open(&w, b.data, 0);
    buf_release(&b);
    clock_t from = clock(); // CPU time: the machine may be busy with other things
    struct str_pair label = {"istio", "ingressgateway"};
    struct str_map labels = {&label, 1};
    struct route_table *t = route_table_build(&w.mesh, workload_from_labels(&w.mesh, &labels));
    const struct http_table *table = string_map_get(&t->tables, "http.80");
    const struct virtual_host *v = virtual_host_set_find(&table->hosts, "www.shop.io");
    uint32_t n;
    const struct route *const *routes = virtual_host_routes(&w.arena, v, &n);
    assert_int_equal(n, 100000);
    const struct route **by = arena_alloc(&w.arena, n * sizeof *by);
    shadowed_routes_find(&w.arena, routes, n, by);
    for (uint32_t i = 0; i < n; i++) {
        assert_null(by[i]);
    }
    int ms = (int)((clock() - from) / (CLOCKS_PER_SEC / 1000));
    print_message("# 100,000 rules: table and dead rules in %d ms, arena %zu MB\n", ms,
                  w.arena.total >> 20);
    assert_true(ms < 20000);
    world_close(&w);
}

static void count_touch(void *self, uint64_t key)
{
    (void)key;
    (*(long *)self)++;
}

// The live chain asks for one virtual host at a time: what that costs must not grow with the cluster.
static void one_of_many(void **state)
{
    (void)state;
    enum { APPS = 3000 };
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "apiVersion: v1\nkind: Pod\nmetadata: {name: gw-0, namespace: istio-system, "
                 "labels: {istio: "
                 "ingressgateway}}\n");
    for (int i = 0; i < APPS; i++) {
        buf_addf(&b,
                 "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, "
                 "namespace: n%d}\n"
                 "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: h, "
                 "protocol: HTTP}, "
                 "hosts: [a%d.io], tls: {httpsRedirect: true}}, {port: {number: 443, name: s, "
                 "protocol: HTTPS}, "
                 "hosts: [a%d.io], tls: {mode: SIMPLE, credentialName: c}}]}\n"
                 "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: "
                 "v, namespace: n%d}\n"
                 "spec: {hosts: [a%d.io], gateways: [g], http: [{match: [{uri: {prefix: /a}}], "
                 "route: [{destination: "
                 "{host: s}}]}, {route: [{destination: {host: m}}]}]}\n",
                 i, i, i, i, i);
    }
    struct world w;
    world_open(&w, b.data, 0);
    buf_release(&b);
    long touches = 0;
    size_t most = 0;
    struct arena scratch;
    arena_init(&scratch);
    struct mesh m = {
        .snap = w.snap, .arena = &scratch, .touch = count_touch, .touch_self = &touches};
    clock_t from = clock();
    for (int i = 0; i < APPS; i++) {
        char ns[16];
        char host[16];
        uint32_t n;
        arena_clear(&scratch);
        (void)snprintf(ns, sizeof ns, "n%d", i);
        (void)snprintf(host, sizeof host, "a%d.io", i);
        const struct gateway *g = OBJECT_AS(gateway, mesh_get(&m, KIND_GATEWAY, ns, "g"));
        const struct workload *x = workloads_of_gateway(&m, g, &n);
        const struct host_routes *v = host_routes_find(&m, x, g, host);
        assert_non_null(v);
        assert_int_equal(v->server->port, 443);
        assert_int_equal(v->vhost.n, 1);
        most = scratch.total > most ? scratch.total : most;
    }
    double us = (double)(clock() - from) * 1e6 / CLOCKS_PER_SEC / APPS;
    print_message("# one virtual host of 3,000 applications: %.1f us, %ld look-ups, %zu bytes\n",
                  us, touches / APPS, most);
    assert_true(touches / APPS < 60);
    struct route_rows rows = {0};
    arena_clear(&scratch);
    from = clock();
    route_rows_all(&m, &rows);
    us = (double)(clock() - from) * 1e6 / CLOCKS_PER_SEC / APPS;
    print_message("# all rows of 3,000 applications: %.1f us and %zu bytes an application\n", us,
                  scratch.total / APPS);
    assert_int_equal(rows.n, 2 * APPS);
    arena_release(&scratch);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merging),
        cmocka_unit_test(catch_alls),
        cmocka_unit_test(skipped),
        cmocka_unit_test(made_once),
        cmocka_unit_test(ages),
        cmocka_unit_test(domains),
        cmocka_unit_test(hosts),
        cmocka_unit_test(bound_and_in_order),
        cmocka_unit_test(a_rival_on_any_port_is_found),
        cmocka_unit_test(rows),
        cmocka_unit_test(one_of_many),
        cmocka_unit_test(shares),
        cmocka_unit_test(hundred_thousand_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
