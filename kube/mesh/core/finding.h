// SPDX-License-Identifier: Apache-2.0
// A finding: one thing that is wrong, where, and what to write or do instead.
#ifndef GATETOP_MESH_CORE_FINDING_H
#define GATETOP_MESH_CORE_FINDING_H

#include "kube/mesh/core/mesh.h"

#include <stdint.h>

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

struct finding {
    const char *code; // "IST0101" or "GT0001"
    enum severity severity;
    enum kind kind;              // of the object, KIND_COUNT if there is none
    const char *ns, *name;       // of the object
    const struct object *object; // NULL if there is none; borrowed from the snapshot
    const char *message;         // names the object, says what is wrong
    const char *hint;            // what to do; may be NULL
    const char *path;            // the field, "spec.http[1].route", may be NULL
    const char *file;            // of an object from files, else NULL
    int line, column;            // 1-based, 0: unknown
};

struct findings { // zero at first; grows in an arena
    struct finding *at;
    uint32_t n, cap;
};

// Appends a finding about the object (may be NULL), and returns it for more fields to be filled in: valid until the
// next one. `code` and `path` are borrowed. The list is always given the same arena.
struct finding *findings_add(struct findings *f, struct arena *a, const char *code,
                             enum severity severity, const struct object *object, const char *path);
// "info" "warning" "error", as in JSON and on the command line. Static text.
const char *severity_name(enum severity s);

#endif
