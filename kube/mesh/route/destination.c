// SPDX-License-Identifier: Apache-2.0
// Where a destination leads, seen from a gateway workload.
#include "kube/mesh/route/destination.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/host.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/object_order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// The namespace whose DestinationRules hold for the whole mesh (Istio's root namespace).
static const char ROOT_NS[] = "istio-system";
static const char EXPORT_TO[] = "networking.istio.io/exportTo";

// A host of the registry: a Service, or every visible ServiceEntry that lists it
// (docs/rules/istio.md#serviceentry-destinations).
struct registry {
    const struct service *service;
    const struct serviceentry *entry; // the first
    bool hidden;                      // something is there, but not exported to the workload
    bool unproven;                    // nothing is there, which proves nothing
    const uint32_t *ports;            // that take TCP, sorted
    uint32_t nports;
    uint32_t only_port; // where the first has no other
    bool has_only_port;
};

struct host_question {
    const struct workload *w;
    const char *host;
};

static bool is_udp(const char *protocol)
{
    return protocol != NULL && str_casecmp(protocol, "UDP") == 0;
}

struct port_list {
    uint32_t *at;
    uint32_t n, cap;
};

static void add_port(struct arena *a, struct port_list *l, int64_t port, const char *protocol)
{
    if (!is_udp(protocol) && port >= 0 && port <= UINT32_MAX) {
        *ARENA_PUSH(a, l->at, l->n, l->cap) = (uint32_t)port;
    }
}

static void set_ports(struct registry *r, struct port_list *l)
{
    if (l->n > 1) {
        qsort(l->at, l->n, sizeof *l->at, number_compare_u32);
    }
    r->ports = l->at;
    r->nports = l->n;
}

static void take_service(struct arena *a, struct registry *r, const struct service *s)
{
    struct port_list ports = {0};
    for (uint32_t i = 0; i < s->nports; i++) {
        add_port(a, &ports, s->ports[i].port, s->ports[i].protocol);
    }
    r->service = s;
    r->has_only_port = s->nports == 1;
    r->only_port = s->nports == 1 ? s->ports[0].port : 0;
    set_ports(r, &ports);
}

static bool entry_is_private(const struct serviceentry *e)
{
    return e->export_to.n == 1 &&
           (strcmp(e->export_to.at[0], ".") == 0 || strcmp(e->export_to.at[0], e->o.ns) == 0);
}

// Which of two entries of one host counts: those that only the workload's own namespace sees before all others, then
// the older; of one age by namespace, then by name.
static bool counts_before(const struct host_question *q, const struct serviceentry *a,
                          const struct serviceentry *b)
{
    bool own = entry_is_private(a) && strcmp(a->o.ns, q->w->ns) == 0;
    bool other_own = entry_is_private(b) && strcmp(b->o.ns, q->w->ns) == 0;
    if (own != other_own) {
        return own;
    }
    if (a->o.created != b->o.created) {
        return a->o.created < b->o.created;
    }
    const struct object *x = &a->o, *y = &b->o;
    return object_id_order(&x, &y) < 0;
}

// The entry of the host that counts: of all namespaces, or of this one. NULL: the workload sees none; *hidden: but
// there is one.
static const struct serviceentry *first_entry(const struct mesh *m, const struct host_question *q,
                                              const char *ns, bool *hidden)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_SE_BY_HOST, q->host, "", &n);
    const struct serviceentry *first = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct serviceentry *e = OBJECT_AS(serviceentry, at[i]);
        bool seen = export_to_class(&e->export_to, e->o.ns, q->w->ns) != EXPORT_HIDDEN;
        *hidden |= !seen;
        if (seen && (ns == NULL || strcmp(ns, e->o.ns) == 0) &&
            (first == NULL || counts_before(q, e, first))) {
            first = e;
        }
    }
    return first;
}

