// SPDX-License-Identifier: Apache-2.0
// Properties of traces over random configurations: the order of documents does not matter, another host's
// VirtualService changes nothing, and virtual hosts are those of a model that compares every pair of hosts.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/bound_virtualservices.h"
#include "kube/mesh/route/host_routes.h"
#include "kube/mesh/route/rejected_route_table.h"
#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_json.h"

#include "tests/support/pick.h"
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

enum { MAX_DOCUMENTS = 96 };
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
        "{port: {number: 80, name: tcp, protocol: TCP}, hosts: [%s]}",
        "{port: {number: 80, name: b, protocol: HTTP}, bind: 10.0.0.1, hosts: [%s]}",
        ("{port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: d}, "
         "bind: 10.0.0.1, hosts: [%s]}")};
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
        // Chosen so that a plain port is the usual case.
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

// Rules that do nothing, and redirects for which Envoy refuses the table: of all hosts.
static bool odd_rules;
// So many VirtualServices that those of one Gateway are found by their hosts instead of one by one.
static bool many_services;

static void add_virtualservice(struct documents *d, int i, const char *host)
{
    static const char *const actions[] = {
        "route: [{destination: {host: s1}}]",
        "route: [{destination: {host: s2}}]",
        "redirect: {uri: /r}",
        "directResponse: {status: 418}",
        "route: [{destination: {host: s1}, weight: 1}, {destination: {host: s2}, weight: 2}]",
        "delegate: {name: d0, namespace: apps}"};
    static const char *const unusable[] = {"redirect: {uri: /r, redirectCode: 305}",
                                           "name: nothing"};
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
        bool odd = odd_rules && pick(12) == 0;
        buf_addf(&b, "%s}\n", odd ? PICK(unusable) : PICK(actions));
    }
    d->at[d->n++] = buf_take(&b);
}

static void random_documents(struct documents *d)
{
    static const char *const hosts[] = {
        "www.shop.io", "'*.shop.io'", "'*'", "api.shop.io", "www.shop.io, api.shop.io",
        "'*.io'",      "'*op.io'"};
    d->n = 0;
    for (int i = 0; i < 3; i++) {
        add_gateway(d, i);
    }
    uint32_t n = 2 + pick(6) + (many_services ? 70 : 0);
    for (uint32_t i = 0; i < n; i++) {
        add_virtualservice(d, (int)i, PICK(hosts));
    }
    const char *last = odd_rules && pick(6) == 0 ? "redirect: {redirectCode: 399}"
                                                 : "directResponse: {status: 200}";
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d0, "
             "namespace: apps}\nspec: {http: [{match: [{uri: {prefix: /a/d}}], route: "
             "[{destination: {host: s2}}]}, {match: [{uri: {prefix: /b}}], %s}]}\n",
             last);
    d->at[d->n++] = buf_take(&b);
    d->at[d->n++] = xstrdup(
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s1, namespace: apps}\nspec: {ports: "
        "[{port: 80}]}\n");
    // In front of the gateway: two port numbers that lead to one port, as charts of Istio have it.
    if (pick(3) == 0) {
        d->at[d->n++] = xstrdup(
            "---\napiVersion: v1\nkind: Service\nmetadata: {name: in, namespace: istio-system}\n"
            "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, targetPort: 8080}, "
            "{port: 8080}, {port: 443}]}\n");
    }
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

// How many virtual hosts were compared, and of those made alone how many have no routes.
static struct {
    int compared, empty, refused;
} vhosts;

static void same_route(const struct route *p, const struct route *q)
{
    assert_ptr_equal(p->vs, q->vs);
    assert_ptr_equal(p->delegate, q->delegate);
    assert_ptr_equal(p->gateway, q->gateway);
    assert_int_equal(p->index, q->index);
    assert_int_equal(p->match_index, q->match_index);
    assert_int_equal(p->delegate_index, q->delegate_index);
    assert_int_equal(p->port, q->port);
    assert_int_equal(p->catch_all, q->catch_all);
}

// The route for which Envoy refuses the table is the same in both.
static void same_refusal(const struct http_table *table, const struct host_routes *alone)
{
    if (table->refused == NULL) {
        assert_null(alone->refused);
    } else {
        assert_non_null(alone->refused);
        same_route(table->refused->route, alone->refused->route);
        vhosts.refused++;
    }
}

