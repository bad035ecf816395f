// SPDX-License-Identifier: Apache-2.0
// The hosts that exist, by the scope that sees them (docs/rules/istio.md#analyze-registry).
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/host_registry_internal.h"
#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"

#include <string.h>

static void put(struct host_registry *r, const char *scope, const char *host,
                const struct registry_ports *ports)
{
    const char *key = arena_printf(r->a, "%s/%s", scope, host);
    string_map_put(&r->by_scope, key, ports);
    if (host[0] == '*') { // only ServiceEntries have such hosts
        struct host_index **at = (struct host_index **)string_map_at(&r->wild_by_scope, scope);
        if (*at == NULL) {
            *at = arena_alloc(r->a, sizeof **at);
            host_index_init(*at, r->a);
        }
        host_index_add(*at, host, r->nwild);
        *ARENA_PUSH(r->a, r->wild, r->nwild, r->wild_cap) = key;
    }
}

static const struct registry_ports *service_ports(struct arena *a, const struct service *s)
{
    uint32_t *numbers = arena_calloc(a, s->nports, sizeof *numbers);
    for (uint32_t i = 0; i < s->nports; i++) {
        numbers[i] = s->ports[i].port;
    }
    struct registry_ports *ports = arena_alloc(a, sizeof *ports);
    *ports = (struct registry_ports){numbers, s->nports};
    return ports;
}

static void add_service(struct host_registry *r, const struct service *s)
{
    const struct registry_ports *ports = service_ports(r->a, s);
    const char *fqdn = name_service_host(r->a, s->o.name, s->o.ns);
    const char *export_to = object_annotation(&s->o, "networking.istio.io/exportTo");
    if (str_empty(export_to)) {
        put(r, "*", fqdn, ports);
        return;
    }
    for (const char *p = export_to; *p != '\0';) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, ", ");
        if (n > 0) {
            const char *scope = arena_strndup(r->a, p, n);
            put(r, str_eq(scope, ".") ? s->o.ns : scope, fqdn, ports);
        }
        p += n;
    }
}

static const struct registry_ports *entry_ports(struct arena *a, const struct serviceentry *e)
{
    uint32_t *numbers = arena_calloc(a, e->nports, sizeof *numbers);
    for (uint32_t i = 0; i < e->nports; i++) {
        numbers[i] = e->ports[i].number > 0 ? (uint32_t)e->ports[i].number : 0;
    }
    struct registry_ports *ports = arena_alloc(a, sizeof *ports);
    *ports = (struct registry_ports){numbers, e->nports};
    return ports;
}

static void add_entry(struct host_registry *r, const struct serviceentry *e)
{
    const struct registry_ports *ports = entry_ports(r->a, e);
    struct str_list scopes = export_scopes(r->a, &e->export_to, e->o.ns);
    for (uint32_t h = 0; h < e->hosts.n; h++) {
        for (uint32_t i = 0; i < scopes.n; i++) {
            put(r, scopes.at[i], e->hosts.at[h], ports);
        }
    }
}

static const void *make_registry(const struct mesh *m, const void *question)
{
    (void)question; // there is only one
    struct host_registry *r = arena_alloc(m->arena, sizeof *r);
    *r = (struct host_registry){.a = m->arena};
    string_map_init(&r->by_scope, m->arena);
    string_map_init(&r->wild_by_scope, m->arena);
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_service(r, OBJECT_AS(service, all[i]));
    }
    all = mesh_all(m, KIND_SERVICEENTRY, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_entry(r, OBJECT_AS(serviceentry, all[i]));
    }
    return r;
}

const struct host_registry *host_registry_of(const struct mesh *m)
{
    return mesh_answer(m, "host registry", make_registry, NULL);
}

static const struct registry_ports *in_scope(const struct host_registry *r, const char *scope,
                                             const char *fqdn)
{
    return string_map_get(&r->by_scope, arena_printf(r->a, "%s/%s", scope, fqdn));
}

static void add_wild(const struct host_registry *r, const char *scope, const char *host,
                     struct host_hits *hits)
{
    struct host_index *x = string_map_get(&r->wild_by_scope, scope);
    if (x != NULL) {
        host_index_covering(x, host, r->a, hits);
    }
}

// The first wildcard ServiceEntry of scope "*" or of the namespace whose suffix the host has.
static const struct registry_ports *wildcard(const struct host_registry *r, const char *ns,
                                             const char *host)
{
    host += host[0] == '*' ? 1 : 0;
    struct host_hits hits = {0};
    add_wild(r, "*", host, &hits);
    if (!str_eq(ns, "*")) {
        add_wild(r, ns, host, &hits);
    }
    host_hits_sort(&hits);
    return hits.n > 0 ? string_map_get(&r->by_scope, r->wild[hits.at[0]]) : NULL;
}

const struct registry_ports *host_registry_find(const struct host_registry *r, const char *ns,
                                                const struct str_list *export_to, const char *host)
{
    const char *fqdn = host;
    if (strchr(host, '.') == NULL && host[0] != '*') {
        fqdn = name_service_host(r->a, host, ns);
    }
    const struct registry_ports *found = in_scope(r, "*", fqdn);
    if (found == NULL && export_to->n == 0) {
        found = in_scope(r, ns, fqdn);
    }
    for (uint32_t i = 0; found == NULL && i < export_to->n; i++) {
        found = in_scope(r, str_eq(export_to->at[i], ".") ? ns : export_to->at[i], fqdn);
    }
    return found != NULL ? found : wildcard(r, ns, host);
}
