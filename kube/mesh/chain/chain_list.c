// SPDX-License-Identifier: Apache-2.0
// Finds the chains that begin at an object, and evaluates them link by link.
#include "kube/mesh/chain/chain_list.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/core/host.h"

#include <assert.h>
#include <string.h>

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
    c->state = chain_state(c->link, &c->worst);
}

static struct chain *add(const struct mesh *m, struct chain_list *out)
{
    struct chain *c = ARENA_PUSH(m->arena, out->at, out->n, out->cap);
    c->valid_until = TIME_NONE;
    for (int l = 0; l < LINK_COUNT; l++) {
        c->link[l].kind = KIND_COUNT;
    }
    return c;
}

static void add_chain(const struct mesh *m, const struct virtualservice *vs, const char *host,
                      const struct object *gateway, const char *gateway_id,
                      const struct dns_settings *dns, struct chain_list *out)
{
    struct chain *c = add(m, out);
    c->ns = vs->o.ns;
    c->host = host;
    c->vs = &vs->o;
    c->vs_id = object_id(m->arena, &vs->o);
    c->gateway = gateway;
    c->gateway_id = gateway_id;
    evaluate(m, c, dns);
}

// Whether only the mesh itself knows the host: then it is none of an application.
static bool is_mesh_host(const char *host)
{
    return strchr(host, '.') == NULL ? strcmp(host, "*") != 0
                                     : str_ends(host, ".svc.cluster.local");
}

// Whether one of the chains from index `from` on is of that Gateway.
static bool has_gateway(const struct chain_list *l, uint32_t from, const char *id)
{
    for (uint32_t i = from; i < l->n; i++) {
        if (str_eq(l->at[i].gateway_id, id)) {
            return true;
        }
    }
    return false;
}

// A chain for each Gateway that serves the host; where none does, one for the first of the list.
static void add_host(const struct mesh *m, const struct virtualservice *vs, const char *host,
                     const struct dns_settings *dns, struct chain_list *out)
{
    uint32_t from = out->n;
    const struct object *first = NULL;
    const char *first_id = NULL;
    for (uint32_t g = 0; g < vs->gateways.n; g++) {
        const char *ns, *name;
        if (!name_resolve_gateway(m->arena, vs->gateways.at[g], vs->o.ns, &ns, &name)) {
            continue;
        }
        const char *id = arena_printf(m->arena, "%s/%s", ns, name);
        const struct object *gw = mesh_get(m, KIND_GATEWAY, ns, name);
        if (!has_gateway(out, from, id) && gw != NULL &&
            host_servers_take(m, OBJECT_AS(gateway, gw), vs->o.ns, host)) {
            add_chain(m, vs, host, gw, id, dns, out);
        }
        if (first_id == NULL) {
            first = gw;
            first_id = id;
        }
    }
    if (out->n == from && first_id != NULL) {
        add_chain(m, vs, host, first, first_id, dns, out);
    }
}

static void add_of_virtualservice(const struct mesh *m, const struct virtualservice *vs,
                                  const struct dns_settings *dns, struct chain_list *out)
{
    for (uint32_t h = 0; h < vs->hosts.n; h++) {
        if (!is_mesh_host(vs->hosts.at[h])) {
            add_host(m, vs, vs->hosts.at[h], dns, out);
        }
    }
}

// Whether a VirtualService that is bound to the Gateway uses this server host.
static bool host_used(const struct mesh *m, const struct gateway *gw, const char *server_host)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, gw->o.ns, gw->o.name, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, at[i]);
        const char *host = host_for_namespace(server_host, vs->o.ns);
        for (uint32_t h = 0; host != NULL && h < vs->hosts.n; h++) {
            if (host_narrower(name_fqdn(m->arena, vs->hosts.at[h], vs->o.ns), host) != NULL) {
                return true;
            }
        }
    }
    return false;
}

static bool has_host(const struct chain_list *l, const char *host)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (str_eq(l->at[i].host, host)) {
            return true;
        }
    }
    return false;
}

static void add_of_gateway(const struct mesh *m, const struct gateway *gw,
                           const struct dns_settings *dns, struct chain_list *out)
{
    for (uint32_t s = 0; s < gw->nservers; s++) {
        struct str_list hosts = host_server_hosts(m->arena, &gw->servers[s].hosts, gw->o.ns);
        for (uint32_t h = 0; h < hosts.n; h++) {
            const char *host = name_without_ns(hosts.at[h]);
            if (has_host(out, host) || is_mesh_host(host) || host_used(m, gw, hosts.at[h])) {
                continue;
            }
            struct chain *c = add(m, out);
            c->ns = gw->o.ns;
            c->host = host;
            c->gateway = &gw->o;
            c->gateway_id = object_id(m->arena, &gw->o);
            evaluate(m, c, dns);
        }
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
