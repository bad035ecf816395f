// SPDX-License-Identifier: Apache-2.0
// The names of verdicts.
#include "kube/mesh/core/verdict.h"

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {
        [VERDICT_UNKNOWN] = "unknown", [VERDICT_OK] = "ok",         [VERDICT_PENDING] = "pending",
        [VERDICT_WARNING] = "warning", [VERDICT_BROKEN] = "broken",
    };
    return names[v];
}
