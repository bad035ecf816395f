// SPDX-License-Identifier: Apache-2.0
// http rules that send plain HTTP to a port that speaks TLS, and tls rules that do the reverse (GT0120):
// docs/rules/istio.md#plain-to-tls-port.
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

// Does the word say TLS, as Istio reads names of ports and protocols?
static bool says_tls(struct check *c, const char *word)
{
    const char *head =
        check_text(c, "%.*s", (int)strcspn(str_or_empty(word), "-"), str_or_empty(word));
    return str_casecmp(head, "https") == 0 || str_casecmp(head, "tls") == 0;
}

// Does it say plain HTTP?
static bool says_http(struct check *c, const char *word)
{
    const char *head =
        check_text(c, "%.*s", (int)strcspn(str_or_empty(word), "-"), str_or_empty(word));
    return str_casecmp(head, "http") == 0 || str_casecmp(head, "http2") == 0 ||
           str_casecmp(head, "grpc") == 0;
}

// The word of the port if it says the protocol, NULL if it does not.
static const char *word_of_port(struct check *c, const struct object *service, uint32_t port,
                                bool (*says)(struct check *c, const char *word))
{
    if (service->kind == KIND_SERVICE) {
        const struct service *s = OBJECT_AS(service, service);
        for (uint32_t i = 0; i < s->nports; i++) {
            const struct service_port *p = &s->ports[i];
            const char *word = !str_empty(p->app_protocol) ? p->app_protocol : p->name;
            if (p->port == port) {
                return says(c, word) ? word : NULL;
            }
        }
        return NULL;
    }
    const struct serviceentry *e = OBJECT_AS(serviceentry, service);
    for (uint32_t i = 0; i < e->nports; i++) {
        if (e->ports[i].number == port) {
            return says(c, e->ports[i].protocol) ? e->ports[i].protocol : NULL;
        }
    }
    return NULL;
}

static bool starts_tls(const struct traffic_policy *p, uint32_t port)
{
    for (uint32_t i = 0; i < p->nports; i++) {
        if (p->ports[i].port == port && p->ports[i].tls.mode != NULL) {
            return !str_eq(p->ports[i].tls.mode, "DISABLE");
        }
    }
    return p->has_tls && !str_eq(p->tls.mode, "DISABLE");
}

static bool rule_starts_tls(struct check *c, const char *host, uint32_t port)
{
    uint32_t n;
    const struct object *const *at = mesh_index(c->m, INDEX_DR_BY_HOST, host, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct destinationrule *d = OBJECT_AS(destinationrule, at[i]);
        bool tls = d->has_policy && starts_tls(&d->policy, port);
        for (uint32_t k = 0; k < d->nsubsets && !tls; k++) {
            tls = d->subsets[k].has_policy && starts_tls(&d->subsets[k].policy, port);
        }
        if (tls) {
            return true;
        }
    }
    return false;
}

// Does a DestinationRule for the host, wherever it is, make a client speak TLS to the port?
static bool some_rule_starts_tls(struct check *c, const char *host, uint32_t port)
{
    if (rule_starts_tls(c, host, port) || rule_starts_tls(c, "*", port)) {
        return true;
    }
    for (const char *dot = strchr(host, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        if (rule_starts_tls(c, check_text(c, "*%s", dot), port)) {
            return true;
        }
    }
    return false;
}

static void check_route(struct check *c, const struct virtualservice *vs, const struct workload *w,
                        const struct destination *d, const char *path)
{
    struct resolved_destination r = destination_resolve(c->m, w, d, vs->o.ns, 0);
    const char *word = r.service != NULL ? word_of_port(c, r.service, r.port, says_tls) : NULL;
    if (word == NULL || some_rule_starts_tls(c, r.host, r.port)) {
        return;
    }
    struct finding *f = check_add(c, "GT0120", &vs->o, path,
                                  "an http rule sends plain HTTP, and port %u of %s (%s) speaks "
                                  "TLS: it answers 400, or closes the connection",
                                  r.port, object_title(c->a, r.service), word);
    check_hint(c, f,
               "let a DestinationRule for %s start TLS (trafficPolicy.tls.mode: SIMPLE), pass "
               "TLS on with a tls rule, or route to a port that speaks HTTP",
               r.host);
}

// A tls rule passes on the TLS of the client, which a port of plain HTTP does not understand.
static void check_passed(struct check *c, const struct virtualservice *vs, const struct workload *w,
                         const struct destination *d, const char *path)
{
    struct resolved_destination r = destination_resolve(c->m, w, d, vs->o.ns, 0);
    const char *word = r.service != NULL ? word_of_port(c, r.service, r.port, says_http) : NULL;
    if (word == NULL) {
        return;
    }
    struct finding *f = check_add(c, "GT0120", &vs->o, path,
                                  "a tls rule passes TLS on, and port %u of %s (%s) speaks plain "
                                  "HTTP, as its name says",
                                  r.port, object_title(c->a, r.service), word);
    f->severity = SEVERITY_INFO;
    check_hint(c, f,
               "route to a port that speaks TLS, or let the Gateway end it (tls.mode: SIMPLE)");
}

static const struct workload *first_workload(struct check *c, const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns, *name;
        if (name_resolve_gateway(c->a, vs->gateways.at[i], vs->o.ns, &ns, &name)) {
            const struct object *g = mesh_get(c->m, KIND_GATEWAY, ns, name);
            uint32_t n = 0;
            const struct workload *w =
                g != NULL ? workloads_of_gateway(c->m, OBJECT_AS(gateway, g), &n) : NULL;
            if (n > 0) {
                return &w[0];
            }
        }
    }
    return NULL;
}

void check_tls_ports(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        const struct workload *w = first_workload(c, vs);
        for (uint32_t k = 0; w != NULL && k < vs->nhttp; k++) {
            for (uint32_t j = 0; j < vs->http[k].nroutes; j++) {
                check_route(c, vs, w, &vs->http[k].routes[j].destination,
                            check_text(c, "spec.http[%u].route[%u].destination", k, j));
            }
        }
        for (uint32_t k = 0; w != NULL && k < vs->ntls; k++) {
            for (uint32_t j = 0; j < vs->tls[k].nroutes; j++) {
                check_passed(c, vs, w, &vs->tls[k].routes[j].destination,
                             check_text(c, "spec.tls[%u].route[%u].destination", k, j));
            }
        }
    }
}
