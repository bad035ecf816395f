// SPDX-License-Identifier: Apache-2.0
// What is wrong with the objects: the checks of `istioctl analyze` that concern the front door
// (docs/rules/istio.md#analyze-frame) and gatetop's own.
//
// A missing object is only called missing where its kind is known to be whole (mesh_complete). Findings have
// the path of the field; line and column are those of the object's document until manifest_locate replaces them.
#ifndef GATETOP_MESH_CHECK_CHECK_H
#define GATETOP_MESH_CHECK_CHECK_H

#include "kube/mesh/check/suppression.h"
#include "kube/mesh/core/finding.h"

// All findings of the snapshot that are not suppressed, by severity (errors first), code, kind, namespace, name,
// message; equal ones once. opt may be NULL.
void check_run(const struct mesh *m, const struct check_options *opt, struct findings *out);

#endif
