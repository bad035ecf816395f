// SPDX-License-Identifier: Apache-2.0
// References that lead nowhere: destinations, ports, subsets, Gateways of VirtualServices, hosts of
// DestinationRules: docs/rules/istio.md#ist0101-host, docs/rules/istio.md#ist0101-port,
// docs/rules/istio.md#ist0101-subset, docs/rules/istio.md#ist0101-gateway, docs/rules/istio.md#ist0112,
// docs/rules/istio.md#ist0128, docs/rules/istio.md#ist0132, docs/rules/istio.md#ist0140,
// docs/rules/istio.md#ist0165, docs/rules/istio.md#ist0173, docs/rules/istio.md#ist0174.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/host_registry_internal.h"
#include "kube/mesh/core/host.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/gateway_hosts.h"

#include <string.h>

// May a missing Service be called missing? Files without a single Service say nothing about Services.
static bool services_known(const struct check *c)
{
    if (c->m->snap->cluster.from_files) {
        return c->m->snap->objects[KIND_SERVICE].count +
                   c->m->snap->objects[KIND_SERVICEENTRY].count >
               0;
    }
    return mesh_complete(c->m, KIND_SERVICE) && mesh_complete(c->m, KIND_SERVICEENTRY);
}

// --- subsets

// "ns/name" that a host means to the analyzer: X.Y.svc.cluster.local is Y/X, anything else is in the
// resource's own namespace.
static const char *host_key(struct check *c, const char *ns, const char *host)
{
    size_t tail = name_in_cluster(host) ? strlen(SERVICE_HOST_SUFFIX) : strlen(host);
    const char *end = host + strlen(host) - tail;
    for (const char *p = end; p > host; p--) {
        if (p[-1] == '.') {
            return check_text(c, "%.*s/%.*s", (int)(end - p), p, (int)(p - 1 - host), host);
        }
    }
    return check_text(c, "%s/%s", ns, host);
}

// What destinations are held against.
struct references {
    struct check *c;
    struct host_registry registry;
    struct string_map subsets; // "ns/name subset" of every DestinationRule
};

static void subsets_build(struct references *r)
{
    struct check *c = r->c;
    string_map_init(&r->subsets, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_DESTINATIONRULE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct destinationrule *d = OBJECT_AS(destinationrule, all[i]);
        const char *key = host_key(c, d->o.ns, str_or_empty(d->host));
        for (uint32_t k = 0; k < d->nsubsets; k++) {
            const char *name = d->subsets[k].name;
            (void)string_map_add(&r->subsets, check_text(c, "%s %s", key, str_or_empty(name)));
        }
    }
}

// --- destinations

struct destination_place { // in its VirtualService
    const struct virtualservice *vs;
    const char *path; // "spec.http[0].route[1].destination"
    bool mirror;
};

static const char *port_list(struct check *c, const struct registry_ports *p)
{
    struct buf b;
    buf_init(&b, 1024);
    buf_addc(&b, '[');
    for (uint32_t i = 0; i < p->n; i++) {
        buf_addf(&b, "%s%u", i > 0 ? " " : "", p->at[i]);
    }
    buf_addc(&b, ']');
    return buf_take_arena(&b, c->a);
}

static void check_port(struct check *c, const struct destination_place *at,
                       const struct destination *d, const struct registry_ports *ports)
{
    const struct object *o = &at->vs->o;
    if (!d->port_set) {
        if (ports->n > 1) {
            struct finding *f =
                check_add(c, "IST0112", o, at->path,
                          "the destination \"%s\" has the ports %s and none is given", d->host,
                          port_list(c, ports));
            check_hint(c, f, "write port: {number: %u} below %s", ports->at[0], at->path);
        }
        return;
    }
    for (uint32_t i = 0; i < ports->n; i++) {
        if (ports->at[i] == d->port) {
            return;
        }
    }
    struct finding *f =
        check_add(c, "IST0101", o, check_text(c, "%s.port.number", at->path),
                  "the host:port \"%s:%lld\" does not exist", d->host, (long long)d->port);
    check_hint(c, f, "the host has the ports %s", port_list(c, ports));
}

static const char *missing_host_hint(struct check *c, const struct virtualservice *vs,
                                     const char *host)
{
    const char *dot = strchr(host, '.');
    if (dot != NULL && !name_in_cluster(host)) {
        const char *name = arena_strndup(c->a, host, (size_t)(dot - host));
        const char *rest = dot + 1;
        const char *ns = arena_strndup(c->a, rest, strcspn(rest, "."));
        if (mesh_get(c->m, KIND_SERVICE, ns, name) != NULL) {
            return check_text(c, "a name with a dot is taken literally: write %s",
                              name_service_host(c->a, name, ns));
        }
    }
    return check_text(
        c,
        "create a Service of that name in %s, or write <service>.<namespace>" SERVICE_HOST_SUFFIX,
        vs->o.ns);
}

