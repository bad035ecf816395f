// SPDX-License-Identifier: Apache-2.0
// Destinations that do not exist, and ports that are not given (GT0115, IST0101, IST0112):
// docs/rules/istio.md#ist0101-host, docs/rules/istio.md#ist0101-port, docs/rules/istio.md#ist0101-subset,
// docs/rules/istio.md#ist0112.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/host_registry_internal.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

// --- subsets

// "ns/name" that a host means to the analyzer: X.Y.svc.cluster.local is Y/X, anything else is in the
// resource's own namespace.
static const char *host_key(struct check *c, const char *ns, const char *host)
{
    size_t tail = name_in_cluster(host) ? strlen(name_service_suffix()) : strlen(host);
    const char *end = host + strlen(host) - tail;
    for (const char *p = end; p > host; p--) {
        if (p[-1] == '.') {
            return check_text(c, "%.*s/%.*s", (int)(end - p), p, (int)(p - 1 - host), host);
        }
    }
    return check_text(c, "%s/%s", ns, host);
}

struct gateway_pods { // the workloads of a VirtualService's Gateways, each once
    struct workload *at;
    uint32_t n, cap;
    bool mesh; // sidecars use the VirtualService as well
};

// What destinations are checked against.
struct destination_checks {
    struct check *c;
    const struct host_registry *registry;
    struct string_map subsets; // "ns/name subset" of every DestinationRule
    struct gateway_pods pods;  // of the current VirtualService
};

static void subsets_build(struct destination_checks *r)
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
    return check_text(c, "create a Service of that name in %s, or write <service>.<namespace>%s",
                      vs->o.ns, name_service_suffix());
}

// --- what the gateways see

static void add_pods(struct check *c, const struct gateway *g, struct string_map *seen,
                     struct gateway_pods *out)
{
    uint32_t n;
    const struct workload *w = workloads_of_gateway(c->m, g, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (string_map_add(seen, workload_key(c->a, &w[i]))) {
            *ARENA_PUSH(c->a, out->at, out->n, out->cap) = w[i];
        }
    }
}

static struct gateway_pods pods_of(struct check *c, const struct virtualservice *vs)
{
    struct gateway_pods out = {.mesh = vs->gateways.n == 0};
    struct string_map seen;
    string_map_init(&seen, c->a);
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns, *name;
        if (!name_resolve_gateway(c->a, vs->gateways.at[i], vs->o.ns, &ns, &name)) {
            out.mesh = true;
            continue;
        }
        const struct object *g = mesh_get(c->m, KIND_GATEWAY, ns, name);
        if (g != NULL) {
            add_pods(c, OBJECT_AS(gateway, g), &seen, &out);
        }
    }
    return out;
}

// What a gateway makes of the destination.
struct gateway_view {
    struct resolved_destination to;
    const struct workload *w; // NULL: there is none
};

// Of the first gateway that meets a fault at the destination, else of the last one.
static struct gateway_view view_of(struct check *c, const struct virtualservice *vs,
                                   const struct gateway_pods *pods, const struct destination *d)
{
    struct gateway_view v = {.to.fault = DEST_OK};
    for (uint32_t i = 0; i < pods->n && v.to.fault == DEST_OK; i++) {
        v.w = &pods->at[i];
        v.to = destination_resolve(c->m, v.w, d, vs->o.ns, 0);
    }
    return v;
}

// Is it known that the destination is there, and hidden from a gateway?
static bool is_hidden(const struct gateway_view *v)
{
    return v->to.fault == DEST_HIDDEN && destination_missing(&v->to);
}

// The service is there, but not exported to the gateway (docs/rules/istio.md#service-export).
static void hidden_host(struct destination_checks *r, const struct destination_place *at,
                        const struct gateway_view *v, const char *code)
{
    struct check *c = r->c;
    bool assumed = v->w->name == NULL;
    struct finding *f = check_add(
        c, code, &at->vs->o, check_text(c, "%s.host", at->path),
        "%s is not exported to the namespace of the gateway's pods, which %s in %s: such requests "
        "are answered 503",
        v->to.host, assumed ? "are assumed to run" : "run", v->w->ns);
    check_hint(c, f, "add \"%s\" to its exportTo", v->w->ns);
    f->severity = assumed ? SEVERITY_INFO : f->severity;
}

// Does every user of the VirtualService find host and subset, though istioctl does not?
static bool all_see_it(const struct gateway_pods *pods, const struct resolved_destination *r)
{
    bool there = r->fault == DEST_OK || r->fault == DEST_NO_PORT;
    return pods->n > 0 && !pods->mesh && there;
}

