// SPDX-License-Identifier: Apache-2.0
// Finds the dead routes of a virtual host, and groups routes by VirtualService.
#include "kube/mesh/route/route_facts.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/string_map.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/rule_action.h"
#include "kube/mesh/route/shadowed_route.h"

static struct vs_facts *facts_of(struct route_facts *f, struct arena *a,
                                 const struct virtualservice *vs)
{
    struct vs_facts **at = (struct vs_facts **)string_map_at(&f->by_vs, object_id(a, &vs->o));
    if (*at == NULL) {
        *at = arena_alloc(a, sizeof **at);
    }
    return *at;
}

struct facts_question {
    const struct virtual_host *v;
    const char *name; // NULL: not shared
};

static const void *make_facts(const struct mesh *m, const void *question)
{
    const struct facts_question *q = question;
    struct arena *a = m->arena;
    struct route_facts *f = arena_alloc(a, sizeof *f);
    f->name = arena_strdup(a, q->name); // NULL stays NULL
    f->routes = virtual_host_routes(a, q->v, &f->n);
    string_map_init(&f->by_vs, a);
    const struct route **by = arena_calloc(a, f->n, sizeof *by);
    shadowed_routes_find(a, f->routes, f->n, by);
    f->by = by;
    struct vs_facts *own = NULL;
    for (uint32_t i = 0; i < f->n; i++) {
        const struct route *r = f->routes[i];
        if (own == NULL || f->routes[i - 1]->vs != r->vs) {
            own = facts_of(f, a, r->vs);
        }
        *ARENA_PUSH(a, own->routes, own->n, own->cap) = r;
        if (by[i] != NULL && own->dead == NULL) {
            own->dead = r;
            own->taker = by[i];
        }
        if (by[i] == NULL && own->unusable == NULL && rule_unusable(r->rule) != NULL) {
            own->unusable = r;
        }
    }
    return f;
}

const struct route_facts *route_facts_find(const struct mesh *m, const struct host_routes *h)
{
    const struct virtual_host *v = &h->vhost;
    struct facts_question q = {v, NULL};
    const char *of = v->n == 1 && v->parts[0]->name != NULL ? v->parts[0]->name : h->name;
    if (of == NULL) {
        return make_facts(m, &q); // no other host has them
    }
    q.name = mesh_answer_name(m->arena, "facts", of, NULL);
    return mesh_answer(m, q.name, make_facts, &q);
}

const struct vs_facts *route_facts_of(const struct route_facts *f, struct arena *scratch,
                                      const struct virtualservice *vs)
{
    static const struct vs_facts none;
    const struct vs_facts *own = string_map_get(&f->by_vs, object_id(scratch, &vs->o));
    return own != NULL ? own : &none;
}
