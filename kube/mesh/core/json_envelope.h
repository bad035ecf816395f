// SPDX-License-Identifier: Apache-2.0
// How every JSON document of gatetop begins: its version and its kind, as gatetop(1) documents them.
#ifndef GATETOP_MESH_CORE_JSON_ENVELOPE_H
#define GATETOP_MESH_CORE_JSON_ENVELOPE_H

#include "kube/base/json.h"

struct buf;

// Appends `{"apiVersion":"gatetop/v1","kind":"KIND"`. Fields and '}' are to follow.
void json_envelope_begin(struct buf *out, const char *kind);
// The same as a tree to be filled.
struct json *json_envelope_new(const char *kind) FREED_BY(json_free);

#endif
