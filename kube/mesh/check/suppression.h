// SPDX-License-Identifier: Apache-2.0
// Which findings are left out: those that the user ignores, and those that an object's annotations suppress.
#ifndef GATETOP_MESH_CHECK_SUPPRESSION_H
#define GATETOP_MESH_CHECK_SUPPRESSION_H

#include "kube/mesh/core/finding.h"

#include <stdbool.h>
#include <stdint.h>

struct check_options {
    const char *const *ignore; // codes (--ignore), in any case
    uint32_t nignore;
};

// Whether findings of this code about this object (may be NULL) are left out: the code is one of opt->ignore (opt may
// be NULL), or the object names it in an annotation, galley.istio.io/analyze-suppress or gatetop.io/suppress: CODE,...
// or * (docs/rules/istio.md#analyze-frame). Annotations are compared as istioctl does it, case included.
bool finding_is_suppressed(const struct check_options *opt, const char *code,
                           const struct object *o);

#endif
