// SPDX-License-Identifier: Apache-2.0
// The context of every question about the mesh.
#include "kube/mesh/core/mesh.h"

#include "kube/base/arena.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

uint64_t mesh_key_object(enum kind k, const char *ns, const char *name)
{
    return hash_mix(hash_mix(str_hash(ns), str_hash(name)), 0x100U + (unsigned)k);
}

uint64_t mesh_key_index(enum index_kind i, const char *a, const char *b)
{
    return hash_mix(hash_mix(str_hash(a), str_hash(b)), 0x200U + (unsigned)i);
}

uint64_t mesh_key_kind(enum kind k)
{
    return hash_mix(0x300U + (unsigned)k, 1);
}

uint64_t mesh_key_kind_state(enum kind k)
{
    return (uint64_t)k;
}

uint64_t mesh_key_probe(enum probe_kind k, const char *name)
{
    return hash_mix(str_hash(name), 0x500U + (unsigned)k);
}

uint64_t mesh_key_answer(uint64_t name_hash)
{
    return hash_mix(name_hash, 0x600U);
}

static void touch(const struct mesh *m, uint64_t key)
{
    if (m->touch != NULL) {
        m->touch(m->touch_self, key);
    }
}

const struct object *mesh_get(const struct mesh *m, enum kind k, const char *ns, const char *name)
{
    touch(m, mesh_key_object(k, ns, name));
    return snapshot_get(m->snap, k, ns, name);
}

const struct object *const *mesh_index(const struct mesh *m, enum index_kind i, const char *a,
                                       const char *b, uint32_t *n)
{
    touch(m, mesh_key_index(i, a, b));
    const struct posting *p = snapshot_index(m->snap, i, a, b);
    *n = p != NULL ? p->n : 0;
    return p != NULL ? p->at : NULL;
}

uint32_t mesh_index_count(const struct mesh *m, enum index_kind i, const char *a, const char *b)
{
    const struct posting *p = snapshot_index(m->snap, i, a, b);
    return p != NULL ? p->n : 0;
}

bool mesh_reached(const struct mesh *m, int64_t t)
{
    if (t == TIME_NONE) {
        return false;
    }
    if (m->now < t && m->until != NULL && (*m->until == TIME_NONE || t < *m->until)) {
        *m->until = t;
    }
    return m->now >= t;
}

const struct pmap *mesh_kind(const struct mesh *m, enum kind k)
{
    touch(m, mesh_key_kind(k));
    return &m->snap->objects[k];
}

const struct kind_state *mesh_state(const struct mesh *m, enum kind k)
{
    touch(m, mesh_key_kind_state(k));
    return &m->snap->states[k];
}

bool mesh_complete(const struct mesh *m, enum kind k)
{
    return kind_whole(mesh_state(m, k));
}

const struct probe_result *mesh_probe(const struct mesh *m, enum probe_kind k, const char *name)
{
    touch(m, mesh_key_probe(k, name));
    return probe_result_find(m->snap, k, name);
}
