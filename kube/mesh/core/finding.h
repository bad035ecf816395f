// SPDX-License-Identifier: Apache-2.0
// A finding: one thing that is wrong, where, and what to write or do instead.
#ifndef GATETOP_MESH_CORE_FINDING_H
#define GATETOP_MESH_CORE_FINDING_H

#include "kube/mesh/core/mesh.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

struct finding {
    const char *code; // "IST0101" or "GT0001"
    enum severity severity;
    enum kind kind;
    const char *ns, *name; // of the object it is about
    const struct object
        *object;         // the same, NULL where it does not exist; borrowed from the snapshot
    const char *message; // names the object, says what is wrong
    const char *hint;    // what to do; may be NULL
    const char *path;    // the field, "spec.http[1].route", may be NULL
    const char *file;    // files only, else NULL
    int line, column;    // 0 unknown
};

struct findings { // grows in the arena of the mesh
    struct finding *at;
    uint32_t n, cap;
};

// Appends a copy and returns it for more fields to be filled in.
struct finding *findings_add(struct findings *f, struct arena *a, const char *code,
                             enum severity severity, const struct object *object, const char *path);
const char *severity_name(enum severity s); // "info" "warning" "error"

#endif
