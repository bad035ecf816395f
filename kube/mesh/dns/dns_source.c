// SPDX-License-Identifier: Apache-2.0
// The sources istio-gateway, istio-virtualservice, service and ingress of external-dns: hosts and targets of an object.
#include "kube/base/text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/dns/dns_internal.h"

#include <string.h>

// --- targets of a Gateway

static void add_balancers(struct arena *a, struct texts *out,
                          const struct load_balancer_ingress *lb, uint32_t n, bool both)
{
    for (uint32_t i = 0; i < n; i++) {
        bool ip = !str_empty(lb[i].ip);
        if (ip) {
            texts_add(a, out, lb[i].ip);
        }
        if (!str_empty(lb[i].hostname) && (both || !ip)) {
            texts_add(a, out, lb[i].hostname);
        }
    }
}

static struct texts service_targets(const struct gather *g, const struct str_map *selector)
{
    const struct mesh *m = g->m;
    struct texts out = {0};
    uint32_t n = 0;
    const struct object *const *all =
        selector->n == 0 ? mesh_all(m, KIND_SERVICE, &n)
                         : mesh_index(m, INDEX_SERVICE_BY_SELECTOR, selector->at[0].key,
                                      selector->at[0].value, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct service *s = OBJECT_AS(service, all[i]);
        if (!labels_match(selector, &s->selector) || dns_out_of_sight(g, s->o.ns)) {
            continue;
        }
        for (uint32_t k = 0; k < s->external_ips.n; k++) {
            texts_add(m->arena, &out, s->external_ips.at[k]);
        }
        if (s->external_ips.n == 0) {
            add_balancers(m->arena, &out, s->ingress, s->ningress, false);
        }
    }
    texts_sort(&out);
    return out;
}

// An error of a source ends the whole run.
static void stop(struct gather *g, const char *why, const char *hint)
{
    if (g->stopped == NULL) {
        g->stopped =
            arena_printf(g->m->arena, "%s: external-dns stops before it changes anything", why);
        g->stopped_hint = hint;
    }
}

// "name" or "ns/name" as external-dns reads it in an object of namespace `own`; false at a second slash.
static bool split_ref(const struct gather *g, const char *ref, const char *own, const char **ns,
                      const char **name)
{
    const char *slash = strchr(ref, '/');
    *name = slash != NULL ? slash + 1 : ref;
    *ns = slash != NULL && slash != ref ? arena_strndup(g->m->arena, ref, (size_t)(slash - ref))
                                        : own;
    return slash == NULL || strchr(*name, '/') == NULL;
}

// The Ingress that an annotation of a Gateway names; a missing one stops external-dns altogether.
static struct texts ingress_targets(struct gather *g, const struct gateway *gw, const char *ref)
{
    struct texts out = {0};
    const char *ns, *name;
    bool bad = !split_ref(g, ref, gw->o.ns, &ns, &name);
    const struct object *o =
        bad || dns_out_of_sight(g, ns) ? NULL : mesh_get(g->m, KIND_INGRESS, ns, name);
    if (o == NULL) {
        if (bad || mesh_complete(g->m, KIND_INGRESS)) {
            stop(g,
                 arena_printf(g->m->arena, "Gateway %s/%s names Ingress %s, which does not exist",
                              gw->o.ns, gw->o.name, ref),
                 "create the Ingress or drop the annotation");
        }
        return out;
    }
    const struct ingress *i = OBJECT_AS(ingress, o);
    add_balancers(g->m->arena, &out, i->ingress, i->ningress, false);
    return out;
}

static struct texts gateway_targets(struct gather *g, const struct gateway *gw)
{
    struct texts t = dns_annotated_targets(g, &gw->o);
    if (t.n != 0) {
        return t;
    }
    const char *ref = object_annotation(&gw->o, g->s->ingress_key);
    if (!str_empty(ref)) {
        return ingress_targets(g, gw, ref);
    }
    return service_targets(g, &gw->selector);
}

struct str_list dns_gateway_targets(const struct mesh *m, const struct dns_settings *s,
                                    const struct gateway *gw, const char **why)
{
    struct gather g = {.m = m, .s = s};
    struct texts t = gateway_targets(&g, gw);
    if (why != NULL) {
        *why = t.n != 0 ? NULL
               : g.stopped != NULL
                   ? g.stopped
                   : arena_printf(m->arena,
                                  "no Service that Gateway %s/%s selects has an external "
                                  "address",
                                  gw->o.ns, gw->o.name);
    }
    return texts_list(&t);
}

