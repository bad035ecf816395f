// SPDX-License-Identifier: Apache-2.0
// Matches paths by templates.
#include "kube/base/str.h"

#include "kube/mesh/trace/path_template_internal.h"

#include <stddef.h>

static bool operator_at(const char *p, bool *any, size_t *n)
{
    *any = str_starts(p, "{**}");
    *n = *any ? 4 : 3;
    return *any || str_starts(p, "{*}");
}

bool path_template_fits(const char *pattern, const char *path)
{
    // The last operator, and how far its text reaches: it takes one byte more each time that what follows fails.
    const char *again = NULL, *taken = NULL;
    bool any = false;
    while (true) {
        bool is_any;
        size_t n;
        if (operator_at(pattern, &is_any, &n)) {
            if (!is_any && (*path == '/' || *path == '\0')) {
                return false; // a segment has a byte at least
            }
            pattern += n;
            again = pattern;
            taken = is_any ? path : path + 1;
            path = taken;
            any = is_any;
        } else if (*pattern == *path && *path != '\0') {
            pattern++;
            path++;
        } else if (*pattern == '\0' && *path == '\0') {
            return true;
        } else if (again != NULL && *taken != '\0' && (any || *taken != '/')) {
            path = ++taken;
            pattern = again;
        } else {
            return false;
        }
    }
}
