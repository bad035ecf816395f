// SPDX-License-Identifier: Apache-2.0
// The writer's side of snapshots: objects come and go, indices follow, snapshots are published.
//
// One thread (the I/O thread, or main for files) uses a store; no locks. Objects that are returned are borrowed until
// the next change.
#ifndef GATETOP_STORE_STORE_H
#define GATETOP_STORE_STORE_H

#include "kube/store/snapshot.h"

#include <stdbool.h>

struct store;

// An empty store: no kind is read yet (SYNC_OFF).
struct store *store_new(void);
// Published snapshots live on. NULL is fine.
void store_free(struct store *s);

// Puts an object in (takes over the reference); true if that changed anything. An object with the uid and
// resourceVersion of the one that is there changes nothing.
bool store_put(struct store *s, const struct object *o);
// Removes an object; true if it was there.
bool store_remove(struct store *s, enum kind k, const char *ns, const char *name);
// The object, NULL if there is none.
const struct object *store_get(const struct store *s, enum kind k, const char *ns,
                               const char *name);

// Replacing what a list covers by what it holds. `id` distinguishes lists of one kind that cover different objects
// (Events of two APIs, Pods of several selectors), `ns` those of single namespaces (NULL: all). Between begin and end
// the list is gathered; at the end everything else that it covers is removed, in one step.
enum store_replace_flags {
    REPLACE_SHOW = 1 << 0,  // objects appear as they come: the first list
    REPLACE_FORCE = 1 << 1, // equal resource versions prove nothing: the server may be restored
};
// Begins a list; one of the same kind, id and ns that has not ended is dropped. flags: of store_replace_flags.
void store_replace_begin(struct store *s, enum kind k, int id, const char *ns, unsigned flags);
// Adds an object to the list (takes over the reference); without a begin it is dropped.
void store_replace_put(struct store *s, enum kind k, int id, const char *ns,
                       const struct object *o);
// Takes an object out of the list again, after store_remove: it was deleted while the list came. Without a begin, and
// where the list does not have it with this uid, nothing.
void store_replace_remove(struct store *s, enum kind k, int id, const char *ns,
                          const struct object *o);
// Ends a list. covers says which objects of the kind (and namespace) it covers; NULL: all of them.
void store_replace_end(struct store *s, enum kind k, int id, const char *ns,
                       bool (*covers)(void *self, const struct object *o), void *self);
// Removes all objects of a kind.
void store_clear_kind(struct store *s, enum kind k);

struct probe_result;
// The newest result of a probe of its kind and name (takes over the reference); results that are a day older go away in
// time. False if it says what the one before it said.
bool store_put_probe(struct store *s, const struct probe_result *r);

// The state of a kind, for its owner to fill in; `objects` is the store's.
struct kind_state *store_state(struct store *s, enum kind k);
// Marks the objects as those of files, each kind live. They count as all that the cluster has if that is declared, or
// if they are a dump of a cluster; else they are an excerpt (docs/rules/istio.md#files-are-an-excerpt).
void store_files_read(struct store *s, bool declared_complete);
// What is known of the cluster, for its owner to fill in.
struct cluster_info *store_cluster(struct store *s);

// Puts everything that a snapshot holds: objects, states of kinds, the cluster, results of probes.
void store_copy(struct store *s, const struct snapshot *from);

// Sets who is called at each put and remove that changes something: with the object before and after, one of them NULL.
void store_on_change(struct store *s,
                     void (*changed)(void *self, const struct object *before,
                                     const struct object *after),
                     void *self);

// An immutable snapshot of the contents, with one reference. `derived` (may be NULL) is taken over.
const struct snapshot *store_publish(struct store *s, const void *derived,
                                     void (*derived_unref)(const void *));
// The contents as a snapshot to read from, valid until the next change: for deriving.
const struct snapshot *store_view(struct store *s);

#endif
