// SPDX-License-Identifier: Apache-2.0
// Objects in their order: whole kinds, and the first of an index entry. Made once for all questions (mesh_memo.h).
#ifndef GATETOP_MESH_CORE_MESH_OBJECTS_H
#define GATETOP_MESH_CORE_MESH_OBJECTS_H

#include "kube/mesh/core/mesh.h"

// The first object of an index entry by namespace and name, NULL if there is none.
const struct object *mesh_index_first(const struct mesh *m, enum index_kind i, const char *a,
                                      const char *b);
// All objects of a kind, sorted by namespace, then name; the list is in the arena. Touches the whole kind:
// only for questions that really need all.
const struct object *const *mesh_all(const struct mesh *m, enum kind k, uint32_t *n);

#endif
