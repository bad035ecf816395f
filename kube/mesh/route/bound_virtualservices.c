// SPDX-License-Identifier: Apache-2.0
// The VirtualServices that are bound to a Gateway.
#include "kube/mesh/route/bound_virtualservices.h"

#include "kube/base/arena.h"
#include "kube/base/mem.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/host.h"
#include "kube/mesh/core/object_order.h"
#include "kube/mesh/route/vs_routes.h"

#include <stdlib.h>

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
    struct str_list *hosts = arena_calloc(m->arena, count, sizeof *hosts);
    struct bound_virtualservices *b = arena_alloc(m->arena, sizeof *b);
    *b = (struct bound_virtualservices){.at = list, .hosts = hosts};
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || visible[i].o != visible[i - 1].o) {
            list[b->n] = OBJECT_AS(virtualservice, visible[i].o);
            hosts[b->n] = vs_hosts(m->arena, list[b->n]);
            b->n++;
        }
    }
    free(visible);
    return b;
}

struct bound_virtualservices *
bound_virtualservices_find(const struct mesh *m, const struct workload *w, const struct gateway *g)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, g->o.ns, g->o.name, &n);
    return bound_virtualservices_of(m, w, at, n);
}
