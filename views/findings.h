// SPDX-License-Identifier: Apache-2.0
// All findings of a snapshot: what `gatetop check` prints and the view `findings` shows.
#ifndef GATETOP_VIEWS_FINDINGS_H
#define GATETOP_VIEWS_FINDINGS_H

#include "kube/mesh/check/certificate_expiring.h"
#include "kube/mesh/core/finding.h"
#include "kube/mesh/core/verdict.h"

#include "views/view.h"

struct json;

// What the checks of objects, certificates and DNS find, errors first, except for ignored codes; appended to `out`,
// in the arena of args. expiring: certificates that end within it are findings as well; NULL: they are not.
void findings_all(const struct view_args *a, const struct certificate_within *expiring,
                  struct findings *out);
// A finding as item of a FindingList; the caller frees it.
struct json *finding_json(const struct finding *f);

#endif