static void check_destination(struct references *r, const struct destination_place *at,
                              const struct destination *d)
{
    struct check *c = r->c;
    const struct virtualservice *vs = at->vs;
    const char *host = str_or_empty(d->host);
    if (services_known(c)) {
        const struct registry_ports *ports =
            host_registry_find(&r->registry, vs->o.ns, &vs->export_to, host);
        if (ports == NULL) {
            struct finding *f =
                check_add(c, "IST0101", &vs->o, check_text(c, "%s.host", at->path),
                          "the %s \"%s\" does not exist: such requests are answered 503",
                          at->mirror ? "mirror host" : "host", host);
            f->hint = missing_host_hint(c, vs, host);
        } else {
            check_port(c, at, d, ports);
        }
    }
    if (str_empty(d->subset) || !mesh_complete(c->m, KIND_DESTINATIONRULE)) {
        return;
    }
    const char *key = check_text(c, "%s %s", host_key(c, vs->o.ns, host), d->subset);
    if (string_map_get(&r->subsets, key) == NULL) {
        struct finding *f = check_add(c, "IST0101", &vs->o, check_text(c, "%s.subset", at->path),
                                      "the %s \"%s+%s\" does not exist",
                                      at->mirror ? "mirror+subset in destinationrule"
                                                 : "host+subset in destinationrule",
                                      host, d->subset);
        check_hint(c, f, "define the subset %s in a DestinationRule for the host %s", d->subset,
                   host);
    }
}

static void http_destinations(struct references *r, const struct virtualservice *vs)
{
    struct check *c = r->c;
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule *rule = &vs->http[i];
        for (uint32_t k = 0; k < rule->nroutes; k++) {
            const char *path = check_text(c, "spec.http[%u].route[%u].destination", i, k);
            struct destination_place at = {vs, path, false};
            check_destination(r, &at, &rule->routes[k].destination);
        }
        if (rule->more != NULL && rule->more->mirror != NULL) {
            struct destination_place at = {vs, check_text(c, "spec.http[%u].mirror", i), true};
            check_destination(r, &at, &rule->more->mirror->destination);
        }
        for (uint32_t k = 0; rule->more != NULL && k < rule->more->nmirrors; k++) {
            const char *path = check_text(c, "spec.http[%u].mirrors[%u].destination", i, k);
            struct destination_place at = {vs, path, true};
            check_destination(r, &at, &rule->more->mirrors[k].destination);
        }
    }
}

static void l4_destinations(struct references *r, const struct virtualservice *vs,
                            const struct l4_rule *rules, uint32_t n, const char *list)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < rules[i].nroutes; k++) {
            const char *path = check_text(r->c, "spec.%s[%u].route[%u].destination", list, i, k);
            struct destination_place at = {vs, path, false};
            check_destination(r, &at, &rules[i].routes[k].destination);
        }
    }
}

// --- gateways

// Do the hosts meet a server of the Gateway, Istio's or the Gateway API's?
static bool hosts_meet(struct check *c, const struct virtualservice *vs, const struct object *gw)
{
    if (gw->kind == KIND_K8S_GATEWAY) {
        const struct str_list *names = &OBJECT_AS(k8s_gateway, gw)->hostnames;
        for (uint32_t i = 0; i < names->n; i++) {
            for (uint32_t k = 0; k < vs->hosts.n; k++) {
                if (names->at[i][0] == '\0' || host_overlap(names->at[i], vs->hosts.at[k])) {
                    return true;
                }
            }
        }
        return false;
    }
    const struct gateway_hosts *hosts = gateway_hosts_find(c->m, OBJECT_AS(gateway, gw));
    for (uint32_t k = 0; k < vs->hosts.n; k++) {
        if (gateway_hosts_take(hosts, vs->o.ns, vs->hosts.at[k])) {
            return true;
        }
    }
    return false;
}

static const char *server_hosts_text(struct check *c, const struct object *gw)
{
    if (gw == NULL || gw->kind != KIND_GATEWAY) {
        return NULL;
    }
    const struct gateway *g = OBJECT_AS(gateway, gw);
    struct buf b;
    buf_init(&b, 512);
    for (uint32_t i = 0; i < g->nservers && !b.over; i++) {
        for (uint32_t h = 0; h < g->servers[i].hosts.n && !b.over; h++) {
            buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", g->servers[i].hosts.at[h]);
        }
    }
    const char *text = b.len > 0 ? arena_strdup(c->a, b.data) : "none";
    buf_release(&b);
    return text;
}

