// SPDX-License-Identifier: Apache-2.0
// Causes: what is wrong, each thing once, with all hosts that it hits.
//
// A link of a chain that is not ok has a fault: an object and a field of it (app_row.h). Faults of the same object and
// field are one cause, whichever links and hosts they are found at. A finding is part of the cause of its object and
// field, or of that whose object its field names, or is a cause of its own that hits no host.
#ifndef GATETOP_MESH_CAUSE_CAUSE_H
#define GATETOP_MESH_CAUSE_CAUSE_H

#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/core/finding.h"
#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

// Texts lie in the arena, in the snapshot or in the findings.
struct cause {
    enum verdict state;    // the worst of its faults and findings
    enum link_kind link;   // the first link that it brings into that state; LINK_COUNT: none
    enum kind kind;        // of the object; KIND_COUNT: none, then `name` is a DNS name
    const char *ns, *name; // of the object, which need not exist
    const char *field;     // "": all of it
    const char *words;     // in a few words, without the names of object and host
    int64_t since;         // TIME_NONE: unknown
    bool at_most;          // it may be younger
    // The rows of the view apps that it hits, by host; and how many hosts these are.
    const struct app_row *const *rows;
    uint32_t nrows, nhosts;
    // A broken link that comes before this one on the way of a request, for every host that it hits: mended alone, this
    // cause changes nothing. NULL: there is none.
    const struct cause *hidden_by;
    const struct finding *finding; // the worst, NULL: none
    uint32_t nfindings;
};

struct causes {
    const struct cause *at;
    uint32_t n;
};

// All causes among the rows of the snapshot and the findings (NULL: none), in the arena of the mesh: the worst first,
// those that others hide last, then by number of hosts, the youngest first. ns: of rows and findings of this namespace
// only, NULL: all. Work grows as n log n of faults and findings.
struct causes causes_find(const struct mesh *m, const struct findings *findings, const char *ns);
// The fault of a row that belongs to the cause; the row is one of it.
const struct app_fault *cause_fault(const struct cause *c, const struct app_row *row);

#endif
