// SPDX-License-Identifier: Apache-2.0
// Servers of Gateways that lose their port to an older one (GT0112): docs/rules/istio.md#server-merge.
#include "kube/base/array.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/merged_gateways.h"

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
    struct string_map done; // workloads, by key
    string_map_init(&done, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t nw;
        const struct workload *w = workloads_of_gateway(c->m, OBJECT_AS(gateway, all[i]), &nw);
        for (uint32_t k = 0; k < nw; k++) {
            if (string_map_add(&done, workload_key(c->a, &w[k]))) {
                check_merged(c, merged_gateways_build(c->m, &w[k]));
            }
        }
    }
}
