// SPDX-License-Identifier: Apache-2.0
// Properties of traces over random configurations: the order of documents does not matter, another host's
// VirtualService changes nothing, the live virtual host says what the whole table says.
#include "kube/base/text.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/route_match.h"
#include "kube/mesh/trace/trace.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static uint64_t seed = 4711;

static uint32_t pick(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(seed >> 33) % n;
}

#define PICK(list) list[pick((uint32_t)(sizeof list / sizeof *list))]

enum { MAX_DOCUMENTS = 24 };
struct documents {
    char *at[MAX_DOCUMENTS];
    int n;
};

static void add_gateway(struct documents *d, int i)
{
    static const char *const hosts[] = {
        "'*'",   "'*.shop.io'",    "www.shop.io", "api.shop.io, www.shop.io", "apps/*.shop.io",
        "'./*'", "'*/www.shop.io'"};
    static const char *const servers[] = {
        "{port: {number: 80, name: http, protocol: HTTP}, hosts: [%s]}",
        "{port: {number: 80, name: http, protocol: HTTP}, tls: {httpsRedirect: true}, hosts: [%s]}",
        "{port: {number: 8080, name: http2, protocol: HTTP2}, hosts: [%s]}",
        ("{port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, "
         "hosts: [%s]}"),
        "{port: {number: 80, name: tcp, protocol: TCP}, hosts: [%s]}"};
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g%d, "
             "namespace: %s, "
             "creationTimestamp: '2026-01-0%uT00:00:00Z'}\nspec: {selector: {istio: "
             "ingressgateway}, servers: [",
             i, pick(2) == 0 ? "apps" : "infra", 1 + pick(3));
    uint32_t n = 1 + pick(2);
    for (uint32_t k = 0; k < n; k++) {
        char server[512];
        // The weights keep a plain port the usual case.
        const char *form = pick(3) > 0 ? servers[0] : PICK(servers);
        (void)snprintf(server, sizeof server, "%.200s", form);
        char *mark = strstr(server, "%s");
        *mark = '\0';
        buf_addf(&b, "%s%s%s%s", k > 0 ? ", " : "", server, PICK(hosts), mark + 2);
    }
    buf_adds(&b, "]}\n");
    d->at[d->n++] = buf_take(&b);
}

static void add_match(struct buf *b)
{
    static const char *const uris[] = {"prefix: /",  "prefix: /a",  "exact: /a", "regex: '/a.*'",
                                       "prefix: ''", "exact: /b/c", "prefix: /b"};
    static const char *const more[] = {"",
                                       ", method: {exact: POST}",
                                       ", headers: {x: {exact: a}}",
                                       ", queryParams: {q: {}}",
                                       ", port: 80",
                                       ", gateways: [apps/g0]",
                                       ", ignoreUriCase: true",
                                       ", withoutHeaders: {x: {}}",
                                       ", sourceLabels: {app: none}"};
    buf_addf(b, "{uri: {%s}%s}", PICK(uris), PICK(more));
}

static void add_virtualservice(struct documents *d, int i, const char *host)
{
    static const char *const actions[] = {
        "route: [{destination: {host: s1}}]",
        "route: [{destination: {host: s2}}]",
        "redirect: {uri: /r}",
        "directResponse: {status: 418}",
        "route: [{destination: {host: s1}, weight: 1}, {destination: {host: s2}, weight: 2}]",
        "delegate: {name: d0, namespace: apps}"};
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v%d, "
             "namespace: %s, "
             "creationTimestamp: '2026-01-0%uT00:00:00Z'}\nspec:\n  hosts: [%s]\n  gateways: "
             "[apps/g0, infra/g1, "
             "apps/g2, infra/g0]\n%s  http:\n",
             i, pick(2) == 0 ? "apps" : "web", 1 + pick(4), host,
             pick(5) == 0 ? "  exportTo: [istio-system]\n" : "");
    uint32_t n = 1 + pick(4);
    for (uint32_t k = 0; k < n; k++) {
        buf_adds(&b, "  - {");
        if (pick(5) > 0) {
            uint32_t matches = 1 + pick(2);
            buf_adds(&b, "match: [");
            for (uint32_t m = 0; m < matches; m++) {
                buf_adds(&b, m > 0 ? ", " : "");
                add_match(&b);
            }
            buf_adds(&b, "], ");
        }
        buf_addf(&b, "%s}\n", PICK(actions));
    }
    d->at[d->n++] = buf_take(&b);
}

