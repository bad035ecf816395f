// SPDX-License-Identifier: Apache-2.0
// The workloads of several Gateways, each once.
#include "kube/mesh/route/workload_set.h"

#include "kube/base/array.h"

#include "kube/store/index.h"

#include "kube/mesh/core/mesh_objects.h"

void workload_set_init(struct workload_set *s, const struct mesh *m)
{
    *s = (struct workload_set){.m = m};
    string_map_init(&s->selectors, m->arena);
    string_map_init(&s->keys, m->arena);
}

void workload_set_add(struct workload_set *s, const struct gateway *g)
{
    struct arena *a = s->m->arena;
    if (!string_map_add(&s->selectors, index_selector(a, &g->selector))) {
        return;
    }
    uint32_t n;
    const struct workload *w = workloads_of_gateway(s->m, g, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (string_map_add(&s->keys, workload_key(a, &w[i]))) {
            *ARENA_PUSH(a, s->at, s->n, s->cap) = &w[i];
        }
    }
}

void workload_set_add_all(struct workload_set *s)
{
    uint32_t n;
    const struct object *const *all = mesh_all(s->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        workload_set_add(s, OBJECT_AS(gateway, all[i]));
    }
}
