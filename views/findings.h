// SPDX-License-Identifier: Apache-2.0
// All findings of a snapshot: what `gatetop check` prints and the view `findings` shows.
#ifndef GATETOP_VIEWS_FINDINGS_H
#define GATETOP_VIEWS_FINDINGS_H

#include "kube/mesh/check/certificate_findings.h"
#include "kube/mesh/core/finding.h"
#include "kube/mesh/core/verdict.h"

#include "views/view.h"

// The checks of objects, certificates and DNS, errors first. expiring: also certificates that end so soon; NULL:
// not asked. In the arena.
void findings_all(const struct view_args *a, const struct certificate_within *expiring,
                  struct findings *out);
enum verdict finding_verdict(enum severity s);
struct json *finding_json(const struct view_args *a, const struct finding *f);

#endif