// --- sources

// The host of a server or VirtualService: of exactly two parts at a slash the second.
static const char *plain_host(const char *host)
{
    const char *slash = strchr(host, '/');
    return slash != NULL && strchr(slash + 1, '/') == NULL ? slash + 1 : host;
}

static bool only(const char *filter, const char *host)
{
    return filter == NULL || str_casecmp(filter, host) == 0;
}

// --fqdn-template gives names where an object gives none that made a record, or always with
// --combine-fqdn-annotation.
static bool templated(const struct gather *g, bool any)
{
    return g->s->fqdn_templates.n != 0 && (g->s->combine_fqdn || !any);
}

static void add_annotated(const struct gather *g, const struct object *o, struct texts *hosts)
{
    struct texts named = dns_annotated_hosts(g, o, "hostname");
    for (uint32_t i = 0; i < named.n; i++) {
        texts_add(g->m->arena, hosts, named.at[i]);
    }
}

void dns_of_gateway(struct gather *g, const struct gateway *gw, const char *host)
{
    struct texts targets = {0}, hosts = {0};
    if (dns_is_ours(g, &gw->o)) {
        targets = gateway_targets(g, gw);
    }
    if (targets.n == 0) {
        return;
    }
    bool all = host == NULL || g->s->fqdn_templates.n != 0;
    for (uint32_t i = 0; i < gw->nservers; i++) {
        for (uint32_t k = 0; k < gw->servers[i].hosts.n; k++) {
            const char *written = gw->servers[i].hosts.at[k];
            const char *h = str_empty(written) ? "*" : plain_host(written);
            if (strcmp(h, "*") != 0 && (all || only(host, h))) {
                texts_add(g->m->arena, &hosts, h);
            }
        }
    }
    add_annotated(g, &gw->o, &hosts);
    const char *resource = dns_resource(g, "gateway", &gw->o);
    bool any = false;
    for (uint32_t i = 0; i < hosts.n; i++) {
        any = any || dns_labels_fit(hosts.at[i]);
        if (only(host, hosts.at[i])) {
            dns_want(g, &gw->o, resource, hosts.at[i], &targets);
        }
    }
    if (templated(g, any)) {
        hosts = dns_template_hosts(g, &gw->o);
        for (uint32_t i = 0; i < hosts.n; i++) {
            if (only(host, hosts.at[i])) {
                dns_want(g, &gw->o, resource, hosts.at[i], &targets);
            }
        }
    }
}

// Whether external-dns thinks that a Gateway serves a host of a VirtualService: narrower than Istio, and
// case-sensitive (docs/rules/dns.md#virtualservice-binding).
static bool binds(const struct virtualservice *v, const struct gateway *gw, const char *host)
{
    bool exported = v->export_to.n == 0;
    for (uint32_t i = 0; i < v->export_to.n; i++) {
        const char *e = v->export_to.at[i];
        exported = exported || strcmp(e, "*") == 0 || strcmp(e, gw->o.ns) == 0 ||
                   (strcmp(e, ".") == 0 && strcmp(gw->o.ns, v->o.ns) == 0);
    }
    for (uint32_t i = 0; exported && i < gw->nservers; i++) {
        for (uint32_t k = 0; k < gw->servers[i].hosts.n; k++) {
            if (coverage_server_host(gw->servers[i].hosts.at[k], v->o.ns, gw->o.ns, host)) {
                return true;
            }
        }
    }
    return false;
}

// external-dns knows "ns/name" and "name" and nothing else, unlike Istio; at two slashes it stops
// (docs/rules/dns.md#virtualservice-gateway, docs/rules/dns.md#source-error-stops).
static const struct gateway *gateway_ref(struct gather *g, const struct virtualservice *v,
                                         const char *ref)
{
    if (ref[0] == '\0' || strcmp(ref, "mesh") == 0) {
        return NULL;
    }
    const char *ns, *name;
    if (!split_ref(g, ref, v->o.ns, &ns, &name)) {
        stop(g,
             arena_printf(g->m->arena, "VirtualService %s/%s names Gateway %s, which is no name",
                          v->o.ns, v->o.name, ref),
             "write the Gateway as namespace/name");
        return NULL;
    }
    const struct object *o =
        dns_out_of_sight(g, ns) ? NULL : mesh_get(g->m, KIND_GATEWAY, ns, name);
    return o != NULL ? OBJECT_AS(gateway, o) : NULL;
}

