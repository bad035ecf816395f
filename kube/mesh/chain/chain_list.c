// SPDX-License-Identifier: Apache-2.0
// Finds the chains that begin at an object, and evaluates them link by link.
#include "kube/mesh/chain/chain_list.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/gateway_host_use.h"
#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/vs_hosts.h"

#include <assert.h>
#include <string.h>

// The newest of the changes to the objects of a chain: what is at fault in them is no older.
static int64_t last_written(const struct chain *c)
{
    const struct object *const objects[] = {c->vs, c->gateway};
    int64_t t = TIME_NONE;
    for (size_t i = 0; i < ARRAY_COUNT(objects); i++) {
        const struct object *o = objects[i];
        if (o != NULL) {
            int64_t written = o->written != TIME_NONE ? o->written : o->created;
            t = written > t ? written : t;
        }
    }
    return t;
}

// Every link that is not ok has a fault: without better words, the link's reason.
static void complete_fault(struct link_context *ctx, enum link_kind l)
{
    const struct chain *c = ctx->chain;
    struct chain_link *k = &ctx->chain->link[l];
    if (k->state <= VERDICT_OK) {
        k->fault = (struct link_fault){.kind = KIND_COUNT};
        return;
    }
    struct link_fault *f = &k->fault;
    if (f->words == NULL) {
        f = link_blame(ctx, l, NULL, link_name(l), NULL, "%s", str_or_empty(k->reason));
    }
    if (f->name == NULL) { // a link about nothing: the object that the chain begins at
        const struct object *o = c->vs != NULL ? c->vs : c->gateway;
        f->kind = (enum kind)o->kind;
        f->ns = o->ns;
        f->name = o->name;
    }
    // How long a Certificate has been failing, only it can say.
    const bool written = l >= LINK_GATEWAY && (l != LINK_CERTIFICATE || f->at != NULL);
    if (f->since == TIME_NONE && written) {
        f->since = last_written(c);
        f->at_most = f->since != TIME_NONE;
    }
}

static void evaluate(const struct mesh *m, struct chain *c, const struct dns_settings *dns)
{
    // A link may need what an earlier one found (links_internal.h).
    static void (*const links[])(struct link_context *) = {
        link_namespace,      link_gateway, link_secret,       link_certificate,
        link_virtualservice, link_rules,   link_destinations, link_dns,
    };
    static_assert(ARRAY_COUNT(links) == LINK_COUNT, "a function for each link");
    struct mesh noting = *m; // every instant that decides goes into valid_until
    noting.until = &c->valid_until;
    struct link_context ctx;
    link_context_init(&ctx, &noting, c, dns);
    for (size_t i = 0; i < ARRAY_COUNT(links); i++) {
        links[i](&ctx);
    }
    for (int l = 0; l < LINK_COUNT; l++) {
        complete_fault(&ctx, (enum link_kind)l);
    }
    c->state = chain_state(c->link, &c->worst);
}

// Makes the chain of a host, evaluated. vs: NULL for a host of a Gateway that none uses; gateway: NULL if it is
// missing.
static struct chain make(const struct mesh *m, const struct object *vs, const char *host,
                         const struct object *gateway, const char *gateway_id,
                         const struct dns_settings *dns)
{
    struct chain c = {.ns = vs != NULL ? vs->ns : gateway->ns,
                      .host = host,
                      .vs = vs,
                      .vs_id = vs != NULL ? object_id(m->arena, vs) : NULL,
                      .gateway = gateway,
                      .gateway_id = gateway_id,
                      .valid_until = TIME_NONE};
    for (int l = 0; l < LINK_COUNT; l++) {
        c.link[l] = (struct chain_link){.kind = KIND_COUNT};
    }
    evaluate(m, &c, dns);
    return c;
}

static void add_chain(const struct mesh *m, const struct virtualservice *vs, const char *host,
                      const struct object *gateway, const char *gateway_id,
                      const struct dns_settings *dns, struct chain_list *out)
{
    const struct chain c = make(m, &vs->o, host, gateway, gateway_id, dns);
    *ARENA_PUSH(m->arena, out->at, out->n, out->cap) = c;
}

// Whether the host exists only inside the mesh: then it belongs to no application.
static bool is_mesh_host(const char *host)
{
    return strchr(host, '.') == NULL ? strcmp(host, "*") != 0 : name_in_cluster(host);
}

// A Gateway that a VirtualService names, each once.
struct named_gateway {
    const char *id;          // "ns/name"
    const struct object *gw; // NULL if it does not exist
};

struct named_gateways {
    struct named_gateway *at;
    uint32_t n, cap;
    // If there are many of them and of hosts: the hosts of all of them, by index in the list. Otherwise NULL.
    struct host_index *hosts;
};

// All of their hosts in one index, where that costs less than a look at each of them for each host.
static void index_gateways(const struct mesh *m, const struct virtualservice *vs,
                           struct named_gateways *all)
{
    size_t hosts = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        hosts +=
            all->at[i].gw != NULL ? gateway_hosts_find(m, OBJECT_AS(gateway, all->at[i].gw))->n : 0;
    }
    if ((size_t)vs->hosts.n * all->n <= hosts) {
        return;
    }
    all->hosts = arena_alloc(m->arena, sizeof *all->hosts);
    host_index_init(all->hosts, m->arena);
    for (uint32_t i = 0; i < all->n; i++) {
        const struct object *gw = all->at[i].gw;
        const struct gateway_hosts *of =
            gw != NULL ? gateway_hosts_find(m, OBJECT_AS(gateway, gw)) : NULL;
        for (uint32_t k = 0; of != NULL && k < of->n; k++) {
            const char *host = gateway_hosts_for(of, k, vs->o.ns);
            if (host != NULL) {
                host_index_add(all->hosts, host, i);
            }
        }
    }
}

