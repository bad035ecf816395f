// SPDX-License-Identifier: Apache-2.0
// Finds the chain of a row again.
#include "kube/mesh/chain/app_row.h"

#include "kube/base/str.h"

#include "kube/mesh/chain/chain_list.h"

const struct chain *app_chain(const struct mesh *m, const struct app_row *row,
                              const struct dns_settings *dns)
{
    const struct object *owner = mesh_get(m, (enum kind)row->owner, row->owner_ns, row->owner_name);
    if (owner == NULL) {
        return NULL;
    }
    struct chain_list c = {0};
    chain_list_of_object(m, owner, dns, &c);
    for (uint32_t i = 0; i < c.n; i++) {
        if (str_eq(c.at[i].host, row->host) && str_eq(c.at[i].gateway_id, row->gateway)) {
            return c.at + i;
        }
    }
    return NULL;
}