static struct texts virtualservice_targets(struct gather *g, const struct virtualservice *v,
                                           const char *host)
{
    struct texts out = {0};
    for (uint32_t i = 0; i < v->gateways.n; i++) {
        const struct gateway *gw = gateway_ref(g, v, v->gateways.at[i]);
        if (gw == NULL || !binds(v, gw, host)) {
            continue;
        }
        struct texts t = gateway_targets(g, gw);
        for (uint32_t k = 0; k < t.n; k++) {
            if (!texts_has(&out, t.at[k])) {
                texts_add(g->m->arena, &out, t.at[k]);
            }
        }
    }
    return out;
}

void dns_of_virtualservice(struct gather *g, const struct virtualservice *v, const char *host)
{
    if (!dns_is_ours(g, &v->o)) {
        return;
    }
    const char *resource = dns_resource(g, "virtualservice", &v->o);
    struct texts annotated = dns_annotated_targets(g, &v->o);
    struct texts hosts = {0};
    for (uint32_t i = 0; i < v->hosts.n; i++) {
        const char *h = v->hosts.at[i];
        if (h[0] != '\0' && strcmp(h, "*") != 0) {
            texts_add(g->m->arena, &hosts, plain_host(h));
        }
    }
    add_annotated(g, &v->o, &hosts);
    bool any = false; // asked of all hosts only where it matters
    for (uint32_t i = 0; i < hosts.n; i++) {
        bool asked = only(host, hosts.at[i]);
        if (asked || g->s->fqdn_templates.n != 0) {
            struct texts t =
                annotated.n != 0 ? annotated : virtualservice_targets(g, v, hosts.at[i]);
            any = any || (t.n != 0 && dns_labels_fit(hosts.at[i]));
            if (asked) {
                dns_want(g, &v->o, resource, hosts.at[i], &t);
            }
        }
    }
    if (templated(g, any)) { // without the target annotation
        hosts = dns_template_hosts(g, &v->o);
        for (uint32_t i = 0; i < hosts.n; i++) {
            if (only(host, hosts.at[i])) {
                struct texts t = virtualservice_targets(g, v, hosts.at[i]);
                dns_want(g, &v->o, resource, hosts.at[i], &t);
            }
        }
    }
}

static bool headless(const struct service *s)
{
    return s->cluster_ip == NULL || strcmp(s->cluster_ip, "None") == 0;
}

static const char *type_of(const struct service *s)
{
    return s->type != NULL ? s->type : "ClusterIP";
}

static struct texts own_targets(const struct gather *g, const struct service *s, bool internal)
{
    struct arena *a = g->m->arena;
    struct texts out = {0};
    const char *type = type_of(s);
    bool balancer = strcmp(type, "LoadBalancer") == 0;
    if ((balancer && internal) ||
        (strcmp(type, "ClusterIP") == 0 && (internal || g->s->publish_internal))) {
        if (!headless(s)) {
            texts_add(a, &out, s->cluster_ip);
        }
    } else if (balancer || strcmp(type, "ExternalName") == 0) {
        for (uint32_t i = 0; i < s->external_ips.n; i++) {
            texts_add(a, &out, s->external_ips.at[i]);
        }
        if (s->external_ips.n == 0 && balancer) {
            add_balancers(a, &out, s->ingress, s->ningress, true);
        } else if (s->external_ips.n == 0 && s->external_name != NULL) {
            texts_add(a, &out, s->external_name);
        }
    }
    return out;
}

// A NodePort Service has an SRV record for each port. Its other records point at Nodes, those of a headless
// one at Pods: neither is worked out.
static void of_node_ports(struct gather *g, const struct service *s, const char *resource,
                          const char *host)
{
    struct arena *a = g->m->arena;
    if (str_eq(dns_annotation(g, &s->o, "alias"), "true")) {
        return; // which no SRV record can be
    }
    for (uint32_t i = 0; i < s->nports; i++) {
        const struct service_port *p = &s->ports[i];
        if (p->node_port == 0) {
            continue;
        }
        const char *protocol = str_lower(a, p->protocol != NULL ? p->protocol : "tcp");
        struct endpoint *w = dns_want_typed(
            g, &s->o, resource, arena_printf(a, "_%s._%s.%s", s->o.name, protocol, host), "SRV");
        if (w != NULL) {
            texts_add(a, &w->targets,
                      arena_printf(a, "0 50 %u %s%s", p->node_port, host,
                                   str_ends(host, ".") ? "" : "."));
        }
    }
}

