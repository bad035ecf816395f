// SPDX-License-Identifier: Apache-2.0
// The VirtualServices that are bound to a Gateway.
#include "kube/mesh/route/bound_virtualservices.h"

#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/object_order.h"
#include "kube/mesh/route/vs_hosts.h"

#include <stdlib.h>
#include <string.h>

struct visible_virtualservice {
    const struct object *o;
    enum export_class class;
};

static int merge_order(const void *x, const void *y)
{
    const struct visible_virtualservice *a = x;
    const struct visible_virtualservice *b = y;
    if (a->class != b->class) {
        return a->class < b->class ? -1 : 1;
    }
    return object_age_order(&a->o, &b->o);
}

struct bound_virtualservices *bound_virtualservices_of(const struct mesh *m,
                                                       const struct workload *w,
                                                       const struct object *const *at, uint32_t n)
{
    struct visible_virtualservice *visible = xcalloc(n, sizeof *visible);
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, at[i]);
        enum export_class class = export_to_class(&vs->export_to, vs->o.ns, w->ns);
        if (vs->hosts.n > 0 && class != EXPORT_HIDDEN) {
            visible[count++] = (struct visible_virtualservice){at[i], class};
        }
    }
    qsort(visible, count, sizeof *visible, merge_order);
    const struct virtualservice **list = arena_calloc(m->arena, count, sizeof *list);
    struct bound_virtualservices *b = arena_alloc(m->arena, sizeof *b);
    *b = (struct bound_virtualservices){.at = list};
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || visible[i].o != visible[i - 1].o) {
            list[b->n++] = OBJECT_AS(virtualservice, visible[i].o);
        }
    }
    free(visible);
    return b;
}

static struct host_index *index_of_namespace(struct bound_virtualservices *b, struct arena *a,
                                             const char *ns)
{
    struct host_index **at = (struct host_index **)string_map_at(b->by_namespace, ns);
    if (*at == NULL) {
        *at = arena_alloc(a, sizeof **at);
        host_index_init(*at, a);
    }
    return *at;
}

static void add_hosts(const struct mesh *m, struct bound_virtualservices *b)
{
    const struct vs_hosts **hosts = arena_calloc(m->arena, b->n, sizeof *hosts);
    size_t n = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        hosts[i] = vs_hosts_find(m, b->at[i]);
        n += hosts[i]->list.n;
    }
    struct vs_host *places = arena_calloc(m->arena, n, sizeof *places);
    b->written = arena_alloc(m->arena, sizeof *b->written);
    host_index_init(b->written, m->arena);
    b->by_namespace = arena_alloc(m->arena, sizeof *b->by_namespace);
    string_map_init(b->by_namespace, m->arena);
    uint32_t number = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        struct host_index *own = index_of_namespace(b, m->arena, b->at[i]->o.ns);
        for (uint32_t k = 0; k < hosts[i]->list.n; k++, number++) {
            places[number] = (struct vs_host){i, k};
            host_index_add(b->written, hosts[i]->list.at[k], number);
            host_index_add(own, hosts[i]->list.at[k], number);
        }
    }
    b->hosts = hosts;
    b->places = places;
}

struct bound_virtualservices *
bound_virtualservices_find(const struct mesh *m, const struct workload *w, const struct gateway *g)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, g->o.ns, g->o.name, &n);
    struct bound_virtualservices *b = bound_virtualservices_of(m, w, at, n);
    add_hosts(m, b);
    return b;
}

void bound_virtualservices_meeting(const struct bound_virtualservices *b, const char *server_host,
                                   struct arena *a, struct host_hits *out)
{
    const char *slash = strchr(server_host, '/');
    struct host_index *x = b->written;
    if (slash != NULL) {
        char *ns = xstrndup(server_host, (size_t)(slash - server_host));
        x = string_map_get(b->by_namespace, ns);
        free(ns);
    }
    if (x != NULL) {
        host_index_covering(x, slash != NULL ? slash + 1 : server_host, a, out);
        host_index_within(x, slash != NULL ? slash + 1 : server_host, a, out);
    }
}