static void take_entries(const struct mesh *m, const struct host_question *q, struct registry *r)
{
    r->entry = first_entry(m, q, NULL, &r->hidden);
    if (r->entry == NULL) {
        return;
    }
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_SE_BY_HOST, q->host, "", &n);
    struct port_list ports = {0};
    for (uint32_t i = 0; i < n; i++) {
        const struct serviceentry *e = OBJECT_AS(serviceentry, at[i]);
        bool merged = strcmp(e->o.ns, r->entry->o.ns) == 0 &&
                      export_to_class(&e->export_to, e->o.ns, q->w->ns) != EXPORT_HIDDEN;
        for (uint32_t j = 0; merged && j < e->nports; j++) {
            add_port(m->arena, &ports, e->ports[j].number, e->ports[j].protocol);
        }
    }
    r->has_only_port = r->entry->nports == 1;
    r->only_port = r->has_only_port ? (uint32_t)r->entry->ports[0].number : 0;
    set_ports(r, &ports);
}

static const void *find_host(const struct mesh *m, const void *question)
{
    const struct host_question *q = question;
    struct registry *r = arena_alloc(m->arena, sizeof *r);
    const char *name;
    const char *ns;
    if (name_split_service(m->arena, q->host, &name, &ns)) {
        const struct object *o = mesh_get(m, KIND_SERVICE, ns, name);
        if (o != NULL &&
            export_annotation_shows(object_annotation(o, EXPORT_TO), o->ns, q->w->ns)) {
            take_service(m->arena, r, OBJECT_AS(service, o));
            return r;
        }
        r->hidden = o != NULL;
    }
    take_entries(m, q, r);
    r->unproven = r->entry == NULL && !r->hidden && !absence_of_host_is_proof(m, q->host);
    return r;
}

static const struct registry *look_up(const struct mesh *m, const struct workload *w,
                                      const char *host)
{
    struct host_question q = {w, host};
    return mesh_answer(m, mesh_answer_name(m->arena, "host", w->ns, host, NULL), find_host, &q);
}

struct own_question {
    struct host_question host;
    const char *ns;
};

static const void *find_own_entry(const struct mesh *m, const void *question)
{
    const struct own_question *q = question;
    bool hidden = false;
    return first_entry(m, &q->host, q->ns, &hidden);
}

// A port that is left out is that of an entry of the VirtualService's own namespace, if there is one, even where the
// connection goes to another's (docs/rules/istio.md#serviceentry-destinations).
static void choose_only_port(const struct mesh *m, const struct workload *w,
                             const struct registry *r, const char *ns,
                             struct resolved_destination *out)
{
    bool only = r->has_only_port;
    uint32_t port = r->only_port;
    if (r->entry != NULL && strcmp(r->entry->o.ns, ns) != 0) {
        struct own_question q = {{w, out->host}, ns};
        const char *name = mesh_answer_name(m->arena, "own entry", w->ns, out->host, ns, NULL);
        const struct serviceentry *own = mesh_answer(m, name, find_own_entry, &q);
        only = own != NULL ? own->nports == 1 : only;
        port = own != NULL && only ? (uint32_t)own->ports[0].number : port;
    }
    if (only) {
        out->port_reason = PORT_ONLY;
        out->port = port;
    }
}

static bool has_port(const struct registry *r, uint32_t port)
{
    return r->nports > 0 &&
           bsearch(&port, r->ports, r->nports, sizeof port, number_compare_u32) != NULL;
}

// --- subsets

struct rule_candidates {
    const struct object **at;
    uint32_t n, cap;
};

static void collect(const struct mesh *m, const char *key, const char *ns,
                    struct rule_candidates *out)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_DR_BY_HOST, key, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(at[i]->ns, ns) != 0) {
            continue;
        }
        *ARENA_PUSH(m->arena, out->at, out->n, out->cap) = at[i];
    }
}

enum rule_lookup { LOOKUP_LOCAL, LOOKUP_ROOT_PRIVATE, LOOKUP_EXPORTED };