static struct named_gateways find_gateways(const struct mesh *m, const struct virtualservice *vs)
{
    struct named_gateways all = {0};
    struct string_map seen;
    string_map_init(&seen, m->arena);
    for (uint32_t g = 0; g < vs->gateways.n; g++) {
        const char *ns, *name;
        if (!name_resolve_gateway(m->arena, vs->gateways.at[g], vs->o.ns, &ns, &name)) {
            continue;
        }
        const char *id = arena_concat(m->arena, ns, "/", name, NULL);
        if (string_map_add(&seen, id)) {
            *ARENA_PUSH(m->arena, all.at, all.n, all.cap) =
                (struct named_gateway){id, mesh_get(m, KIND_GATEWAY, ns, name)};
        }
    }
    if (all.n > 1) {
        index_gateways(m, vs, &all);
    }
    return all;
}

// A chain for each Gateway that serves the host; where none does, one for the first of the list.
static void add_host(const struct mesh *m, const struct virtualservice *vs, const char *host,
                     const struct named_gateways *all, const struct dns_settings *dns,
                     struct chain_list *out)
{
    uint32_t from = out->n;
    struct host_hits hits = {0};
    if (all->hosts != NULL) {
        host_index_meeting(all->hosts, host, m->arena, &hits);
    }
    uint32_t n = all->hosts != NULL ? hits.n : all->n;
    for (uint32_t i = 0; i < n; i++) {
        const struct named_gateway *g = &all->at[all->hosts != NULL ? hits.at[i] : i];
        if (all->hosts != NULL ||
            (g->gw != NULL && host_servers_take(m, OBJECT_AS(gateway, g->gw), vs->o.ns, host))) {
            add_chain(m, vs, host, g->gw, g->id, dns, out);
        }
    }
    if (out->n == from && all->n > 0) {
        add_chain(m, vs, host, all->at[0].gw, all->at[0].id, dns, out);
    }
}

static void add_of_virtualservice(const struct mesh *m, const struct virtualservice *vs,
                                  const struct dns_settings *dns, struct chain_list *out)
{
    struct named_gateways all = find_gateways(m, vs);
    for (uint32_t h = 0; h < vs->hosts.n; h++) {
        if (!is_mesh_host(vs->hosts.at[h])) {
            add_host(m, vs, vs->hosts.at[h], &all, dns, out);
        }
    }
}

static void add_of_gateway(const struct mesh *m, const struct gateway *gw,
                           const struct dns_settings *dns, struct chain_list *out)
{
    struct string_map seen;
    string_map_init(&seen, m->arena);
    const struct gateway_hosts *hosts = gateway_hosts_find(m, gw);
    for (uint32_t i = 0; i < hosts->n; i++) {
        const char *host = gateway_hosts_part(hosts, i);
        if (is_mesh_host(host) || string_map_get(&seen, host) != NULL ||
            gateway_host_is_used(m, hosts, i)) {
            continue;
        }
        (void)string_map_add(&seen, host);
        const struct chain c = make(m, NULL, host, &gw->o, object_id(m->arena, &gw->o), dns);
        *ARENA_PUSH(m->arena, out->at, out->n, out->cap) = c;
    }
}

void chain_list_of_object(const struct mesh *m, const struct object *vs_or_gateway,
                          const struct dns_settings *dns, struct chain_list *out)
{
    if (vs_or_gateway->kind == KIND_VIRTUALSERVICE) {
        add_of_virtualservice(m, OBJECT_AS(virtualservice, vs_or_gateway), dns, out);
    } else if (vs_or_gateway->kind == KIND_GATEWAY) {
        add_of_gateway(m, OBJECT_AS(gateway, vs_or_gateway), dns, out);
    }
}

// Whether the VirtualService has the host, and names the Gateway.
static bool has_pair(const struct mesh *m, const struct virtualservice *vs, const char *host,
                     const char *gateway_id)
{
    const struct vs_hosts *v = vs_hosts_find(m, vs);
    struct host_hits hits = {0};
    host_index_equal(v->written, host, m->arena, &hits);
    return hits.n > 0 && string_map_get(v->gateways, gateway_id) != NULL;
}

static bool lists_host(const struct mesh *m, const struct gateway *gw, const char *host)
{
    const struct host_servers s = host_servers_find(m, gw, NULL, host);
    return s.tls != NULL || s.plain != NULL || s.passed != NULL;
}

bool chain_of_pair(const struct mesh *m, const struct object *vs_or_gateway, const char *host,
                   const char *gateway_id, const struct dns_settings *dns, struct chain *out)
{
    const struct object *vs = NULL, *gateway = vs_or_gateway;
    if (vs_or_gateway->kind == KIND_VIRTUALSERVICE) {
        vs = vs_or_gateway;
        const char *ns, *name = name_split(m->arena, gateway_id, NULL, &ns);
        gateway = mesh_get(m, KIND_GATEWAY, ns, name);
        if (!has_pair(m, OBJECT_AS(virtualservice, vs), host, gateway_id)) {
            return false;
        }
    } else if (!lists_host(m, OBJECT_AS(gateway, gateway), host)) {
        return false;
    }
    *out = make(m, vs, host, gateway, gateway_id, dns);
    return true;
}
