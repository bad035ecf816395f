// SPDX-License-Identifier: Apache-2.0
// Lists of endpoints.
#include "kube/mesh/dns/endpoint.h"

#include "kube/base/array.h"

struct endpoint *endpoint_add(struct arena *a, struct endpoint_list *l)
{
    struct endpoint *e = ARENA_PUSH(a, l->at, l->n, l->cap);
    e->seq = l->n - 1;
    return e;
}
