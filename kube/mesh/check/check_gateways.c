// SPDX-License-Identifier: Apache-2.0
// Gateways: their pods and ports, and what two of them share (IST0101, IST0138, IST0145, IST0162):
// docs/rules/istio.md#ist0101-selector, docs/rules/istio.md#ist0138, docs/rules/istio.md#ist0145,
// docs/rules/istio.md#ist0162.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/store/index.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/gateway_server.h"
#include "kube/mesh/route/workload_services.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAMED = 10 }; // of a long list of other Gateways

struct gateway_server_at { // a server and its Gateway
    const struct gateway *gateway;
    const struct server *server;
};

struct servers_at { // of one key
    struct gateway_server_at *at;
    uint32_t n, cap;
};

static void list_add(struct check *c, struct string_map *map, const char *key,
                     const struct gateway *g, const struct server *s)
{
    void **at = string_map_at(map, key);
    if (*at == NULL) {
        *at = arena_alloc(c->a, sizeof(struct servers_at));
    }
    struct servers_at *l = *at;
    *ARENA_PUSH(c->a, l->at, l->n, l->cap) = (struct gateway_server_at){g, s};
}

// --- pods, ports

static const char *selector_text(struct check *c, const struct gateway *g)
{
    return index_selector(c->a, &g->selector);
}

// The port numbers that the Services of a pod let in, sorted: numeric target ports, and the port numbers.
struct taken_ports {
    uint32_t *at;
    uint32_t n, cap;
};

static const void *find_taken_ports(const struct mesh *m, const void *question)
{
    const struct workload_services *services = workload_services_find(m, question);
    struct taken_ports *t = arena_alloc(m->arena, sizeof *t);
    for (uint32_t i = 0; i < services->n; i++) {
        for (uint32_t k = 0; k < services->at[i]->nports; k++) {
            const struct service_port *p = &services->at[i]->ports[k];
            if (p->protocol == NULL || str_eq(p->protocol, "TCP")) {
                *ARENA_PUSH(m->arena, t->at, t->n, t->cap) = p->port;
                *ARENA_PUSH(m->arena, t->at, t->n, t->cap) =
                    p->target_port != 0 ? p->target_port : p->port;
            }
        }
    }
    if (t->n > 1) {
        qsort(t->at, t->n, sizeof *t->at, number_compare_u32);
    }
    return t;
}

static bool takes_port(struct check *c, const struct workload *w, int64_t port)
{
    const char *name = mesh_answer_name(c->a, "taken ports", workload_key(c->a, w), NULL);
    const struct taken_ports *t = mesh_answer(c->m, name, find_taken_ports, w);
    uint32_t number = (uint32_t)port;
    return port >= 0 && port <= UINT32_MAX && t->n > 0 &&
           bsearch(&number, t->at, t->n, sizeof *t->at, number_compare_u32) != NULL;
}

static void check_ports(struct check *c, const struct gateway *g, const struct workload *w,
                        uint32_t nw)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        bool taken = false;
        for (uint32_t k = 0; k < nw && !taken; k++) {
            bool unknown = w[k].assumed || !absence_is_proof(c->m, KIND_SERVICE, w[k].ns);
            taken = unknown || takes_port(c, &w[k], g->servers[i].port);
        }
        if (!taken) {
            struct finding *f =
                check_add(c, "IST0162", &g->o, check_text(c, "spec.servers[%u].port.number", i),
                          "no Service in front of the pods (%s) has the port %lld",
                          selector_text(c, g), (long long)g->servers[i].port);
            check_hint(c, f, "add the port to the gateway's Service, or use one of its ports");
        }
    }
}

// --- IST0145: the same host on the same port in two Gateways

static const char *bind_of(const struct server *s)
{
    return str_or_empty(s->bind);
}

static const char *host_place(struct check *c, const struct server *s, const char *host)
{
    return check_text(c, "%lld|%s|%s", (long long)s->port, bind_of(s), host);
}

static bool some_pod_has_both(struct check *c, const struct gateway *a, const struct gateway *b)
{
    uint32_t n;
    const struct workload *w = workloads_of_gateway(c->m, a, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (gateway_selects(a, &w[i]) && gateway_selects(b, &w[i])) {
            return true;
        }
    }
    return false;
}

// As istioctl compares selectors, whose text is "a=x,b=y": one contains the other (docs/rules/istio.md#ist0145).
static bool meet_on_pods(struct check *c, const struct gateway *a, const struct gateway *b)
{
    const char *x = selector_text(c, a), *y = selector_text(c, b);
    if (strcmp(x, y) == 0) {
        return true;
    }
    return (strstr(x, y) != NULL || strstr(y, x) != NULL) && some_pod_has_both(c, a, b);
}

struct other_gateways { // Gateways that conflict with one server, each once
    const struct gateway *at[MAX_NAMED];
    uint32_t n, more;
};

static void others_add(struct other_gateways *o, const struct gateway *g)
{
    for (uint32_t i = 0; i < o->n; i++) {
        if (o->at[i] == g) {
            return;
        }
    }
    if (o->n == MAX_NAMED) {
        o->more++;
        return;
    }
    o->at[o->n++] = g;
}

static const char *others_text(struct check *c, const struct other_gateways *o)
{
    struct buf b;
    buf_init(&b, 4096);
    for (uint32_t i = 0; i < o->n; i++) {
        buf_addf(&b, "%s%s/%s", i > 0 ? ", " : "", o->at[i]->o.ns, o->at[i]->o.name);
    }
    if (o->more > 0) {
        buf_addf(&b, " and more");
    }
    return buf_take_arena(&b, c->a);
}

