// SPDX-License-Identifier: Apache-2.0
// Servers of Gateways that lose their port to an older one (GT0112): docs/rules/istio.md#server-merge.
#include "kube/base/array.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/route/merged_gateways.h"
#include "kube/mesh/route/workload_set.h"

#include <assert.h>

static void check_merged(struct check *c, const struct merged_gateways *g)
{
    static const char *const why[] = {
        [SERVER_HOST_TAKEN] = "has one of its hosts already",
        [SERVER_PROTOCOL] = "has the port with another protocol",
        [SERVER_NAME_TAKEN] = "has the same port name",
    };
    static_assert(ARRAY_COUNT(why) == SERVER_NAME_TAKEN + 1, "every fate has a reason");
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct gateway_server *s = &g->servers[i];
        const struct gateway_server *r = s->rival;
        if (s->fate == SERVER_KEPT || s->fate == SERVER_NO_PORT || r == NULL) {
            continue;
        }
        struct finding *f = check_add(
            c, "GT0112", &s->gateway->o, check_text(c, "spec.servers[%u]", s->index),
            "server %u (port %u) is not used: server %u of Gateway %s/%s, which is older, %s",
            s->index, s->port, r->index, r->gateway->o.ns, r->gateway->o.name, why[s->fate]);
        check_hint(c, f, "give it another port or other hosts");
    }
}

void check_servers(struct check *c)
{
    struct workload_set set;
    workload_set_init(&set, c->m);
    workload_set_add_all(&set);
    for (uint32_t i = 0; i < set.n; i++) {
        check_merged(c, merged_gateways_build(c->m, set.at[i]));
    }
}