static void same_routes(const struct virtual_host *v, const struct virtual_host *other)
{
    struct virtual_host_iter x;
    struct virtual_host_iter y;
    const struct route *p;
    virtual_host_begin(&x, v);
    virtual_host_begin(&y, other);
    do {
        p = virtual_host_next(&x);
        const struct route *q = virtual_host_next(&y);
        assert_int_equal(p == NULL, q == NULL);
        if (p != NULL && q != NULL) {
            same_route(p, q);
        }
    } while (p != NULL);
    assert_int_equal(v->https_redirect, other->https_redirect);
    if (v->https_redirect) {
        assert_ptr_equal(v->redirect_server->server, other->redirect_server->server);
    }
    vhosts.compared++;
}

// --- the model: servers and VirtualServices in the order of merging, and every pair of their hosts

struct model_table {
    struct string_map by_domain; // domain -> struct virtual_host
    struct string_map made;      // "GATEWAY VIRTUALSERVICE" -> struct vs_routes
    const struct route *no_action;
};

static struct virtual_host *model_host(struct arena *a, struct model_table *t, const char *domain,
                                       const struct gateway_server *s)
{
    void **at = string_map_at(&t->by_domain, domain);
    if (*at == NULL) {
        struct virtual_host *v = arena_alloc(a, sizeof *v);
        *v = (struct virtual_host){.domain = domain, .server = s};
        *at = v;
    }
    return *at;
}

// The routes of a VirtualService on a Gateway, made for the first server of the table on which there are some.
static const struct vs_routes *model_routes(struct world *w, struct model_table *t,
                                            const struct workload *x,
                                            const struct virtualservice *vs,
                                            const struct gateway_server *s)
{
    struct arena *a = &w->arena;
    void **at = string_map_at(
        &t->made, arena_printf(a, "%s %s", object_id(a, &s->gateway->o), object_id(a, &vs->o)));
    if (*at == NULL) {
        struct vs_routes *r = vs_routes_build(&w->mesh, vs, s, x);
        if (r->n == 0 && r->catch_all == NULL) {
            return NULL;
        }
        *at = r;
        t->no_action = t->no_action != NULL ? t->no_action : r->no_action;
    }
    return *at;
}

static void model_feed(struct world *w, struct model_table *t, const struct workload *x,
                       const struct virtualservice *vs, const struct gateway_server *s)
{
    struct arena *a = &w->arena;
    struct string_map seen;
    string_map_init(&seen, a);
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        const char *server_host = host_for_namespace(s->hosts.at[i], vs->o.ns);
        for (uint32_t k = 0; server_host != NULL && k < vs->hosts.n; k++) {
            const char *both = host_narrower(name_fqdn(a, vs->hosts.at[k], vs->o.ns), server_host);
            const struct vs_routes *r = both != NULL ? model_routes(w, t, x, vs, s) : NULL;
            if (r == NULL || !string_map_add(&seen, str_lower(a, both))) {
                continue;
            }
            struct virtual_host *v = model_host(a, t, str_lower(a, both), s);
            virtual_host_add(a, v, r);
            if (server_redirects(s->server)) {
                virtual_host_redirect(v, s);
            }
        }
    }
}

static void model_build(struct world *w, const struct route_table *t, const char *table,
                        struct model_table *out)
{
    struct arena *a = &w->arena;
    *out = (struct model_table){.no_action = NULL};
    string_map_init(&out->by_domain, a);
    string_map_init(&out->made, a);
    for (uint32_t i = 0; i < t->gateways->nservers; i++) {
        const struct gateway_server *s = &t->gateways->servers[i];
        if (s->fate != SERVER_KEPT || !str_eq(s->table, table)) {
            continue;
        }
        const struct bound_virtualservices *b =
            bound_virtualservices_find(&w->mesh, t->workload, s->gateway);
        for (uint32_t k = 0; k < b->n; k++) {
            model_feed(w, out, t->workload, b->at[k], s);
        }
        for (uint32_t h = 0; server_redirects(s->server) && h < s->hosts.n; h++) {
            if (strchr(s->hosts.at[h], '/') == NULL) {
                virtual_host_redirect(model_host(a, out, str_lower(a, s->hosts.at[h]), s), s);
            }
        }
    }
}

static void table_is_the_model(struct world *w, const struct route_table *t,
                               const struct http_table *table)
{
    struct model_table model;
    model_build(w, t, table->name, &model);
    assert_int_equal(model.by_domain.n, table->hosts.by_domain.n);
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&model.by_domain, &at)) != NULL;) {
        const struct virtual_host *v = string_map_get(&table->hosts.by_domain, s->key);
        assert_non_null(v);
        same_routes(s->value, v);
        const struct virtual_host *expect = s->value;
        assert_ptr_equal(expect->server->server, v->server->server);
    }
    if (table->refused == NULL) {
        assert_null(model.no_action);
    } else {
        assert_non_null(model.no_action);
        same_route(model.no_action, table->refused->route);
    }
}

