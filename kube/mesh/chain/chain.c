// SPDX-License-Identifier: Apache-2.0
// The names of the links, and the state of a chain.
#include "kube/mesh/chain/chain.h"

#include "kube/base/array.h"

#include <assert.h>

const char *link_name(enum link_kind l)
{
    static const char *const names[] = {
        [LINK_NAMESPACE] = "namespace",
        [LINK_DNS] = "dns",
        [LINK_GATEWAY] = "gateway",
        [LINK_SECRET] = "secret",
        [LINK_CERTIFICATE] = "certificate",
        [LINK_VIRTUALSERVICE] = "virtualservice",
        [LINK_RULES] = "rules",
        [LINK_DESTINATIONS] = "destinations",
    };
    static_assert(ARRAY_COUNT(names) == LINK_COUNT, "a name for each link");
    return names[l];
}

enum verdict chain_state(const struct chain_link *links, enum link_kind *worst)
{
    enum verdict v = VERDICT_UNKNOWN;
    *worst = LINK_NAMESPACE;
    for (int l = 0; l < LINK_COUNT; l++) {
        if (links[l].state > v) {
            v = links[l].state;
            *worst = (enum link_kind)l;
        }
    }
    return v;
}