// Do two servers of one host and port become one virtual host with the rules of both
// (docs/rules/istio.md#ist0145)?
static bool servers_share(const struct server *a, const struct server *b)
{
    return server_family_of(a) == FAMILY_HTTP && server_family_of(b) == FAMILY_HTTP &&
           server_redirects(a) == server_redirects(b);
}

struct host_rivals { // of one server
    struct other_gateways conflicting, sharing;
};

static void find_rivals(struct check *c, const struct string_map *hosts, const struct gateway *g,
                        const struct server *s, struct host_rivals *out)
{
    for (uint32_t h = 0; h < s->hosts.n; h++) {
        const struct servers_at *l = string_map_get(hosts, host_place(c, s, s->hosts.at[h]));
        for (uint32_t k = 0; l != NULL && k < l->n && out->conflicting.n < MAX_NAMED; k++) {
            const struct gateway_server_at *other = &l->at[k];
            if (other->gateway != g && meet_on_pods(c, g, other->gateway)) {
                others_add(servers_share(s, other->server) ? &out->sharing : &out->conflicting,
                           other->gateway);
            }
        }
    }
}

static void check_conflicts(struct check *c, const struct string_map *hosts,
                            const struct gateway *g)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        struct host_rivals found = {0};
        find_rivals(c, hosts, g, s, &found);
        const struct other_gateways *named =
            found.conflicting.n > 0 ? &found.conflicting : &found.sharing;
        if (named->n == 0) {
            continue;
        }
        const char *path = check_text(c, "spec.servers[%u].hosts", i);
        const char *what =
            check_text(c,
                       "the same hosts on the same port as Gateway %s (selector %s, port %lld, "
                       "hosts %s)",
                       others_text(c, named), selector_text(c, g), (long long)s->port,
                       check_list(c, &s->hosts));
        if (named == &found.sharing) {
            check_add_harmless(c, "IST0145", &g->o, path, what);
        } else {
            check_hint(c, check_add(c, "IST0145", &g->o, path, "%s", what),
                       "let one Gateway have the host, or put its namespace before it: %s/<host>",
                       g->o.ns);
        }
    }
}

// --- IST0138: one certificate on two Gateways

static const char *certificate_key(struct check *c, const struct server_tls *tls)
{
    if (tls == NULL) {
        return NULL;
    }
    if (!str_empty(tls->credential_name)) {
        return check_text(c, "c %s", tls->credential_name);
    }
    if (!str_empty(tls->more->server_certificate) && !str_empty(tls->more->private_key)) {
        return check_text(c, "f %s %s", tls->more->server_certificate, tls->more->private_key);
    }
    return NULL;
}

static void check_shared_certificates(struct check *c, const struct string_map *certificates,
                                      const struct gateway *g)
{
    struct other_gateways found = {.n = 0};
    for (uint32_t i = 0; i < g->nservers; i++) {
        const char *key = certificate_key(c, g->servers[i].tls);
        const struct servers_at *l = key != NULL ? string_map_get(certificates, key) : NULL;
        for (uint32_t k = 0; l != NULL && k < l->n && found.n < MAX_NAMED; k++) {
            // every label of this selector is in the other's
            const struct gateway *other = l->at[k].gateway;
            if (other != g && labels_match(&g->selector, &other->selector)) {
                others_add(&found, other);
            }
        }
    }
    if (found.n > 0) {
        struct finding *f =
            check_add(c, "IST0138", &g->o, NULL,
                      "shares a certificate with Gateway %s: browsers reuse one HTTP/2 connection "
                      "for both and get 404",
                      others_text(c, &found));
        check_hint(c, f,
                   "use one Gateway for the hosts of one certificate, or a certificate for each");
    }
}

// The Gateways by host, port and bind, and by certificate.
static void index_gateway(struct check *c, struct string_map *hosts,
                          struct string_map *certificates, const struct gateway *g)
{
    // Only the last server of a Gateway on a port is remembered, as the analyzer does.
    struct string_map last; // port -> struct server
    string_map_init(&last, c->a);
    for (uint32_t i = 0; i < g->nservers; i++) {
        string_map_put(&last, check_text(c, "%lld", (long long)g->servers[i].port), &g->servers[i]);
    }
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        bool is_last = string_map_get(&last, check_text(c, "%lld", (long long)s->port)) == s;
        for (uint32_t h = 0; is_last && h < s->hosts.n; h++) {
            list_add(c, hosts, host_place(c, s, s->hosts.at[h]), g, s);
        }
        const char *key = certificate_key(c, s->tls);
        if (key != NULL) {
            list_add(c, certificates, key, g, s);
        }
    }
}

void check_gateways(struct check *c)
{
    struct string_map hosts, certificates;
    string_map_init(&hosts, c->a);
    string_map_init(&certificates, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        index_gateway(c, &hosts, &certificates, OBJECT_AS(gateway, all[i]));
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        uint32_t nw;
        const struct workload *w = workloads_of_gateway(c->m, g, &nw);
        if (nw == 0 || w[0].down) {
            struct finding *f =
                check_add(c, "IST0101", &g->o, "spec.selector",
                          "the selector \"%s\" selects no pod", selector_text(c, g));
            if (nw == 0) {
                check_hint(c, f,
                           "no gateway serves these hosts: write the labels of the gateway's pods");
            } else {
                check_hint(c, f, "the labels are those of %s/%s, of which no pod runs: start one",
                           w[0].ns, w[0].name);
            }
        } else {
            check_ports(c, g, w, nw);
        }
        check_conflicts(c, &hosts, g);
        check_shared_certificates(c, &certificates, g);
    }
}