// Every virtual host of the table is what each of the table's Gateways that serve it makes alone.
static void table_is_made_alone(struct world *w, const struct route_table *t,
                                const struct http_table *table)
{
    uint32_t at = 0;
    for (const struct string_map_slot *s;
         (s = string_map_next(&table->hosts.by_domain, &at)) != NULL;) {
        const struct virtual_host *v = s->value;
        for (uint32_t i = 0; i < table->nservers; i++) {
            const struct gateway *g = table->servers[i]->gateway;
            const struct host_routes *h = host_routes_find(&w->mesh, t->workload, g, v->domain);
            // A kept server that serves the domain: its Gateway's answer is not "lost".
            struct server_list covering =
                gateway_hosts_covering(gateway_hosts_find(&w->mesh, g), &w->arena, v->domain);
            if (server_list_has(&covering, table->servers[i]->index)) {
                assert_non_null(h);
                assert_false(h->dropped);
            }
            if (h != NULL && !h->dropped &&
                gateway_server_same_table(h->server, table->servers[0])) {
                same_routes(v, &h->vhost);
                same_refusal(table, h);
            }
        }
    }
}

// What a Gateway makes alone for any host is in the table of its server.
static void alone_is_in_table(struct world *w, const struct route_table *t, const struct gateway *g,
                              const char *host)
{
    const struct host_routes *h = host_routes_find(&w->mesh, t->workload, g, host);
    if (h == NULL) {
        return;
    }
    uint32_t at = 0;
    while (at < t->gateways->nservers && t->gateways->servers[at].server != h->server->server) {
        at++;
    }
    assert_true(at < t->gateways->nservers);
    const struct gateway_server *same = &t->gateways->servers[at];
    assert_int_equal(same->fate, h->server->fate);
    assert_int_equal(h->dropped, same->fate != SERVER_KEPT);
    if (h->dropped) {
        return;
    }
    assert_true(gateway_server_same_table(same, h->server));
    same_refusal(route_table_of(t, same), h);
    const struct virtual_host *v =
        string_map_get(&route_table_of(t, same)->hosts.by_domain, h->vhost.domain);
    if (h->vhost.n > 0 || h->vhost.https_redirect) {
        assert_non_null(v);
        same_routes(v, &h->vhost);
    } else {
        assert_null(v);
        vhosts.empty++;
    }
}

// Servers have one table where its names are equal.
static void same_tables(struct world *w, const struct merged_gateways *g)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const char *x = gateway_server_table(&w->arena, &g->servers[i]);
        for (uint32_t k = 0; k < g->nservers; k++) {
            const char *y = gateway_server_table(&w->arena, &g->servers[k]);
            assert_int_equal(gateway_server_same_table(&g->servers[i], &g->servers[k]),
                             x != NULL && str_eq(x, y));
        }
    }
}

static void compare_vhosts(struct world *w)
{
    static const char *const hosts[] = {"www.shop.io", "api.shop.io", "*.shop.io",  "*",
                                        "x.shop.io",   "other.io",    "WWW.shop.io"};
    struct route_table *t = table_of(w);
    same_tables(w, t->gateways);
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&t->tables, &at)) != NULL;) {
        table_is_the_model(w, t, s->value);
        table_is_made_alone(w, t, s->value);
    }
    uint32_t n;
    const struct object *const *all = mesh_all(&w->mesh, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        for (size_t k = 0; k < ARRAY_COUNT(hosts); k++) {
            alone_is_in_table(w, t, OBJECT_AS(gateway, all[i]), hosts[k]);
        }
    }
}

static void virtual_hosts(void **state)
{
    (void)state;
    for (int round = 0; round < 600; round++) {
        struct documents d;
        struct world w;
        odd_rules = round % 3 == 0;
        many_services = round % 50 == 0;
        random_documents(&d);
        open_documents(&w, &d);
        compare_vhosts(&w);
        world_close(&w);
        free_documents(&d);
    }
    print_message(
        "# 600 random configurations: %d virtual hosts are those of the model and, made alone, of the "
        "table, %d have no routes in both, the table of %d is refused in both\n",
        vhosts.compared, vhosts.empty, vhosts.refused);
    assert_true(vhosts.compared > 5000 && vhosts.empty > 100 && vhosts.refused > 500);
    odd_rules = many_services = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(order_of_documents),
                                       cmocka_unit_test(another_host),
                                       cmocka_unit_test(virtual_hosts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