static void random_documents(struct documents *d)
{
    static const char *const hosts[] = {"www.shop.io", "'*.shop.io'", "'*'", "api.shop.io",
                                        "www.shop.io, api.shop.io"};
    d->n = 0;
    for (int i = 0; i < 3; i++) {
        add_gateway(d, i);
    }
    uint32_t n = 2 + pick(6);
    for (uint32_t i = 0; i < n; i++) {
        add_virtualservice(d, (int)i, PICK(hosts));
    }
    d->at[d->n++] = xstrdup(
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d0, "
        "namespace: apps}\nspec: {http: [{match: [{uri: {prefix: /a/d}}], route: [{destination: "
        "{host: s2}}]}, {match: [{uri: {prefix: /b}}], directResponse: {status: 200}}]}\n");
    d->at[d->n++] = xstrdup(
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s1, namespace: apps}\nspec: {ports: "
        "[{port: 80}]}\n");
}

static void free_documents(struct documents *d)
{
    for (int i = 0; i < d->n; i++) {
        free(d->at[i]);
    }
}

static void shuffle(struct documents *d)
{
    for (int i = d->n - 1; i > 0; i--) {
        int j = (int)pick((uint32_t)i + 1);
        char *t = d->at[i];
        d->at[i] = d->at[j];
        d->at[j] = t;
    }
}

static void open_documents(struct world *w, const struct documents *d)
{
    struct buf b;
    buf_init(&b, 0);
    for (int i = 0; i < d->n; i++) {
        buf_adds(&b, d->at[i]);
    }
    world_open(w, b.data, 0);
    buf_release(&b);
}

static struct route_table *table_of(struct world *w)
{
    static const struct str_pair label = {"istio", "ingressgateway"};
    struct str_map labels = {&label, 1};
    return route_table_build(&w->mesh, workload_from_labels(&w->mesh, &labels));
}

// Some requests' answers as one text; `host` NULL: of several hosts.
static char *answers(struct world *w, const char *only_host)
{
    static const char *const hosts[] = {"www.shop.io", "api.shop.io", "x.shop.io", "other.io"};
    static const char *const paths[] = {"/", "/a", "/a/d?q=1", "/A", "/b/c", "/zzz"};
    struct route_table *t = table_of(w);
    struct str_pair x = {"x", "a"};
    struct buf b;
    buf_init(&b, 0);
    for (size_t h = 0; h < sizeof hosts / sizeof *hosts; h++) {
        for (size_t p = 0; p < sizeof paths / sizeof *paths && (only_host == NULL || h == 0); p++) {
            for (uint32_t k = 0; k < 6; k++) {
                struct trace_request q = {.method = k % 3 == 1 ? "POST" : "GET",
                                          .scheme = k >= 3 ? "https" : "http",
                                          .host = only_host != NULL ? only_host : hosts[h],
                                          .path = paths[p],
                                          .port = k >= 3 ? 443 : 80,
                                          .headers = {&x, k % 3 == 2}};
                struct trace_result r = trace_run(t, &w->mesh, &q);
                trace_write_json(&r, &q, &b);
                buf_addc(&b, '\n');
            }
        }
    }
    return buf_take(&b);
}

