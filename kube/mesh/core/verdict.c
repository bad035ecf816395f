// SPDX-License-Identifier: Apache-2.0
// The names of verdicts.
#include "kube/mesh/core/verdict.h"

#include "kube/base/array.h"

#include <assert.h>

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {
        [VERDICT_UNKNOWN] = "unknown", [VERDICT_OK] = "ok",         [VERDICT_PENDING] = "pending",
        [VERDICT_WARNING] = "warning", [VERDICT_BROKEN] = "broken",
    };
    static_assert(ARRAY_COUNT(names) == VERDICT_BROKEN + 1, "every verdict has a name");
    return names[v];
}
