// SPDX-License-Identifier: Apache-2.0
// Makes the chains of every VirtualService and Gateway, one after the other.
#include "kube/mesh/chain/app_rows_build.h"

#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/pmap.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/owner_rows.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/object_order.h"

#include <stdlib.h>

struct rows_maker {
    struct mesh mesh; // its arena is cleared for each owner
    const struct dns_settings *dns;
    struct pmap owners; // owner_rows.h
    size_t rows;
    long made;
};

static void make_owner(struct rows_maker *r, const struct object *o)
{
    arena_clear(r->mesh.arena);
    mesh_memo_trim(r->mesh.memo);
    struct chain_list chains = {0};
    chain_list_of_object(&r->mesh, o, r->dns, &chains);
    r->made += chains.n > 0 ? chains.n : 1;
    if (chains.n == 0) {
        return;
    }
    const char *key = owner_rows_key(r->mesh.arena, (enum kind)o->kind, o->ns);
    struct owner_rows *rows = owner_rows_new(key, o, &chains, 0, NULL, r->mesh.now);
    r->rows += rows->nrows;
    pmap_put(&r->owners, rows);
    owner_rows_unref(rows);
}

// By namespace and name: neighbours share answers.
static void make_kind(struct rows_maker *r, enum kind k)
{
    const struct pmap *all = &r->mesh.snap->objects[k];
    const struct object **sorted = xcalloc(all->count, sizeof *sorted);
    size_t n = 0;
    struct pmap_iter it;
    const void *o;
    for (pmap_begin(&it, all); (o = pmap_next(&it)) != NULL;) {
        sorted[n++] = o;
    }
    if (n > 1) {
        qsort(sorted, n, sizeof *sorted, object_id_order);
    }
    for (size_t i = 0; i < n; i++) {
        make_owner(r, sorted[i]);
    }
    free(sorted);
}

const void *app_rows_build(const struct snapshot *view, const struct dns_settings *dns, int64_t now,
                           long *made)
{
    struct arena arena;
    arena_init(&arena);
    struct rows_maker r = {
        .mesh = {.snap = view, .arena = &arena, .now = now, .memo = mesh_memo_new(NULL, NULL)},
        .dns = dns};
    pmap_init(&r.owners, &owner_rows_map_type);
    make_kind(&r, KIND_VIRTUALSERVICE);
    make_kind(&r, KIND_GATEWAY);
    const void *rows = app_rows_new(&r.owners, r.rows);
    pmap_release(&r.owners);
    mesh_memo_free(r.mesh.memo);
    arena_release(&arena);
    if (made != NULL) {
        *made = r.made;
    }
    return rows;
}
