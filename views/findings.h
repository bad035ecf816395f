// SPDX-License-Identifier: Apache-2.0
// All findings of a snapshot: what `gatetop check` prints and the view `findings` shows.
#ifndef GATETOP_VIEWS_FINDINGS_H
#define GATETOP_VIEWS_FINDINGS_H

#include "kube/mesh/finding.h"

#include "views/view.h"

// The checks of objects, certificates and DNS, errors first. expiring: also certificates that end within so
// many seconds, 0 none. The options' checks and dns apply.
void findings_all(const struct view_args *a, int64_t expiring, struct findings *out);
enum verdict finding_verdict(enum severity s);
struct json *finding_json(const struct view_args *a, const struct finding *f);

#endif
