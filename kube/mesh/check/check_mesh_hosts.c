// SPDX-License-Identifier: Apache-2.0
// Hosts that several VirtualServices of the mesh define (IST0109): docs/rules/istio.md#ist0109.
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
#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/host_index.h"
#include "kube/mesh/core/mesh_objects.h"

#include <stdlib.h>
#include <string.h>

struct host_owner { // a VirtualService that defines a host in a scope
    const struct virtualservice *vs;
    struct host_owner *next;
};
struct mesh_host {
    const char *scope, *fqdn;
    struct host_owner *owners;
    struct mesh_host *next;
};
struct mesh_hosts {
    struct string_map by_key;  // "scope/fqdn"
    struct mesh_host *all;     // every one
    struct host_index *of_all; // those of scope "*", by index in the list
    struct mesh_host **hosts_of_all;
    uint32_t nhosts_of_all, cap_hosts_of_all;
};

static bool on_mesh(const struct virtualservice *vs)
{
    return vs->gateways.n == 0 || str_list_has(&vs->gateways, "mesh");
}

static void define(struct check *c, struct mesh_hosts *h, const char *scope, const char *fqdn,
                   const struct virtualservice *vs)
{
    void **place = string_map_at(&h->by_key, check_text(c, "%s/%s", scope, fqdn));
    if (*place == NULL) {
        struct mesh_host *m = arena_alloc(c->a, sizeof *m);
        *m = (struct mesh_host){scope, fqdn, NULL, h->all};
        h->all = m;
        *place = m;
        if (str_eq(scope, "*")) {
            host_index_add(h->of_all, fqdn, h->nhosts_of_all);
            *ARENA_PUSH(c->a, h->hosts_of_all, h->nhosts_of_all, h->cap_hosts_of_all) = m;
        }
    }
    struct mesh_host *m = *place;
    if (m->owners != NULL && m->owners->vs == vs) {
        return; // lists both the short and the long name (istio#42561)
    }
    struct host_owner *o = arena_alloc(c->a, sizeof *o);
    *o = (struct host_owner){vs, m->owners};
    m->owners = o;
}

static void define_all(struct check *c, struct mesh_hosts *h, const struct virtualservice *vs)
{
    struct str_list scopes = export_scopes(c->a, &vs->export_to, vs->o.ns);
    for (uint32_t i = 0; i < vs->hosts.n; i++) {
        const char *fqdn = name_fqdn(c->a, vs->hosts.at[i], vs->o.ns);
        for (uint32_t k = 0; k < scopes.n; k++) {
            define(c, h, scopes.at[k], fqdn, vs);
        }
    }
}

struct host_conflict {
    const struct virtualservice **at;
    uint32_t n, cap;
};

static void add_owners(struct check *c, struct host_conflict *x, const struct mesh_host *m)
{
    for (const struct host_owner *o = m->owners; o != NULL; o = o->next) {
        *ARENA_PUSH(c->a, x->at, x->n, x->cap) = o->vs;
    }
}

static int by_id(const void *x, const void *y)
{
    const struct virtualservice *a = *(const struct virtualservice *const *)x;
    const struct virtualservice *b = *(const struct virtualservice *const *)y;
    int d = strcmp(a->o.ns, b->o.ns);
    return d != 0 ? d : strcmp(a->o.name, b->o.name);
}

static void sort_once(struct host_conflict *x)
{
    if (x->n < 2) {
        return;
    }
    qsort(x->at, x->n, sizeof *x->at, by_id);
    uint32_t n = 1;
    for (uint32_t i = 1; i < x->n; i++) {
        if (x->at[i] != x->at[n - 1]) {
            x->at[n++] = x->at[i];
        }
    }
    x->n = n;
}

static void report(struct check *c, const struct host_conflict *x, const struct mesh_host *m)
{
    struct buf b;
    buf_init(&b, 2048);
    for (uint32_t i = 0; i < x->n && !b.over; i++) {
        buf_addf(&b, "%s%s/%s", i > 0 ? ", " : "", x->at[i]->o.ns, x->at[i]->o.name);
    }
    for (uint32_t i = 0; i < x->n; i++) {
        struct finding *f = check_add(c, "IST0109", &x->at[i]->o, "spec.hosts",
                                      "the VirtualServices %s define the same mesh host %s/%s",
                                      b.data, m->scope, m->fqdn);
        check_hint(c, f,
                   "sidecars use only one of them: write their rules into one VirtualService");
    }
    buf_release(&b);
}

// Compares the hosts of one namespace's scope with those of scope "*", and reports overlaps.
static void add_overlaps(struct check *c, struct host_conflict *x, const struct mesh_hosts *h,
                         const struct mesh_host *m)
{
    struct host_hits hits = {0};
    host_index_meeting(h->of_all, m->fqdn, c->a, &hits);
    for (uint32_t i = 0; i < hits.n; i++) {
        add_owners(c, x, h->hosts_of_all[hits.at[i]]);
    }
}

void check_mesh_hosts(struct check *c)
{
    struct mesh_hosts h = {.all = NULL};
    string_map_init(&h.by_key, c->a);
    h.of_all = arena_alloc(c->a, sizeof *h.of_all);
    host_index_init(h.of_all, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        if (on_mesh(vs)) {
            define_all(c, &h, vs);
        }
    }
    for (const struct mesh_host *m = h.all; m != NULL; m = m->next) {
        struct host_conflict x = {NULL, 0, 0};
        add_owners(c, &x, m);
        if (!str_eq(m->scope, "*")) {
            add_overlaps(c, &x, &h, m);
        }
        sort_once(&x);
        if (x.n > 1) {
            report(c, &x, m);
        }
    }
}
