// SPDX-License-Identifier: Apache-2.0
// The hosts that exist, by the scope that sees them (docs/rules/istio.md#analyze-registry).
#include "kube/base/text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_internal.h"

#include <string.h>

static void put(struct check *c, const char *scope, const char *fqdn,
                const struct registry_ports *ports)
{
    const char *key = check_text(c, "%s/%s", scope, fqdn);
    union {
        const void *c;
        void *m;
    } value = {.c = ports};
    *string_map_at(&c->registry, key) = value.m;
    if (fqdn[0] == '*') { // only ServiceEntries have such hosts
        if (c->nwild_hosts == c->wild_cap) {
            uint32_t cap = c->wild_cap * 2 + 8;
            const char **more = arena_alloc(c->a, cap * sizeof *more);
            if (c->nwild_hosts > 0) {
                memcpy(more, c->wild_hosts, c->nwild_hosts * sizeof *more);
            }
            c->wild_hosts = more;
            c->wild_cap = cap;
        }
        c->wild_hosts[c->nwild_hosts++] = key;
    }
}

static void add_service(struct check *c, const struct service *s)
{
    uint32_t *numbers = s->nports > 0 ? arena_alloc(c->a, s->nports * sizeof *numbers) : NULL;
    for (uint32_t i = 0; i < s->nports; i++) {
        numbers[i] = s->ports[i].port;
    }
    struct registry_ports *ports = arena_alloc(c->a, sizeof *ports);
    *ports = (struct registry_ports){numbers, s->nports};
    const char *fqdn = check_text(c, "%s.%s.svc.cluster.local", s->o.name, s->o.ns);
    const char *export_to = object_annotation(&s->o, "networking.istio.io/exportTo");
    if (str_empty(export_to)) {
        put(c, "*", fqdn, ports);
        return;
    }
    for (const char *p = export_to; *p != '\0';) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, ", ");
        if (n > 0) {
            const char *scope = arena_strndup(c->a, p, n);
            put(c, str_eq(scope, ".") ? s->o.ns : scope, fqdn, ports);
        }
        p += n;
    }
}

static void add_entry(struct check *c, const struct serviceentry *e)
{
    uint32_t *numbers = e->nports > 0 ? arena_alloc(c->a, e->nports * sizeof *numbers) : NULL;
    for (uint32_t i = 0; i < e->nports; i++) {
        numbers[i] = e->ports[i].number > 0 ? (uint32_t)e->ports[i].number : 0;
    }
    struct registry_ports *ports = arena_alloc(c->a, sizeof *ports);
    *ports = (struct registry_ports){numbers, e->nports};
    bool everybody = e->export_to.n == 0;
    for (uint32_t i = 0; i < e->export_to.n; i++) {
        everybody = everybody || str_eq(e->export_to.at[i], "*");
    }
    for (uint32_t h = 0; h < e->hosts.n; h++) {
        if (everybody) {
            put(c, "*", e->hosts.at[h], ports);
            continue;
        }
        for (uint32_t i = 0; i < e->export_to.n; i++) {
            const char *scope = e->export_to.at[i];
            put(c, str_eq(scope, ".") ? e->o.ns : scope, e->hosts.at[h], ports);
        }
    }
}

void check_registry_build(struct check *c)
{
    string_map_init(&c->registry, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_service(c, OBJECT_AS(service, all[i]));
    }
    all = mesh_all(c->m, KIND_SERVICEENTRY, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_entry(c, OBJECT_AS(serviceentry, all[i]));
    }
}

static const struct registry_ports *in_scope(struct check *c, const char *scope, const char *fqdn)
{
    return string_map_get(&c->registry, check_text(c, "%s/%s", scope, fqdn));
}

// A wildcard ServiceEntry of everybody or of the namespace whose tail the host ends with.
static const struct registry_ports *wildcard(struct check *c, const char *ns, const char *host)
{
    host += host[0] == '*' ? 1 : 0;
    for (uint32_t i = 0; i < c->nwild_hosts; i++) {
        const char *key = c->wild_hosts[i];
        const char *slash = strchr(key, '/');
        size_t scope = (size_t)(slash - key);
        bool visible =
            (scope == 1 && key[0] == '*') || (strlen(ns) == scope && memcmp(key, ns, scope) == 0);
        if (visible && str_ends(host, slash + 2)) {
            return string_map_get(&c->registry, key);
        }
    }
    return NULL;
}

const struct registry_ports *check_registry_find(struct check *c, const char *ns,
                                                 const struct str_list *export_to, const char *host)
{
    const char *fqdn = host;
    if (strchr(host, '.') == NULL && host[0] != '*') {
        fqdn = check_text(c, "%s.%s.svc.cluster.local", host, ns);
    }
    const struct registry_ports *found = in_scope(c, "*", fqdn);
    if (found == NULL && export_to->n == 0) {
        found = in_scope(c, ns, fqdn);
    }
    for (uint32_t i = 0; found == NULL && i < export_to->n; i++) {
        found = in_scope(c, str_eq(export_to->at[i], ".") ? ns : export_to->at[i], fqdn);
    }
    return found != NULL ? found : wildcard(c, ns, host);
}
