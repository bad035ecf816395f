// SPDX-License-Identifier: Apache-2.0
// How far two words are apart.
#include "kube/base/edit_distance.h"

#include "kube/base/ascii.h"

#include <string.h>

unsigned edit_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > 40 || m > 40) {
        return 3;
    }
    unsigned row[41], before[41];
    for (size_t j = 0; j <= m; j++) {
        row[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= n; i++) {
        memcpy(before, row, sizeof row);
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned same = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]) ? 0 : 1;
            unsigned best = before[j - 1] + same;
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
        }
    }
    return row[m] < 3 ? row[m] : 3;
}
