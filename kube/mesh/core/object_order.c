// SPDX-License-Identifier: Apache-2.0
// Orders of objects.
#include "kube/mesh/core/object_order.h"

#include "kube/object/object.h"

#include <string.h>

int object_id_order(const void *x, const void *y)
{
    const struct object *a = *(const struct object *const *)x;
    const struct object *b = *(const struct object *const *)y;
    int c = strcmp(a->ns, b->ns);
    return c != 0 ? c : strcmp(a->name, b->name);
}

int object_age_order(const void *x, const void *y)
{
    const struct object *a = *(const struct object *const *)x;
    const struct object *b = *(const struct object *const *)y;
    if (a->created != b->created) {
        return a->created < b->created ? -1 : 1;
    }
    int c = strcmp(a->name, b->name);
    return c != 0 ? c : strcmp(a->ns, b->ns);
}