static bool private_only(const struct destinationrule *d)
{
    return d->export_to.n == 1 &&
           (strcmp(d->export_to.at[0], ".") == 0 || strcmp(d->export_to.at[0], d->o.ns) == 0);
}

static bool same_exports(const struct str_list *a, const struct str_list *b)
{
    bool same = a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++) {
        bool found = false;
        for (uint32_t j = 0; j < b->n && !found; j++) {
            found = strcmp(a->at[i], b->at[j]) == 0;
        }
        same = found;
    }
    return same;
}

// The rules of one host text that this lookup uses, oldest first: those that merge with the first (equal exportTo).
// False if the index has none at all, so that a less specific host is tried.
static bool chosen(const struct rule_candidates *all, enum rule_lookup how, const char *client_ns,
                   struct rule_candidates *out)
{
    bool indexed = false;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct destinationrule *d = OBJECT_AS(destinationrule, all->at[i]);
        bool here = how == LOOKUP_LOCAL
                        ? export_to_class(&d->export_to, d->o.ns, d->o.ns) != EXPORT_HIDDEN
                        : private_only(d) == (how == LOOKUP_ROOT_PRIVATE);
        if (d->has_workload_selector || !here) {
            continue;
        }
        indexed = true;
        if (how == LOOKUP_EXPORTED &&
            export_to_class(&d->export_to, d->o.ns, client_ns) == EXPORT_HIDDEN) {
            continue;
        }
        if (out->n > 0 &&
            !same_exports(&OBJECT_AS(destinationrule, out->at[0])->export_to, &d->export_to)) {
            continue;
        }
        out->at[out->n++] = all->at[i];
    }
    return indexed;
}

// The rules of one namespace and host text that this lookup takes. False if it has none of them in its index.
static bool of_text(const struct mesh *m, const char *text, const char *ns, enum rule_lookup how,
                    const char *client_ns, struct rule_candidates *out)
{
    struct rule_candidates all = {0};
    collect(m, text, ns, &all);
    *out = (struct rule_candidates){0};
    if (all.n == 0) {
        return false;
    }
    qsort(all.at, all.n, sizeof *all.at, object_age_order);
    out->at = arena_calloc(m->arena, all.n, sizeof *out->at);
    return chosen(&all, how, client_ns, out);
}

// The next suffix from here on that a wildcard of the namespace may have: any, or only one that begins with a dot, and
// "" at the end.
static const char *next_tail(const char *from, bool any)
{
    const char *dot = strchr(from, '.');
    return any ? from : dot != NULL ? dot : from + strlen(from);
}

// The most specific host text of one namespace: the host itself, then "*" and each shorter tail.
static struct rule_candidates of_namespace(const struct mesh *m, const char *host, const char *ns,
                                           enum rule_lookup how, const char *client_ns)
{
    struct rule_candidates out;
    if (of_text(m, host, ns, how, client_ns, &out)) {
        return out;
    }
    bool any = mesh_index_count(m, INDEX_DR_BY_HOST, "*", ns) > 0; // one that ends inside a label
    for (const char *tail = next_tail(host, any);; tail = next_tail(tail + 1, any)) {
        const char *wild = arena_printf(m->arena, "*%s", tail);
        if (of_text(m, wild, ns, how, client_ns, &out) || *tail == '\0') {
            return out;
        }
    }
}

// The DestinationRules whose subsets the gateway uses for a host of service namespace `service_ns` ("" if
// unknown): those of one namespace and host text, oldest first.
static const struct destinationrule *const *rules_of_host(const struct mesh *m,
                                                          const struct workload *w,
                                                          const char *host, const char *service_ns,
                                                          uint32_t *n)
{
    bool in_root = strcmp(w->ns, ROOT_NS) == 0;
    struct rule_candidates r =
        of_namespace(m, host, w->ns, in_root ? LOOKUP_ROOT_PRIVATE : LOOKUP_LOCAL, w->ns);
    if (r.n == 0 && *service_ns != '\0') {
        r = of_namespace(m, host, service_ns, LOOKUP_EXPORTED, w->ns);
    }
    if (r.n == 0) {
        r = of_namespace(m, host, ROOT_NS, LOOKUP_EXPORTED, w->ns);
    }
    const struct destinationrule **out = arena_calloc(m->arena, r.n, sizeof *out);
    for (uint32_t i = 0; i < r.n; i++) {
        out[i] = OBJECT_AS(destinationrule, r.at[i]);
    }
    *n = r.n;
    return out;
}