static void order_of_documents(void **state)
{
    (void)state;
    for (int round = 0; round < 150; round++) {
        struct documents d;
        struct world w;
        random_documents(&d);
        open_documents(&w, &d);
        char *first = answers(&w, NULL);
        world_close(&w);
        shuffle(&d);
        open_documents(&w, &d);
        char *second = answers(&w, NULL);
        world_close(&w);
        assert_string_equal(first, second);
        free(first);
        free(second);
        free_documents(&d);
    }
    print_message("# 150 random configurations: the order of documents changes no answer\n");
}

// A VirtualService for one plain host leaves all other hosts as they are. (Its routes may still end up in a virtual
// host of that name only.)
static void another_host(void **state)
{
    (void)state;
    for (int round = 0; round < 150; round++) {
        struct documents d;
        struct world w;
        random_documents(&d);
        open_documents(&w, &d);
        char *first = answers(&w, NULL);
        world_close(&w);
        add_virtualservice(&d, 90, "fresh.shop.io");
        open_documents(&w, &d);
        char *second = answers(&w, NULL);
        world_close(&w);
        assert_string_equal(first, second);
        free(first);
        free(second);
        free_documents(&d);
    }
    print_message("# 150 random configurations: another host's VirtualService changes no answer\n");
}

static int compared;

static bool serves(struct arena *a, const struct gateway_server *s, const char *domain)
{
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        const char *slash = strchr(s->hosts.at[i], '/');
        if (host_within(domain, str_lower(a, slash != NULL ? slash + 1 : s->hosts.at[i]))) {
            return true;
        }
    }
    return false;
}

static void compare_vhosts(struct world *w)
{
    struct route_table *t = table_of(w);
    for (uint32_t i = 0; i < t->tables.cap; i++) {
        const struct http_table *table =
            t->tables.slots[i].key != NULL ? t->tables.slots[i].value : NULL;
        for (uint32_t k = 0; table != NULL && k < table->hosts.by_domain.cap; k++) {
            const struct virtual_host *v = table->hosts.by_domain.slots[k].value;
            for (uint32_t s = 0; table->hosts.by_domain.slots[k].key != NULL && s < table->nservers;
                 s++) {
                const struct host_routes *a =
                    host_routes_find(&w->mesh, t->workload, table->servers[s]->gateway, v->domain);
                // A kept server that serves the domain: its Gateway's answer is not "lost".
                if (serves(&w->arena, table->servers[s], v->domain)) {
                    assert_non_null(a);
                    assert_false(a->dropped);
                }
                if (a == NULL || a->dropped || a->server->listen != table->servers[0]->listen ||
                    a->server->family != table->servers[0]->family ||
                    (a->server->family == FAMILY_HTTPS &&
                     a->server->server != table->servers[0]->server)) {
                    continue;
                }
                struct virtual_host_iter x;
                struct virtual_host_iter y;
                const struct route *p;
                virtual_host_begin(&x, v);
                virtual_host_begin(&y, &a->vhost);
                do {
                    p = virtual_host_next(&x);
                    const struct route *q = virtual_host_next(&y);
                    assert_int_equal(p == NULL, q == NULL);
                    if (p != NULL) {
                        assert_ptr_equal(p->vs, q->vs);
                        assert_ptr_equal(p->gateway, q->gateway);
                        assert_int_equal(p->index * 100 + (uint32_t)p->match_index,
                                         q->index * 100 + (uint32_t)q->match_index);
                    }
                } while (p != NULL);
                assert_int_equal(v->https_redirect, a->vhost.https_redirect);
                compared++;
            }
        }
    }
}

static void live_virtual_hosts(void **state)
{
    (void)state;
    compared = 0;
    for (int round = 0; round < 400; round++) {
        struct documents d;
        struct world w;
        random_documents(&d);
        open_documents(&w, &d);
        compare_vhosts(&w);
        world_close(&w);
        free_documents(&d);
    }
    print_message(
        "# 400 random configurations: %d virtual hosts made alone are those of the table\n",
        compared);
    assert_true(compared > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(order_of_documents),
                                       cmocka_unit_test(another_host),
                                       cmocka_unit_test(live_virtual_hosts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
