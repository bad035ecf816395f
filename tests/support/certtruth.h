// SPDX-License-Identifier: Apache-2.0
// What truth.json of a certificate recording says, compared with what is derived from the objects.
#ifndef GATETOP_TESTS_SUPPORT_CERTTRUTH_H
#define GATETOP_TESTS_SUPPORT_CERTTRUTH_H

#include "kube/mesh/core/mesh.h"

struct json;

// Compares one Certificate of a checkpoint: state, stage, reason (by a table of words, one row a checkpoint),
// next try and renewal to the minute, revision and attempts. `want` is a member of its "certificates". Prints
// each difference and returns how many. The environment variable SHOW prints what is derived.
int certtruth_check(const struct mesh *m, const char *scenario, int seq, const struct json *want);

#endif
