// SPDX-License-Identifier: Apache-2.0
// Snapshots for tests, made from manifests as `-f` makes them.
#ifndef GATETOP_TESTS_SUPPORT_WORLD_H
#define GATETOP_TESTS_SUPPORT_WORLD_H

#include "kube/base/arena.h"

#include "kube/mesh/core/mesh.h"

#include <stdint.h>

struct store;

// Puts the objects of these documents (multi-document YAML or JSON) into a store, with the namespace "default" where
// one is missing. A document that cannot be read fails the test program with its place.
void world_put(struct store *s, const char *text);
// The same from a file or folder.
void world_put_path(struct store *s, const char *path);
// The only object of a text, read the same way. One reference.
const struct object *world_object(const char *text);

// A snapshot of documents, declared complete. Every kind counts as synced, the cluster as "from files". One reference:
// snapshot_unref.
const struct snapshot *world_from_yaml(const char *text);

// A mesh over a snapshot with an arena of its own, for the length of a test.
struct world {
    const struct snapshot *snap; // NULL: there are no objects
    struct arena arena;
    struct mesh mesh;
};
void world_open(struct world *w, const char *yaml, int64_t now);
// The same of files that are not declared complete: an excerpt, but for what they say themselves.
void world_open_excerpt(struct world *w, const char *yaml, int64_t now);
void world_open_snapshot(struct world *w, const struct snapshot *snap,
                         int64_t now); // takes the reference
void world_close(struct world *w);
// Up to two strings as a list, in the arena; NULL: none.
struct str_list world_list(struct arena *a, const char *one, const char *two);

#endif
