// SPDX-License-Identifier: Apache-2.0
// The context of every question about the mesh: a snapshot, a clock, an arena for the answer.
//
// Everything in kube/mesh is pure: no I/O, no locks, no clock of its own. Answers live in the arena.
// All lookups go through the functions below, so that a caller that keeps answers learns what they were made from
// (touch), and redoes only those that a change touches.
#ifndef GATETOP_MESH_CORE_MESH_H
#define GATETOP_MESH_CORE_MESH_H

#include "kube/store/probe_result.h"
#include "kube/store/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

struct mesh {
    const struct snapshot *snap;
    struct arena *arena;
    int64_t now; // seconds
    // Called with the key (mesh_key_*) of everything that is looked up; NULL: not reported.
    void (*touch)(void *self, uint64_t key);
    void *touch_self;
    // Where given: lowered to the next instant at which time alone changes what was answered
    // (mesh_reached). TIME_NONE: never.
    int64_t *until;
    struct mesh_memo *memo; // answers that questions share (mesh_memo.h); NULL: each is made anew
};

// What a lookup depends on, as a number (a hash: two things may have the same). This is the key of one object, whether
// it is there or not. NULL texts are "".
uint64_t mesh_key_object(enum kind k, const char *ns, const char *name);
// The key of an index entry: touched by mesh_index, changed when an object comes to the entry, leaves it or changes in
// it.
uint64_t mesh_key_index(enum index_kind i, const char *a, const char *b);
// The key of all objects of a kind: touched by mesh_all, changed by every one of them.
uint64_t mesh_key_kind(enum kind k);
// The key of a kind's state: whether it is synced, forbidden, not installed, stale. Nearly every answer
// depends on some of these: they are the numbers below KIND_COUNT (dependents.h).
uint64_t mesh_key_kind_state(enum kind k);
// The key of a probe's result for a name.
uint64_t mesh_key_probe(enum probe_kind k, const char *name);
// The key of an answer (mesh_memo.h) by the hash of its name, str_hash.
uint64_t mesh_key_answer(uint64_t name_hash);

// The object of that name, NULL if there is none. Borrowed from the snapshot.
const struct object *mesh_get(const struct mesh *m, enum kind k, const char *ns, const char *name);
// Whether the clock has reached t, for every answer that depends on time: an instant that is still to come
// is noted in m->until. False for TIME_NONE.
bool mesh_reached(const struct mesh *m, int64_t t);
// The objects of an index entry, in no order, borrowed from the snapshot; *n is 0 and NULL is returned where
// there is none.
const struct object *const *mesh_index(const struct mesh *m, enum index_kind i, const char *a,
                                       const char *b, uint32_t *n);
// How many objects an index entry has. Touches nothing: only for a choice between two ways to the same answer.
uint32_t mesh_index_count(const struct mesh *m, enum index_kind i, const char *a, const char *b);
// All objects of a kind. Touches the whole kind: only for questions that really need all. Borrowed from the snapshot.
const struct pmap *mesh_kind(const struct mesh *m, enum kind k);
// What is known of a kind: synced, forbidden, not installed, ... Never NULL.
const struct kind_state *mesh_state(const struct mesh *m, enum kind k);
// A missing object of this kind is really missing: the kind is synced, readable, not partial, and the files are no
// excerpt (docs/rules/istio.md#absence-is-not-proof). Otherwise it may exist
// (docs/rules/certificates.md#unreadable-is-unknown).
bool mesh_complete(const struct mesh *m, enum kind k);
// What a probe found out about a name, NULL if there was none. Borrowed from the snapshot.
const struct probe_result *mesh_probe(const struct mesh *m, enum probe_kind k, const char *name);

#endif
