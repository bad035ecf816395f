// SPDX-License-Identifier: Apache-2.0
// Which findings are left out.
#include "kube/mesh/check/suppression.h"

#include "kube/base/str.h"

#include <string.h>

// Is `code` in a comma list, or is the list "*"?
static bool in_codes(const char *list, const char *code)
{
    size_t n = strlen(code);
    for (const char *p = list; p != NULL && *p != '\0';) {
        p += strspn(p, ", ");
        size_t len = strcspn(p, ", ");
        if ((len == 1 && *p == '*') || (len == n && strncmp(p, code, n) == 0)) {
            return true;
        }
        p += len;
    }
    return false;
}

bool finding_is_suppressed(const struct check_options *opt, const char *code,
                           const struct object *o)
{
    for (uint32_t i = 0; opt != NULL && i < opt->nignore; i++) {
        if (str_casecmp(opt->ignore[i], code) == 0) {
            return true;
        }
    }
    return o != NULL && (in_codes(object_annotation(o, "galley.istio.io/analyze-suppress"), code) ||
                         in_codes(object_annotation(o, "gatetop.io/suppress"), code));
}