static void check_gateway_ref(struct check *c, const struct virtualservice *vs, uint32_t i)
{
    const char *ref = vs->gateways.at[i];
    const char *path = check_text(c, "spec.gateways[%u]", i);
    if (str_eq(ref, "mesh")) {
        return;
    }
    if (strstr(ref, "~istio-autogenerated-k8s-gateway~") != NULL) {
        struct finding *f = check_add(c, "IST0165", &vs->o, path,
                                      "the Gateway \"%s\" is one that Istio makes for itself", ref);
        check_hint(c, f, "bind to a Gateway of your own");
        return;
    }
    const char *ns, *name = name_split(c->a, ref, vs->o.ns, &ns);
    const struct object *gw = mesh_get(c->m, KIND_GATEWAY, ns, name);
    if (gw == NULL) {
        gw = mesh_get(c->m, KIND_K8S_GATEWAY, ns, name);
    }
    if (gw == NULL && !mesh_complete(c->m, KIND_GATEWAY)) {
        return;
    }
    if (gw == NULL) {
        struct finding *f =
            check_add(c, "IST0101", &vs->o, path, "the gateway \"%s\" does not exist", ref);
        const char *real_ns = NULL, *real_name = NULL;
        if (name_resolve_gateway(c->a, ref, vs->o.ns, &real_ns, &real_name) &&
            mesh_get(c->m, KIND_GATEWAY, real_ns, real_name) != NULL) {
            check_hint(c, f, "write \"%s/%s\"", real_ns, real_name);
        } else {
            check_hint(c, f, "create Gateway %s/%s, or name one as <namespace>/<name>", ns, name);
        }
    }
    if (gw == NULL || !hosts_meet(c, vs, gw)) {
        struct finding *f =
            check_add(c, "IST0132", &vs->o, path, "none of the hosts %s is served by Gateway %s/%s",
                      check_list(c, &vs->hosts), ns, name);
        const char *served = server_hosts_text(c, gw);
        if (served != NULL) {
            check_hint(c, f, "the Gateway's hosts are: %s", served);
        }
    }
}

// The first two VirtualServices that have subset rules for one host text.
struct subset_owners {
    const struct virtualservice *first, *second;
};

static void add_subset_owner(struct check *c, struct string_map *owners,
                             const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        for (uint32_t k = 0; k < vs->http[i].nroutes; k++) {
            const struct destination *d = &vs->http[i].routes[k].destination;
            if (str_empty(d->subset) || d->host == NULL || !str_list_has(&vs->hosts, d->host)) {
                continue;
            }
            struct subset_owners **at = (struct subset_owners **)string_map_at(owners, d->host);
            *at = *at != NULL ? *at : arena_alloc(c->a, sizeof **at);
            if ((*at)->first == NULL) {
                (*at)->first = vs;
            } else if ((*at)->second == NULL && (*at)->first != vs) {
                (*at)->second = vs;
            }
        }
    }
}

// A destination without a subset, of a VirtualService with gateways, whose host has subset rules
// (docs/rules/istio.md#ist0140).
static void report_subset_rules(struct check *c, const struct virtualservice *vs, const char *path,
                                const char *host, const struct subset_owners *owners)
{
    const struct virtualservice *other = owners->first != vs ? owners->first : owners->second;
    if (other == NULL) {
        struct finding *f =
            check_add(c, "IST0140", &vs->o, path,
                      "istioctl reports this; Envoy does not mind: the subset rules "
                      "for %s are this VirtualService's own and hold behind its "
                      "Gateways",
                      host);
        f->severity = SEVERITY_INFO;
        return;
    }
    struct finding *f = check_add(c, "IST0140", &vs->o, path,
                                  "the subset rules of VirtualService %s/%s for %s do not hold for "
                                  "requests that come here from a Gateway",
                                  other->o.ns, other->o.name, host);
    check_hint(c, f, "name the subset here too");
}

static void check_ingress_subset(struct check *c, const struct string_map *subsetted,
                                 const struct virtualservice *vs)
{
    for (uint32_t i = 0; vs->gateways.n > 0 && i < vs->nhttp; i++) {
        for (uint32_t k = 0; k < vs->http[i].nroutes; k++) {
            const struct destination *d = &vs->http[i].routes[k].destination;
            const struct subset_owners *owners =
                d->host != NULL && str_empty(d->subset) ? string_map_get(subsetted, d->host) : NULL;
            if (owners != NULL) {
                const char *path = check_text(c, "spec.http[%u].route[%u].destination", i, k);
                report_subset_rules(c, vs, path, d->host, owners);
            }
        }
    }
}

