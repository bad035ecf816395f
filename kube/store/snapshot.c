// SPDX-License-Identifier: Apache-2.0
// Reading snapshots. store.c makes them.
#include "kube/store/snapshot.h"

#include "kube/base/mem.h"

#include <stdlib.h>

bool kind_complete(const struct kind_state *s)
{
    return s->synced && !s->partial && s->state != SYNC_FORBIDDEN && s->dropped == 0;
}

bool kind_complete_in(const struct kind_state *s, const char *ns)
{
    struct kind_state all = *s;
    all.partial = s->partial && (ns == NULL || !s->own_readable);
    return kind_complete(&all);
}

bool kind_whole(const struct kind_state *s)
{
    return kind_complete(s) && !s->excerpt;
}

const char *sync_state_name(enum sync_state s)
{
    static const char *const names[] = {
        [SYNC_OFF] = "off",
        [SYNC_SYNCING] = "syncing",
        [SYNC_LIVE] = "live",
        [SYNC_STALE] = "stale",
        [SYNC_FORBIDDEN] = "forbidden",
        [SYNC_NOT_INSTALLED] = "not-installed",
    };
    return names[s];
}

const struct snapshot *snapshot_ref(const struct snapshot *s)
{
    if (s != NULL) {
        struct snapshot *counted = unconst(s);
        atomic_fetch_add_explicit(&counted->refs, 1, memory_order_relaxed);
    }
    return s;
}

void snapshot_unref(const struct snapshot *shared)
{
    struct snapshot *s = unconst(shared);
    if (s == NULL || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        pmap_release(&s->objects[k]);
    }
    for (int i = 0; i < INDEX_COUNT; i++) {
        pmap_release(&s->index[i]);
    }
    if (s->probes.type != NULL) {
        pmap_release(&s->probes);
    }
    if (s->derived != NULL && s->derived_unref != NULL) {
        s->derived_unref(s->derived);
    }
    free(s);
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