struct subset_question {
    const struct workload *w;
    const char *host, *service_ns;
};

// The DestinationRule that defines each subset of a host: of several the first.
static const void *find_subsets(const struct mesh *m, const void *question)
{
    const struct subset_question *q = question;
    struct string_map *subsets = arena_alloc(m->arena, sizeof *subsets);
    string_map_init(subsets, m->arena);
    uint32_t n;
    const struct destinationrule *const *rules = rules_of_host(m, q->w, q->host, q->service_ns, &n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < rules[i]->nsubsets; j++) {
            const char *subset = rules[i]->subsets[j].name;
            if (subset != NULL && string_map_get(subsets, subset) == NULL) {
                string_map_put(subsets, subset, rules[i]);
            }
        }
    }
    return subsets;
}

static const struct destinationrule *subset_rule(const struct mesh *m, const struct workload *w,
                                                 const char *host, const char *service_ns,
                                                 const char *subset)
{
    struct subset_question q = {w, host, service_ns};
    const char *name = mesh_answer_name(m->arena, "subsets", w->ns, host, service_ns, NULL);
    return string_map_get(mesh_answer(m, name, find_subsets, &q), subset);
}

// May an unread DestinationRule define the subset? Not all were read, and none of this very host.
static bool subset_unproven(const struct mesh *m, const char *host)
{
    uint32_t n;
    (void)mesh_index(m, INDEX_DR_BY_HOST, host, "", &n);
    return absence_in_excerpt(m, KIND_DESTINATIONRULE)
               ? n == 0
               : !mesh_complete(m, KIND_DESTINATIONRULE) &&
                     mesh_state(m, KIND_DESTINATIONRULE)->state != SYNC_NOT_INSTALLED;
}

// --- the whole

struct resolved_destination destination_resolve(const struct mesh *m, const struct workload *w,
                                                const struct destination *d, const char *ns,
                                                uint32_t server_port)
{
    struct resolved_destination out = {.port_reason = PORT_SERVER, .port = server_port};
    out.subset = str_empty(d->subset) ? NULL : d->subset;
    if (!d->present || str_empty(d->host)) {
        out.host = out.name = "";
        out.fault = DEST_NO_HOST;
        return out;
    }
    out.host = out.name = name_fqdn(m->arena, d->host, ns);
    const struct registry *r = look_up(m, w, out.host);
    if (d->port_set) {
        out.port_reason = PORT_GIVEN;
        out.port = d->port > 0 && d->port <= UINT32_MAX ? (uint32_t)d->port : 0;
    } else {
        choose_only_port(m, w, r, ns, &out);
    }
    if (r->service != NULL && !str_empty(r->service->external_name) &&
        str_eq(r->service->type, "ExternalName")) {
        // An alias: what counts is the target (docs/rules/istio.md#externalname).
        out.host = r->service->external_name;
        r = look_up(m, w, out.host);
    }
    out.service = r->service != NULL ? &r->service->o : r->entry != NULL ? &r->entry->o : NULL;
    if (out.service == NULL) {
        out.fault = r->hidden ? DEST_HIDDEN : DEST_NO_SERVICE;
        out.unproven = r->hidden ? w->assumed : r->unproven;
    } else if (!has_port(r, out.port)) {
        out.fault = DEST_NO_PORT;
    } else if (out.subset != NULL) {
        out.rule = subset_rule(m, w, out.host, out.service->ns, out.subset);
        out.fault = out.rule != NULL ? DEST_OK : DEST_NO_SUBSET;
        out.unproven = out.rule == NULL && subset_unproven(m, out.host);
    }
    return out;
}