static void leave_out(struct gather *g, const char *resource, const char *what)
{
    const char *text = arena_printf(g->m->arena, "%s %s", resource, what);
    if (!texts_has(&g->left_out, text)) {
        texts_add(g->m->arena, &g->left_out, text);
    }
}

static void of_service_host(struct gather *g, const struct service *s, const char *host,
                            bool internal)
{
    const char *resource = dns_resource(g, "service", &s->o);
    struct texts t = dns_annotated_targets(g, &s->o);
    host = dns_without_dot(g->m->arena, host);
    if (t.n == 0 && strcmp(type_of(s), "NodePort") == 0) {
        of_node_ports(g, s, resource, host);
        leave_out(g, resource, "is of type NodePort: its records of addresses point at Nodes");
    } else if (t.n == 0 && str_eq(s->cluster_ip, "None") && strcmp(type_of(s), "ClusterIP") == 0) {
        leave_out(g, resource, "is headless: its records point at its Pods");
    } else if (t.n == 0) {
        t = own_targets(g, s, internal);
    }
    dns_want(g, &s->o, resource, host, &t);
}

static bool type_fits(const struct dns_settings *s, const struct service *x)
{
    bool fits = s->service_types.n == 0;
    for (uint32_t i = 0; i < s->service_types.n; i++) {
        const char *type = s->service_types.at[i];
        fits = fits || type[0] == '\0' || strcmp(type, type_of(x)) == 0;
    }
    return fits;
}

void dns_of_service(struct gather *g, const struct service *s)
{
    static const char *const keys[] = {"hostname", "internal-hostname"};
    if (!dns_is_ours(g, &s->o) || !type_fits(g->s, s)) {
        return;
    }
    uint32_t before = g->n;
    for (size_t k = 0; k < 2; k++) {
        struct texts hosts = dns_annotated_hosts(g, &s->o, keys[k]);
        for (uint32_t i = 0; i < hosts.n; i++) {
            of_service_host(g, s, hosts.at[i], k == 1);
        }
    }
    if (templated(g, g->n != before)) {
        struct texts hosts = dns_template_hosts(g, &s->o);
        for (uint32_t i = 0; i < hosts.n; i++) {
            of_service_host(g, s, hosts.at[i], false);
        }
    }
}

static bool class_fits(const struct gather *g, const struct ingress *i)
{
    const struct str_list *classes = &g->s->ingress_class;
    const char *class = !str_empty(i->class_name)
                            ? i->class_name
                            : object_annotation(&i->o, "kubernetes.io/ingress.class");
    for (uint32_t k = 0; k < classes->n; k++) {
        if (str_eq(classes->at[k], class)) {
            return true;
        }
    }
    return classes->n == 0;
}

void dns_of_ingress(struct gather *g, const struct ingress *i)
{
    if (!dns_is_ours(g, &i->o) || !class_fits(g, i)) {
        return;
    }
    struct arena *a = g->m->arena;
    const char *resource = dns_resource(g, "ingress", &i->o);
    struct texts t = dns_annotated_targets(g, &i->o);
    if (t.n == 0) {
        add_balancers(a, &t, i->ingress, i->ningress, true);
    }
    uint32_t before = g->n;
    const char *source = dns_annotation(g, &i->o, "ingress-hostname-source");
    bool defined = source == NULL || str_casecmp(source, "defined-hosts-only") == 0;
    bool named = source == NULL || str_casecmp(source, "annotation-only") == 0;
    for (uint32_t k = 0; defined && !g->s->ignore_ingress_rules && k < i->hosts.n; k++) {
        if (!str_empty(i->hosts.at[k])) {
            dns_want(g, &i->o, resource, i->hosts.at[k], &t);
        }
    }
    for (uint32_t k = 0; defined && !g->s->ignore_ingress_tls && k < i->tls_hosts.n; k++) {
        if (!str_empty(i->tls_hosts.at[k])) {
            dns_want(g, &i->o, resource, i->tls_hosts.at[k], &t);
        }
    }
    struct texts hosts = dns_annotated_hosts(g, &i->o, "hostname");
    for (uint32_t k = 0; named && k < hosts.n; k++) {
        dns_want(g, &i->o, resource, hosts.at[k], &t);
    }
    if (templated(g, g->n != before)) {
        hosts = dns_template_hosts(g, &i->o);
        for (uint32_t k = 0; k < hosts.n; k++) {
            dns_want(g, &i->o, resource, hosts.at[k], &t);
        }
    }
}