// True if it is only not known whether the destination exists: the other checks of it then cannot be done.
static bool missing_host(struct destination_checks *r, const struct destination_place *at,
                         const struct destination *d, const struct gateway_view *v)
{
    struct check *c = r->c;
    const struct virtualservice *vs = at->vs;
    const char *host = str_or_empty(d->host);
    const char *path = check_text(c, "%s.host", at->path);
    const char *what = check_text(c, "the %s \"%s\"", at->mirror ? "mirror host" : "host", host);
    if (!at->mirror && is_hidden(v)) {
        hidden_host(r, at, v, "IST0101");
    } else if (all_see_it(&r->pods, &v->to) || (v->to.fault == DEST_NO_SUBSET && !r->pods.mesh)) {
        check_add_harmless(c, "IST0101", &vs->o, path,
                           check_text(c, "%s is exported to the gateway only", what));
    } else if (d->present && !str_empty(d->host) &&
               !absence_of_host_is_proof(c->m, name_fqdn(c->a, host, vs->o.ns))) {
        if (absence_in_excerpt(c->m, KIND_SERVICE)) {
            check_add_unseen(c, "IST0101", &vs->o, path, what);
        }
        return true;
    } else {
        struct finding *f = check_add(c, "IST0101", &vs->o, path,
                                      "%s does not exist: such requests are answered 503", what);
        f->hint = missing_host_hint(c, vs, host);
    }
    return false;
}

// istioctl finds no DestinationRule with the subset.
static void missing_subset(struct destination_checks *r, const struct destination_place *at,
                           const struct destination *d, const struct gateway_view *v)
{
    struct check *c = r->c;
    const struct virtualservice *vs = at->vs;
    const char *host = str_or_empty(d->host);
    const char *path = check_text(c, "%s.subset", at->path);
    const char *what = check_text(c, "the %s \"%s+%s\"",
                                  at->mirror ? "mirror+subset in destinationrule"
                                             : "host+subset in destinationrule",
                                  host, d->subset);
    uint32_t rules;
    (void)mesh_index(c->m, INDEX_DR_BY_HOST, name_fqdn(c->a, host, vs->o.ns), "", &rules);
    if (all_see_it(&r->pods, &v->to)) {
        check_add_harmless(c, "IST0101", &vs->o, path,
                           check_text(c, "%s is defined where istioctl does not look", what));
    } else if (absence_in_excerpt(c->m, KIND_DESTINATIONRULE) && rules == 0) {
        check_add_unseen(c, "IST0101", &vs->o, path, what);
    } else if (absence_in_excerpt(c->m, KIND_DESTINATIONRULE) ||
               mesh_complete(c->m, KIND_DESTINATIONRULE)) {
        struct finding *f = check_add(c, "IST0101", &vs->o, path, "%s does not exist", what);
        check_hint(c, f, "define the subset %s in a DestinationRule for the host %s", d->subset,
                   host);
    }
}

// istioctl accepts a subset of a DestinationRule that the gateway never sees
// (docs/rules/istio.md#subset-destinationrules).
static void subset_out_of_sight(struct destination_checks *r, const struct destination_place *at,
                                const struct destination *d, const struct gateway_view *v)
{
    struct check *c = r->c;
    if (!at->mirror && v->to.fault == DEST_NO_SUBSET && destination_missing(&v->to)) {
        struct finding *f =
            check_add(c, "GT0115", &at->vs->o, check_text(c, "%s.subset", at->path),
                      "no DestinationRule that the gateway sees defines the subset %s of %s: such "
                      "requests are answered 503",
                      d->subset, v->to.host);
        check_hint(c, f,
                   "define it in the namespace of the service, %s, and export it to that of the "
                   "gateway: a gateway looks in its own namespace, in the service's and in the "
                   "root namespace only",
                   v->to.service->ns);
    }
}

static void check_destination(struct destination_checks *r, const struct destination_place *at,
                              const struct destination *d)
{
    struct check *c = r->c;
    const struct virtualservice *vs = at->vs;
    const char *host = str_or_empty(d->host);
    const struct registry_ports *ports =
        host_registry_find(r->registry, vs->o.ns, &vs->export_to, host);
    const struct gateway_view v = view_of(c, vs, &r->pods, d);
    bool unseen = false;
    if (ports == NULL) {
        unseen = missing_host(r, at, d, &v);
    } else {
        check_port(c, at, d, ports);
        if (!at->mirror && is_hidden(&v)) {
            hidden_host(r, at, &v, "GT0115");
            return;
        }
    }
    if (str_empty(d->subset) || unseen) {
        return; // one finding for one cause
    }
    const char *key = check_text(c, "%s %s", host_key(c, vs->o.ns, host), d->subset);
    if (string_map_get(&r->subsets, key) == NULL) {
        missing_subset(r, at, d, &v);
    } else {
        subset_out_of_sight(r, at, d, &v);
    }
}

static void http_destinations(struct destination_checks *r, const struct virtualservice *vs)
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

static void l4_destinations(struct destination_checks *r, const struct virtualservice *vs,
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

void check_destinations(struct check *c)
{
    struct destination_checks r = {.c = c, .registry = host_registry_of(c->m)};
    subsets_build(&r);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        r.pods = pods_of(c, vs);
        http_destinations(&r, vs);
        l4_destinations(&r, vs, vs->tls, vs->ntls, "tls");
        l4_destinations(&r, vs, vs->tcp, vs->ntcp, "tcp");
    }
}
