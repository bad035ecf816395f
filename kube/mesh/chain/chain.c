// SPDX-License-Identifier: Apache-2.0
// The chain, link by link.
#include "kube/mesh/chain/chain.h"

#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/chain/chain_internal.h"
#include "kube/mesh/core/host.h"

#include <string.h>

const char *link_name(enum link_kind l)
{
    static const char *const names[] = {"namespace", "dns",         "gateway",
                                        "secret",    "certificate", "virtualservice",
                                        "rules",     "destinations"};
    return names[l];
}

enum verdict chain_state(const struct chain_link *links, enum link_kind *worst)
{
    enum verdict v = VERDICT_UNKNOWN;
    *worst = LINK_NAMESPACE;
    for (int l = 0; l < LINK_COUNT; l++) {
        if (links[l].state > v) {
            v = links[l].state;
            *worst = (enum link_kind)l;
        }
    }
    return v;
}

static void evaluate(const struct mesh *m, struct chain *c, const struct dns_settings *dns)
{
    struct mesh noting = *m;
    noting.until = &c->valid_until;
    struct link_input in = {.m = &noting, .chain = c, .dns = dns};
    link_servers(&in);
    link_namespace(&in);
    link_gateway(&in);
    link_secret(&in);
    link_certificate(&in);
    link_virtualservice(&in);
    link_rules(&in);
    link_destinations(&in);
    link_dns(&in);
    c->state = chain_state(c->link, &c->worst);
}

static struct chain *add(const struct mesh *m, struct chains *out)
{
    if (out->n == out->cap) {
        out->cap = out->cap == 0 ? 4 : out->cap * 2;
        struct chain *more = arena_alloc(m->arena, out->cap * sizeof *more);
        if (out->n != 0) {
            memcpy(more, out->at, out->n * sizeof *more);
        }
        out->at = more;
    }
    struct chain *c = &out->at[out->n++];
    memset(c, 0, sizeof *c);
    c->valid_until = TIME_NONE;
    for (int l = 0; l < LINK_COUNT; l++) {
        c->link[l].kind = KIND_COUNT;
    }
    return c;
}

static void add_vs_row(const struct mesh *m, const struct virtualservice *vs, const char *host,
                       const struct object *gateway, const char *gateway_id,
                       const struct dns_settings *dns, struct chains *out)
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

// Hosts that only the mesh itself knows are no application hosts.
static bool is_mesh_host(const char *host)
{
    return strchr(host, '.') == NULL ? strcmp(host, "*") != 0
                                     : str_ends(host, ".svc.cluster.local");
}

static void of_virtualservice(const struct mesh *m, const struct virtualservice *vs,
                              const struct dns_settings *dns, struct chains *out)
{
    for (uint32_t h = 0; h < vs->hosts.n; h++) {
        const char *host = vs->hosts.at[h];
        if (is_mesh_host(host)) {
            continue;
        }
        uint32_t first = out->n;
        const struct object *other =
            NULL; // the first Gateway of the list, for a host that none serves
        const char *other_id = NULL;
        for (uint32_t g = 0; g < vs->gateways.n; g++) {
            const char *ns, *name;
            if (!name_gateway(m->arena, vs->gateways.at[g], vs->o.ns, &ns, &name)) {
                continue;
            }
            const char *id = arena_printf(m->arena, "%s/%s", ns, name);
            const struct object *gw = mesh_get(m, KIND_GATEWAY, ns, name);
            bool again = false;
            for (uint32_t i = first; i < out->n; i++) {
                again = again || str_eq(out->at[i].gateway_id, id);
            }
            if (!again && gw != NULL &&
                link_host_served(m, OBJECT_AS(gateway, gw), vs->o.ns, host)) {
                add_vs_row(m, vs, host, gw, id, dns, out);
            }
            if (other_id == NULL) {
                other = gw;
                other_id = id;
            }
        }
        if (out->n == first && other_id != NULL) {
            add_vs_row(m, vs, host, other, other_id, dns, out);
        }
    }
}

// Whether some VirtualService bound to the Gateway meets this server host.
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

static void of_gateway(const struct mesh *m, const struct gateway *gw,
                       const struct dns_settings *dns, struct chains *out)
{
    for (uint32_t s = 0; s < gw->nservers; s++) {
        struct str_list hosts = host_server_hosts(m->arena, &gw->servers[s].hosts, gw->o.ns);
        for (uint32_t h = 0; h < hosts.n; h++) {
            const char *ns;
            const char *host = name_server_host(m->arena, hosts.at[h], &ns);
            bool again = false;
            for (uint32_t i = 0; i < out->n; i++) {
                again = again || str_eq(out->at[i].host, host);
            }
            if (again || is_mesh_host(host) || host_used(m, gw, hosts.at[h])) {
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

void chains_of(const struct mesh *m, const struct object *o, const struct dns_settings *dns,
               struct chains *out)
{
    if (o->kind == KIND_VIRTUALSERVICE) {
        of_virtualservice(m, OBJECT_AS(virtualservice, o), dns, out);
    } else if (o->kind == KIND_GATEWAY) {
        of_gateway(m, OBJECT_AS(gateway, o), dns, out);
    }
}
