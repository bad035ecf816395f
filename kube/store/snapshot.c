// SPDX-License-Identifier: Apache-2.0
// Reading snapshots. How they are made stands in store.c.
#include "kube/store/snapshot.h"

#include <stdlib.h>

bool kind_complete(const struct kind_state *s)
{
    return s->synced && !s->partial && s->state != SYNC_FORBIDDEN && s->dropped == 0;
}

const char *sync_state_name(enum sync_state s)
{
    static const char *const names[] = {"off",   "syncing",   "live",
                                        "stale", "forbidden", "not-installed"};
    return names[s];
}

const struct snapshot *snapshot_ref(const struct snapshot *s)
{
    union {
        const struct snapshot *c;
        struct snapshot *m;
    } u = {.c = s};
    if (s != NULL) {
        atomic_fetch_add_explicit(&u.m->refs, 1, memory_order_relaxed);
    }
    return s;
}

void snapshot_unref(const struct snapshot *s)
{
    union {
        const struct snapshot *c;
        struct snapshot *m;
    } u = {.c = s};
    if (s == NULL || atomic_fetch_sub_explicit(&u.m->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        pmap_release(&u.m->objects[k]);
    }
    for (int i = 0; i < INDEX_COUNT; i++) {
        pmap_release(&u.m->index[i]);
    }
    if (s->probes.type != NULL) {
        pmap_release(&u.m->probes);
    }
    if (s->derived != NULL && s->derived_unref != NULL) {
        s->derived_unref(s->derived);
    }
    free(u.m);
}

const struct object *snapshot_get(const struct snapshot *s, enum kind k, const char *ns,
                                  const char *name)
{
    return pmap_get(&s->objects[k], ns, name);
}

const struct posting *snapshot_index(const struct snapshot *s, enum index_kind i, const char *a,
                                     const char *b)
{
    return pmap_get(&s->index[i], a, b);
}
