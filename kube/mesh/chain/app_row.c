// SPDX-License-Identifier: Apache-2.0
// Finds the chain of a row again.
#include "kube/mesh/chain/app_row.h"

#include "kube/base/arena.h"

#include "kube/mesh/chain/chain_list.h"

const struct chain *app_chain(const struct mesh *m, const struct app_row *row,
                              const struct dns_settings *dns)
{
    const struct object *then = row->owner;
    const struct object *owner = mesh_get(m, (enum kind)then->kind, then->ns, then->name);
    if (owner == NULL) {
        return NULL;
    }
    struct chain *c = arena_alloc(m->arena, sizeof *c);
    return chain_of_pair(m, owner, row->host, row->gateway, dns, c) ? c : NULL;
}