bool destination_missing(const struct resolved_destination *r)
{
    return r->fault != DEST_OK && !r->unproven;
}

// Why it is not known whether the destination is there.
static const char *unproven_text(const struct mesh *m, const struct resolved_destination *r)
{
    struct arena *a = m->arena;
    bool subset = r->fault == DEST_NO_SUBSET;
    const char *name, *ns;
    enum kind k = subset                                       ? KIND_DESTINATIONRULE
                  : name_split_service(a, r->host, &name, &ns) ? KIND_SERVICE
                                                               : KIND_SERVICEENTRY;
    const char *what = subset ? arena_printf(a, "subset '%s' of '%s'", r->subset, r->host)
                              : arena_printf(a, "service '%s'", r->host);
    return absence_in_excerpt(m, k)
               ? arena_printf(a, "%s is not in these files", what)
               : arena_printf(a, "%s is not known: %s", what, str_or_empty(absence_reason(m, k)));
}

static const char *ports_text(const struct mesh *m, const struct object *o)
{
    struct buf b;
    buf_init(&b, 512);
    if (o->kind == KIND_SERVICE) {
        const struct service *s = OBJECT_AS(service, o);
        for (uint32_t i = 0; i < s->nports; i++) {
            buf_addf(&b, "%s%u", i > 0 ? ", " : "", s->ports[i].port);
        }
    } else {
        const struct serviceentry *e = OBJECT_AS(serviceentry, o);
        for (uint32_t i = 0; i < e->nports; i++) {
            buf_addf(&b, "%s%lld", i > 0 ? ", " : "", (long long)e->ports[i].number);
        }
    }
    const char *text = arena_strdup(m->arena, b.len > 0 ? b.data : "none");
    buf_release(&b);
    return text;
}

const char *destination_fault_text(const struct mesh *m, const struct resolved_destination *r)
{
    struct arena *a = m->arena;
    if (r->unproven && r->fault != DEST_HIDDEN) {
        return unproven_text(m, r);
    }
    switch (r->fault) {
    case DEST_OK:
        return NULL;
    case DEST_NO_HOST:
        return "the destination has no host";
    case DEST_NO_SERVICE: {
        const char *name;
        const char *ns;
        if (!name_split_service(a, r->host, &name, &ns) && strchr(r->host, '.') != NULL &&
            strchr(strchr(r->host, '.') + 1, '.') == NULL) {
            return arena_printf(
                a,
                "there is no service '%s': a name with a dot is taken as it stands, so "
                "write the bare name or '%s" SERVICE_HOST_SUFFIX "'",
                r->host, r->host);
        }
        return arena_printf(a, "there is no service '%s': create it or correct the name", r->host);
    }
    case DEST_HIDDEN:
        return arena_printf(
            a, "service '%s' is not exported to the gateway's namespace: add that to its exportTo",
            r->host);
    case DEST_NO_PORT:
        return arena_printf(
            a, "%s has no port %u (it has %s)%s", object_title(a, r->service), r->port,
            ports_text(m, r->service),
            r->port_reason == PORT_SERVER
                ? "; the port is left out, so the Gateway server's number is used: write "
                  "port.number"
                : "");
    case DEST_NO_SUBSET:
        return arena_printf(
            a,
            "no DestinationRule that the gateway sees defines subset '%s' of '%s': add it to "
            "one in the service's namespace",
            r->subset, r->host);
    }
    return NULL;
}

const char *port_reason_text(enum port_reason r)
{
    static const char *const text[] = {
        [PORT_GIVEN] = "port.number",
        [PORT_ONLY] = "the service's only port",
        [PORT_SERVER] = "left out: the Gateway server's number",
    };
    static_assert(ARRAY_COUNT(text) == PORT_SERVER + 1, "every reason has a text");
    return text[r];
}