static void check_virtualservices(struct references *r)
{
    struct check *c = r->c;
    struct string_map subsetted;
    string_map_init(&subsetted, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_subset_owner(c, &subsetted, OBJECT_AS(virtualservice, all[i]));
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        http_destinations(r, vs);
        l4_destinations(r, vs, vs->tls, vs->ntls, "tls");
        l4_destinations(r, vs, vs->tcp, vs->ntcp, "tcp");
        for (uint32_t k = 0; k < vs->gateways.n; k++) {
            check_gateway_ref(c, vs, k);
        }
        check_ingress_subset(c, &subsetted, vs);
    }
}

// --- DestinationRules

// Do the Pods that are known say anything about subsets? From a cluster only gateway pods are read.
static bool app_pods_known(const struct check *c)
{
    return c->m->snap->cluster.from_files && c->m->snap->objects[KIND_POD].count > 0;
}

static bool some_pod(struct check *c, const struct str_map *labels)
{
    if (labels->n == 0) {
        return true;
    }
    uint32_t n;
    const struct object *const *at =
        mesh_index(c->m, INDEX_POD_BY_LABEL, labels->at[0].key, labels->at[0].value, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (labels_match(labels, &at[i]->labels)) {
            return true;
        }
    }
    return false;
}

static bool topology(const struct str_map *labels)
{
    for (uint32_t i = 0; i < labels->n; i++) {
        if (str_starts(labels->at[i].key, "topology.") ||
            str_eq(labels->at[i].key, "kubernetes.io/hostname")) {
            return true; // comes from the node, which gatetop does not read
        }
    }
    return false;
}

static void check_client_tls(struct check *c, const struct destinationrule *d,
                             const struct client_tls *tls, int64_t port, const char *path)
{
    bool verifies = !str_eq(tls->mode, "SIMPLE") && !str_eq(tls->mode, "MUTUAL");
    if (verifies || !str_empty(tls->ca_certificates) ||
        (!str_empty(tls->credential_name) && d->has_workload_selector)) {
        return;
    }
    const char *host = str_or_empty(d->host);
    struct finding *f =
        port == 0 ? check_add(c, "IST0128", &d->o, path,
                              "TLS mode %s to %s does not check the server's certificate",
                              tls->mode, host)
                  : check_add(c, "IST0129", &d->o, path,
                              "TLS mode %s to %s port %lld does not check the server's certificate",
                              tls->mode, host, (long long)port);
    check_hint(c, f, "set caCertificates");
}

static void check_subset_pods(struct check *c, const struct destinationrule *d, const char *host)
{
    for (uint32_t i = 0; i < d->nsubsets; i++) {
        const struct subset *s = &d->subsets[i];
        if (!topology(&s->labels) && !some_pod(c, &s->labels)) {
            struct finding *f =
                check_add(c, "IST0173", &d->o, check_text(c, "spec.subsets[%u].labels", i),
                          "the subset %s selects no pod", str_or_empty(s->name));
            check_hint(c, f, "compare its labels with those of the pods of %s", host);
        }
    }
}

static void check_destinationrule(struct references *r, const struct destinationrule *d)
{
    struct check *c = r->c;
    const char *host = str_or_empty(d->host);
    bool known = services_known(c);
    if (known && host_registry_find(&r->registry, d->o.ns, &d->export_to, host) == NULL) {
        struct finding *f = check_add(c, "IST0174", &d->o, "spec.host",
                                      "the host \"%s\" is no Service or ServiceEntry", host);
        check_hint(c, f, "name the Service as <name>.<namespace>" SERVICE_HOST_SUFFIX);
    } else if (known && app_pods_known(c)) {
        check_subset_pods(c, d, host);
    }
    if (d->policy.has_tls) {
        check_client_tls(c, d, &d->policy.tls, 0, "spec.trafficPolicy.tls");
    }
    for (uint32_t i = 0; i < d->policy.nports; i++) {
        check_client_tls(c, d, &d->policy.ports[i].tls, d->policy.ports[i].port,
                         "spec.trafficPolicy.portLevelSettings");
    }
}

void check_references(struct check *c)
{
    struct references r = {.c = c};
    host_registry_build(&r.registry, c->m);
    subsets_build(&r);
    check_virtualservices(&r);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_DESTINATIONRULE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_destinationrule(&r, OBJECT_AS(destinationrule, all[i]));
    }
}
