// SPDX-License-Identifier: Apache-2.0
// Paths to fields as people write them: spec.http[1].match[0].headers["x.y"].exact
#ifndef GATETOP_OBJECT_FIELD_PATH_H
#define GATETOP_OBJECT_FIELD_PATH_H

#include <stddef.h>

struct arena;
struct json;

// The deepest node on the way of `path` that exists, root itself where none does; borrowed from root. Item [0] of a
// value that is no list is that value; snake_case names are found as istiod finds them.
const struct json *field_path_find(const struct json *root, const char *path);
// path.key, or path["key"] where the key is no plain word; an empty path gives the key alone. In the arena.
const char *field_path_key(struct arena *a, const char *path, const char *key);
// path[index]. In the arena.
const char *field_path_item(struct arena *a, const char *path, size_t index);

#endif
