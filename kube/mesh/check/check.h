// SPDX-License-Identifier: Apache-2.0
// What is wrong with the objects: the checks of `istioctl analyze` that concern the front door
// (docs/rules/istio.md#analyze-frame) and gatetop's own.
//
// A missing object is only called missing where its kind is known to be whole (mesh_complete). Findings have
// the path of the field; line and column are those of the object's document until manifest_locate replaces them.
#ifndef GATETOP_MESH_CHECK_CHECK_H
#define GATETOP_MESH_CHECK_CHECK_H

#include "kube/mesh/core/finding.h"

#include <stdint.h>

struct check_options {
    const char *const *ignore; // --ignore CODE
    uint32_t nignore;
};

// All findings of the snapshot, by severity (errors first), code, kind, namespace, name, message; equal ones
// once. Suppressed are the codes of opt->ignore and those that an object names in an annotation
// (galley.istio.io/analyze-suppress, gatetop.io/suppress: CODE,... or *).
void check_run(const struct mesh *m, const struct check_options *opt, struct findings *out);

#endif
