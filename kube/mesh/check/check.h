// SPDX-License-Identifier: Apache-2.0
// What is wrong with the objects: the checks of `istioctl analyze` that concern the front door
// (docs/rules/istio.md#analyze-frame) and gatetop's own.
//
// A missing object is only called missing where its kind is known to be whole (mesh_complete). Findings have
// the path of the field; line and column are those of the object's document until manifest_locate is asked.
#ifndef GATETOP_MESH_CHECK_CHECK_H
#define GATETOP_MESH_CHECK_CHECK_H

#include "kube/mesh/core/finding.h"

// A code: what the man page says of it. The one table of them.
struct check_code {
    const char *code; // "IST0101", "GT0101"
    enum severity severity;
    const char *title; // a few words
    const char *text;  // sentences for the man page
};
extern const struct check_code check_codes[];               // ends with code NULL
const struct check_code *check_code_find(const char *code); // NULL where unknown
// The IST code of a finding's code, NULL for gatetop's own: the `istio` field of the JSON.
const char *check_istio_code(const char *code);

struct check_options {
    const char *const *ignore; // --ignore CODE
    uint32_t nignore;
};

// All findings of the snapshot, by severity (errors first), code, kind, namespace, name, message; equal ones
// once. Suppressed are the codes of opt->ignore and those that an object names in an annotation
// (galley.istio.io/analyze-suppress, gatetop.io/suppress: CODE,... or *).
void check_run(const struct mesh *m, const struct check_options *opt, struct findings *out);

#endif
