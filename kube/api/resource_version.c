// SPDX-License-Identifier: Apache-2.0
// Resource versions: how old one state of a resource is against another.
#include "kube/api/resource_version.h"

#include <string.h>

static bool is_decimal(const char *s)
{
    return s != NULL && s[0] >= '1' && s[0] <= '9' && strspn(s, "0123456789") == strlen(s);
}

bool resource_version_compare(const char *a, const char *b, int *order)
{
    if (!is_decimal(a) || !is_decimal(b)) {
        return false;
    }
    size_t n = strlen(a), m = strlen(b);
    int c = n != m ? (n < m ? -1 : 1) : strcmp(a, b);
    *order = c < 0 ? -1 : c > 0 ? 1 : 0;
    return true;
}
