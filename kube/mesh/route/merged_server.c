// SPDX-License-Identifier: Apache-2.0
// Merges a server with the Gateways that could take its place.
//
// Those are Gateways with a server of another family on the same port, and for TLS those with one of its hosts. Servers
// with the same rivals share one merge of them.
#include "kube/mesh/route/merged_server.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/merged_gateways.h"

#include <stdlib.h>
#include <string.h>

// The index entries that hold the rivals of a server.
struct rival_query {
    const struct mesh *m;
    const struct workload *w;
    const struct gateway_server *server;
    struct str_array ports; // in text: the numbers that lead to the port that the server listens on
    const char *families[3];
    uint32_t nfamilies;
    struct str_array hosts; // of a TLS server, in lower case: those that other Gateways have, too
};

static void add_port(struct rival_query *q, uint32_t port)
{
    str_array_add(q->m->arena, &q->ports, arena_printf(q->m->arena, "%u", port));
}

static void find_ports(struct rival_query *q, const struct workload_services *services)
{
    const struct gateway_server *s = q->server;
    add_port(q, s->port);
    if (s->listen != s->port && workload_listen_port(services, s->listen) == s->listen) {
        add_port(q, s->listen);
    }
    uint32_t n;
    const struct service_number *numbers = workload_numbers(services, s->listen, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (numbers[i].port != s->port && numbers[i].port != s->listen) {
            add_port(q, numbers[i].port);
        }
    }
}

static uint32_t count(const struct mesh *m, enum index_kind i, const char *a, const char *b)
{
    uint32_t n;
    (void)mesh_index(m, i, a, b, &n);
    return n;
}

// How many Gateways have a server of that family on one of the ports.
static uint32_t on_ports(const struct rival_query *q, const char *family)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->ports.n; i++) {
        n += count(q->m, INDEX_GATEWAY_BY_PORT, q->ports.at[i], family);
    }
    return n;
}

static void find_families(struct rival_query *q)
{
    bool http = q->server->family == FAMILY_HTTP;
    const char *other = http ? "tls" : "http";
    if (on_ports(q, "tcp") + on_ports(q, other) == 0) {
        return; // servers of the same family share the port, unless it has others as well
    }
    q->families[q->nfamilies++] = "tcp";
    q->families[q->nfamilies++] = other;
    q->families[q->nfamilies++] = http ? "http" : "tls";
}

static void find_hosts(struct rival_query *q)
{
    const struct server *s = q->server->server;
    struct arena *a = q->m->arena;
    for (uint32_t h = 0; s->tls != NULL && h < s->hosts.n; h++) {
        const char *host = str_lower(a, name_without_ns(s->hosts.at[h]));
        if (count(q->m, INDEX_GATEWAY_BY_HOST, host, "") > 1) { // one is the Gateway itself
            str_array_add(a, &q->hosts, host);
        }
    }
    str_array_sort_unique(&q->hosts);
}

struct rivals {
    const struct object **at;
    uint32_t n, cap;
};

static void add_rivals(const struct mesh *m, struct rivals *r, enum index_kind i, const char *a,
                       const char *b)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, i, a, b, &n);
    for (uint32_t k = 0; k < n; k++) {
        *ARENA_PUSH(m->arena, r->at, r->n, r->cap) = at[k];
    }
}

static const void *merge_rivals(const struct mesh *m, const void *question)
{
    const struct rival_query *q = question;
    struct rivals r = {0};
    for (uint32_t f = 0; f < q->nfamilies; f++) {
        for (uint32_t i = 0; i < q->ports.n; i++) {
            add_rivals(m, &r, INDEX_GATEWAY_BY_PORT, q->ports.at[i], q->families[f]);
        }
    }
    for (uint32_t i = 0; i < q->hosts.n; i++) {
        add_rivals(m, &r, INDEX_GATEWAY_BY_HOST, q->hosts.at[i], "");
    }
    return merged_gateways_build_of(m, q->w, r.at, r.n);
}

static const void *merge_own(const struct mesh *m, const void *question)
{
    const struct rival_query *q = question;
    const struct object *own = &q->server->gateway->o;
    return merged_gateways_build_of(m, q->w, &own, 1);
}

// The name of the merge: it says which Gateways are in it.
static const char *rivals_name(const struct rival_query *q)
{
    struct arena *a = q->m->arena;
    struct str_list ports = str_array_list(&q->ports), hosts = str_array_list(&q->hosts);
    return mesh_answer_name(
        a, "rivals", workload_key(a, q->w), q->nfamilies > 0 ? str_list_join(a, &ports, " ") : "",
        q->nfamilies > 0 ? q->families[2] : "", str_list_join(a, &hosts, " "), NULL);
}

static const struct merged_gateways *merge(const struct rival_query *q)
{
    const struct mesh *m = q->m;
    const struct object *own = &q->server->gateway->o;
    if (q->nfamilies > 0 || q->hosts.n > 0) {
        return mesh_answer(m, rivals_name(q), merge_rivals, q);
    }
    if (q->server->gateway->nservers == 1) {
        return NULL; // nobody takes its place
    }
    const char *name = mesh_answer_name(m->arena, "own merge", workload_key(m->arena, q->w),
                                        own->ns, own->name, NULL);
    return mesh_answer(m, name, merge_own, q);
}

struct server_question {
    const struct workload *w;
    const struct gateway *gateway;
    uint32_t index;
};

static const void *settle(const struct mesh *m, const void *question)
{
    const struct server_question *x = question;
    const struct workload_services *services = workload_services_find(m, x->w);
    struct gateway_server *s = arena_alloc(m->arena, sizeof *s);
    *s = gateway_server_of(gateway_hosts_find(m, x->gateway), x->index, services);
    s->table = gateway_server_table(m->arena, s);
    if (s->fate != SERVER_KEPT) {
        return s;
    }
    struct rival_query q = {.m = m, .w = x->w, .server = s};
    find_ports(&q, services);
    find_families(&q);
    find_hosts(&q);
    const struct merged_gateways *merged = merge(&q);
    const struct gateway_server *same =
        merged != NULL ? merged_gateways_server(merged, m->arena, x->gateway, x->index) : NULL;
    if (same != NULL) {
        s->fate = same->fate;
        s->rival = same->rival;
    }
    return s;
}

const struct gateway_server *merged_server(const struct mesh *m, const struct workload *w,
                                           const struct gateway *g, uint32_t index)
{
    struct server_question x = {w, g, index};
    // Nearly all Gateways have a few servers.
    static const char digits[][2] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    const char *number =
        index < ARRAY_COUNT(digits) ? digits[index] : arena_printf(m->arena, "%u", index);
    const char *name = mesh_answer_name(m->arena, "server", workload_key(m->arena, w), g->o.ns,
                                        g->o.name, number, NULL);
    return mesh_answer(m, name, settle, &x);
}
