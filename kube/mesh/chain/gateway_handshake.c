// SPDX-License-Identifier: Apache-2.0
// Finds the addresses and ports at which gateways serve hosts, and judges the handshakes made there.
#include "kube/mesh/chain/gateway_handshake.h"

#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/chain/host_servers.h"
#include "kube/mesh/dns/dns_source_istio.h"

#include <string.h>

// Where clients reach a Gateway: its targets for external-dns that are addresses, and what DNS answered for those that
// are names. Empty if none is known.
static struct str_list gateway_addresses(const struct mesh *m, const struct dns_settings *s,
                                         const struct gateway *gw)
{
    struct str_list targets = dns_gateway_targets(m, s, gw, NULL);
    struct str_array out = {0};
    for (uint32_t i = 0; i < targets.n; i++) {
        if (name_is_ip(targets.at[i])) {
            str_array_add(m->arena, &out, targets.at[i]);
            continue;
        }
        const struct probe_result *r = mesh_probe(m, PROBE_HOST, targets.at[i]);
        for (uint32_t k = 0; r != NULL && k < r->addresses.n; k++) {
            str_array_add(m->arena, &out, r->addresses.at[k]);
        }
    }
    return str_array_list(&out);
}

static bool port_usable(int64_t port)
{
    return port > 0 && port < 65536;
}

struct handshake_search {
    const struct mesh *m;
    struct dns_settings settings;
    const struct object *last; // the Gateway whose addresses these are: neighbours share it
    struct str_list addresses;
    handshake_query_fn *query;
    void *self;
};

static void query_host(struct handshake_search *q, const struct virtualservice *vs,
                       const struct object *gateway, const char *host)
{
    const struct gateway *gw = OBJECT_AS(gateway, gateway);
    const struct server *tls = host_servers_find(q->m, gw, vs, host).tls;
    if (tls == NULL) {
        return;
    }
    if (q->last != gateway) {
        q->addresses = gateway_addresses(q->m, &q->settings, gw);
        q->last = gateway;
    }
    for (uint32_t i = 0; port_usable(tls->port) && i < q->addresses.n; i++) {
        q->query(q->self, host, q->addresses.at[i], (int)tls->port);
    }
}

// A host with all Gateways that its VirtualService names.
static void query_gateways(struct handshake_search *q, const struct virtualservice *vs,
                           const char *host)
{
    for (uint32_t g = 0; g < vs->gateways.n; g++) {
        const char *ns, *name;
        const struct object *gw =
            name_resolve_gateway(q->m->arena, vs->gateways.at[g], vs->o.ns, &ns, &name)
                ? mesh_get(q->m, KIND_GATEWAY, ns, name)
                : NULL;
        if (gw != NULL) {
            query_host(q, vs, gw, host);
        }
    }
}

void gateway_handshake_queries(const struct mesh *m, const struct dns_settings *dns,
                               const char *only, handshake_query_fn *query, void *self)
{
    struct handshake_search q = {.m = m, .query = query, .self = self};
    dns_settings_for(m, dns, &q.settings);
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &m->snap->objects[KIND_VIRTUALSERVICE]); (v = pmap_next(&it)) != NULL;) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, v);
        for (uint32_t h = 0; h < vs->hosts.n; h++) {
            const char *host = vs->hosts.at[h];
            if (strchr(host, '.') != NULL && (only == NULL || str_eq(only, host))) {
                query_gateways(&q, vs, host);
            }
        }
    }
}

bool gateway_handshake_judge(const struct mesh *m, const struct dns_settings *dns,
                             const struct gateway *gw, int64_t port, const struct certificate *c,
                             const char *host, struct gateway_handshakes *out)
{
    struct dns_settings settings;
    dns_settings_for(m, dns, &settings);
    struct str_list addresses = gateway_addresses(m, &settings, gw);
    *out = (struct gateway_handshakes){.asked = 0};
    for (uint32_t i = 0; port_usable(port) && i < addresses.n; i++) {
        const char *name = probe_tls_name(m->arena, host, addresses.at[i], (int)port);
        const struct probe_result *r = mesh_probe(m, PROBE_TLS, name);
        if (r == NULL || mesh_reached(m, r->queried_at + HANDSHAKE_FRESH_S)) {
            continue;
        }
        struct served_certificate s;
        certificate_served(m, c, r, &s);
        if (out->asked == 0 || s.verdict > out->worst.verdict) {
            out->worst = s;
        }
        out->asked++;
        out->issued += s.state == SERVED_ISSUED ? 1 : 0;
    }
    return out->asked > 0;
}
