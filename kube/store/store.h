// SPDX-License-Identifier: Apache-2.0
// The writer's side of snapshots: objects come and go, indices follow, snapshots are published.
// One thread (the I/O thread, or main for files) uses a store; no locks.
#ifndef GATETOP_STORE_STORE_H
#define GATETOP_STORE_STORE_H

#include "kube/store/snapshot.h"

struct store;

struct store *store_new(void);
void store_free(struct store *s);

// Puts an object (takes over the caller's reference) or removes one; tells whether anything changed. An
// object with the uid and resourceVersion of the one that is there changes nothing.
bool store_put(struct store *s, const struct object *o);
bool store_remove(struct store *s, enum kind k, const char *ns, const char *name);
const struct object *store_get(const struct store *s, enum kind k, const char *ns,
                               const char *name);
// A full list at once. `id` tells lists of one kind apart that cover different objects (Events of two APIs,
// Pods of several selectors), `ns` those of single namespaces (NULL: all). Between begin and end what is
// listed is gathered; at the end everything else that the list covers is removed, in one step: `covers`
// tells what that is, NULL the whole kind. With `show` (the first list) objects appear at once.
void store_replace_begin(struct store *s, enum kind k, int id, const char *ns, bool show);
// Between begin and the first put: the server may have gone back in time, so objects with the uid and
// resourceVersion of those that are there are taken for changed.
void store_replace_anew(struct store *s, enum kind k, int id, const char *ns);
void store_replace_put(struct store *s, enum kind k, int id, const char *ns,
                       const struct object *o);
void store_replace_end(struct store *s, enum kind k, int id, const char *ns,
                       bool (*covers)(void *self, const struct object *o), void *self);
void store_clear_kind(struct store *s, enum kind k);

// The newest result of a probe of that kind and name (takes over the caller's reference); what is a day older
// goes away in time. probe_result.h
struct probe_result;
void store_put_probe(struct store *s, const struct probe_result *r);

struct kind_state *store_state(struct store *s, enum kind k); // to be filled in by the owner
struct cluster_info *store_cluster(struct store *s);

// Puts everything that a snapshot holds: objects, states of kinds, the cluster, answers of probes.
void store_copy(struct store *s, const struct snapshot *from);

// Every change since the last publication, for whoever derives from the objects: before and after, one of
// them NULL. Called at each put and remove.
void store_on_change(struct store *s,
                     void (*cb)(void *self, const struct object *before,
                                const struct object *after),
                     void *self);

// An immutable view of now, with one reference. `derived` (may be NULL) is taken over.
const struct snapshot *store_publish(struct store *s, const void *derived,
                                     void (*derived_unref)(const void *));
// The store's own current contents as a snapshot to read from, valid until the next change. For deriving.
const struct snapshot *store_view(struct store *s);

#endif
