// SPDX-License-Identifier: Apache-2.0
// Which handshakes would show what gateways serve, and what a handshake says about one application host.
#include "kube/mesh/chain/tls_handshake.h"

#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/chain/chain_internal.h"
#include "kube/mesh/dns/dns_source_istio.h"

#include <string.h>

struct str_list gateway_addresses(const struct mesh *m, const struct dns_settings *s,
                                  const struct gateway *gw)
{
    struct str_list targets = dns_gateway_targets(m, s, gw, NULL);
    const struct probe_result **answers = arena_alloc(m->arena, (targets.n + 1) * sizeof *answers);
    uint32_t n = 0;
    for (uint32_t i = 0; i < targets.n; i++) {
        answers[i] = name_is_ip(targets.at[i]) ? NULL : mesh_probe(m, PROBE_HOST, targets.at[i]);
        n += name_is_ip(targets.at[i]) ? 1 : (answers[i] != NULL ? answers[i]->addresses.n : 0);
    }
    const char **at = arena_alloc(m->arena, (n + 1) * sizeof *at);
    struct str_list out = {.at = at, .n = 0};
    for (uint32_t i = 0; i < targets.n; i++) {
        if (name_is_ip(targets.at[i])) {
            at[out.n++] = targets.at[i];
        }
        for (uint32_t k = 0; answers[i] != NULL && k < answers[i]->addresses.n; k++) {
            at[out.n++] = arena_strdup(m->arena, answers[i]->addresses.at[k]);
        }
    }
    return out;
}

struct asking {
    const struct mesh *m;
    struct dns_settings settings;
    const struct object *last; // the Gateway that `addresses` is of: neighbours share it
    struct str_list addresses;
    tls_question_fn *ask;
    void *self;
};

static void ask_host(struct asking *q, const struct virtualservice *vs,
                     const struct object *gateway, const char *host)
{
    struct chain chain = {.ns = vs->o.ns, .host = host, .vs = &vs->o, .gateway = gateway};
    struct link_input in = {.m = q->m, .chain = &chain};
    link_servers(&in);
    if (in.tls == NULL) {
        return;
    }
    if (q->last != gateway) {
        q->addresses = gateway_addresses(q->m, &q->settings, OBJECT_AS(gateway, gateway));
        q->last = gateway;
    }
    bool usable = in.tls->port > 0 && in.tls->port < 65536;
    for (uint32_t i = 0; usable && i < q->addresses.n; i++) {
        q->ask(q->self, host, q->addresses.at[i], (int)in.tls->port);
    }
}

void tls_questions(const struct mesh *m, const struct dns_settings *dns, const char *only,
                   tls_question_fn *ask, void *self)
{
    struct asking q = {.m = m, .ask = ask, .self = self};
    dns_settings_for(m, dns, &q.settings);
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &m->snap->objects[KIND_VIRTUALSERVICE]); (v = pmap_next(&it)) != NULL;) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, v);
        for (uint32_t h = 0; h < vs->hosts.n; h++) {
            const char *host = vs->hosts.at[h];
            if (strchr(host, '.') == NULL || (only != NULL && !str_eq(only, host))) {
                continue;
            }
            for (uint32_t g = 0; g < vs->gateways.n; g++) {
                const char *ns, *name;
                const struct object *gw =
                    name_gateway(m->arena, vs->gateways.at[g], vs->o.ns, &ns, &name)
                        ? mesh_get(m, KIND_GATEWAY, ns, name)
                        : NULL;
                if (gw != NULL) {
                    ask_host(&q, vs, gw, host);
                }
            }
        }
    }
}

bool tls_served(const struct mesh *m, const struct dns_settings *dns, const struct gateway *gw,
                int64_t port, const struct certificate *c, const char *host, struct served_all *out)
{
    struct dns_settings settings;
    dns_settings_for(m, dns, &settings);
    struct str_list addresses = gateway_addresses(m, &settings, gw);
    *out = (struct served_all){.asked = 0};
    for (uint32_t i = 0; port > 0 && port < 65536 && i < addresses.n; i++) {
        const char *name = probe_tls_name(m->arena, host, addresses.at[i], (int)port);
        const struct probe_result *r = mesh_probe(m, PROBE_TLS, name);
        if (r == NULL || mesh_reached(m, r->asked + TLS_FRESH_S)) {
            continue;
        }
        struct served s;
        certificate_served(m, c, r, &s);
        if (out->asked == 0 || s.verdict > out->worst.verdict) {
            out->worst = s;
        }
        out->asked++;
        out->issued += s.state == SERVED_ISSUED ? 1 : 0;
    }
    return out->asked > 0;
}
