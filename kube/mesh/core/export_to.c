// SPDX-License-Identifier: Apache-2.0
// Who sees an object, by its exportTo.
#include "kube/mesh/core/export_to.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include <string.h>

enum export_class export_to_class(const struct str_list *export_to, const char *own_ns,
                                  const char *viewer_ns)
{
    if (export_to->n == 0) {
        return EXPORT_PUBLIC;
    }
    bool everybody = false;
    bool nobody = false;
    bool own = false;
    bool named = false;
    for (uint32_t i = 0; i < export_to->n; i++) {
        const char *e = export_to->at[i];
        everybody |= strcmp(e, "*") == 0;
        nobody |= strcmp(e, "~") == 0;
        const char *ns = strcmp(e, ".") == 0 ? own_ns : e;
        if (strcmp(ns, viewer_ns) == 0) {
            named = true;
            own |= strcmp(ns, own_ns) == 0;
        }
    }
    if (everybody) {
        return EXPORT_PUBLIC;
    }
    if (nobody) {
        return EXPORT_HIDDEN;
    }
    return own ? EXPORT_OWN : named ? EXPORT_NAMED : EXPORT_HIDDEN;
}

bool export_annotation_shows(const char *annotation, const char *own_ns, const char *viewer_ns)
{
    if (str_empty(annotation)) {
        return true;
    }
    bool seen = false;
    for (const char *p = annotation; *p != '\0';) {
        size_t n = strcspn(p, ",");
        const char *end = p + n;
        const char *q = p;
        while (q < end && *q == ' ') {
            q++;
        }
        while (end > q && end[-1] == ' ') {
            end--;
        }
        size_t len = (size_t)(end - q);
        if (str_is(q, len, "*")) {
            return true;
        }
        seen |= str_is(q, len, ".") ? str_eq(own_ns, viewer_ns) : str_is(q, len, viewer_ns);
        p += n;
        p += *p == ',';
    }
    return seen;
}

struct str_list export_scopes(struct arena *a, const struct str_list *export_to, const char *ns)
{
    static const char *const everybody[] = {"*"};
    if (export_to->n == 0 || str_list_has(export_to, "*")) {
        return (struct str_list){everybody, 1};
    }
    const char **scopes = arena_calloc(a, export_to->n, sizeof *scopes);
    for (uint32_t i = 0; i < export_to->n; i++) {
        scopes[i] = str_eq(export_to->at[i], ".") ? ns : export_to->at[i];
    }
    return (struct str_list){scopes, export_to->n};
}
