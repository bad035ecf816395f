// SPDX-License-Identifier: Apache-2.0
// ServiceEntries that catch all TCP of a port, or contradict each other (IST0134, IST0177):
// docs/rules/istio.md#ist0134, docs/rules/istio.md#ist0177.
#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/mesh_objects.h"

static bool tcp_or_unset(const char *protocol)
{
    return str_empty(protocol) || str_casecmp(protocol, "TCP") == 0;
}

static void check_entry_addresses(struct check *c, const struct serviceentry *e)
{
    if (e->addresses.n > 0 || e->status_addresses.n > 0) {
        return;
    }
    for (uint32_t i = 0; i < e->nports; i++) {
        if (tcp_or_unset(e->ports[i].protocol)) {
            struct finding *f =
                check_add(c, "IST0134", &e->o, check_text(c, "spec.ports[%u]", i),
                          "port %lld is TCP, and without addresses it catches all TCP to that port",
                          (long long)e->ports[i].number);
            check_hint(c, f, "give spec.addresses, or the protocol of the port");
        }
    }
}

struct entry_port { // one host and port in one scope
    const struct serviceentry *first;
    const char *protocol;
};

static const char *upper(struct check *c, const char *s)
{
    char *u = arena_strdup(c->a, str_empty(s) ? "TCP" : s);
    for (char *p = u; *p != '\0'; p++) {
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    return u;
}

static void entry_conflict(struct check *c, struct string_map *h, const struct serviceentry *e,
                           const char *scope, const char *host, const struct serviceentry_port *p)
{
    void **place = string_map_at(h, check_text(c, "%s/%s:%lld", scope, host, (long long)p->number));
    const char *protocol = upper(c, p->protocol);
    if (*place == NULL) {
        struct entry_port *x = arena_alloc(c->a, sizeof *x);
        *x = (struct entry_port){e, protocol};
        *place = x;
        return;
    }
    const struct entry_port *x = *place;
    if (x->first == e || str_eq(x->protocol, protocol)) {
        return;
    }
    const struct serviceentry *both[2] = {x->first, e};
    for (int i = 0; i < 2; i++) {
        struct finding *f = check_add(
            c, "IST0177", &both[i]->o, "spec.ports",
            "the ServiceEntries %s/%s and %s/%s give %s port %lld different protocols: %s "
            "and %s",
            x->first->o.ns, x->first->o.name, e->o.ns, e->o.name, host, (long long)p->number,
            x->protocol, protocol);
        check_hint(c, f, "write the same protocol in both");
    }
}

static void check_entry_protocols(struct check *c, struct string_map *h,
                                  const struct serviceentry *e)
{
    struct str_list scopes = export_scopes(c->a, &e->export_to, e->o.ns);
    for (uint32_t i = 0; i < e->hosts.n; i++) {
        for (uint32_t p = 0; p < e->nports; p++) {
            for (uint32_t k = 0; k < scopes.n; k++) {
                entry_conflict(c, h, e, scopes.at[k], e->hosts.at[i], &e->ports[p]);
            }
        }
    }
}

void check_serviceentries(struct check *c)
{
    struct string_map h;
    string_map_init(&h, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_SERVICEENTRY, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct serviceentry *e = OBJECT_AS(serviceentry, all[i]);
        check_entry_addresses(c, e);
        check_entry_protocols(c, &h, e);
    }
}
