// SPDX-License-Identifier: Apache-2.0
// Snapshots for tests, made from manifests as `-f` makes them.
#ifndef GATETOP_TESTS_SUPPORT_WORLD_H
#define GATETOP_TESTS_SUPPORT_WORLD_H

#include "kube/base/arena.h"

#include "kube/mesh/core/mesh.h"

#include <stdint.h>

// A snapshot of these documents (multi-document YAML or JSON), namespace "default" where one is missing.
// Every kind counts as synced, the cluster as "from files". A document that cannot be read fails the test
// program with its place. One reference: snapshot_unref.
const struct snapshot *world_from_yaml(const char *text);

// A mesh over a snapshot with an arena of its own, for the length of a test.
struct world {
    const struct snapshot *snap;
    struct arena arena;
    struct mesh mesh;
};
void world_open(struct world *w, const char *yaml, int64_t now);
void world_open_snapshot(struct world *w, const struct snapshot *snap,
                         int64_t now); // takes the reference
void world_close(struct world *w);

// A whole file as text (heap); fails the test program where it cannot be read.
char *world_read_file(const char *path);

#endif
