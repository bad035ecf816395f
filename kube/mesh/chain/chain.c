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

static const enum link_kind deciding[] = {LINK_GATEWAY, LINK_RULES, LINK_DESTINATIONS};

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
    // Nothing that is wrong, but something that decides whether requests are served is not known: no ok.
    for (size_t i = 0; v == VERDICT_OK && i < ARRAY_COUNT(deciding); i++) {
        if (links[deciding[i]].state == VERDICT_UNKNOWN) {
            v = VERDICT_UNKNOWN;
            *worst = deciding[i];
        }
    }
    return v;
}
