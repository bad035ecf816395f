// SPDX-License-Identifier: Apache-2.0
// Looks for a VirtualService that uses a host of a Gateway.
#include "kube/mesh/chain/host_used.h"

#include "kube/base/text.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/vs_hosts.h"

enum { FEW = 8 }; // VirtualServices of a Gateway that are looked at one by one

// Whether one of the VirtualServices is bound to the Gateway and uses the host.
static bool used_by(const struct mesh *m, const struct gateway_hosts *hosts, uint32_t number,
                    const struct object *const *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct vs_hosts *v = vs_hosts_find(m, OBJECT_AS(virtualservice, at[i]));
        const char *host = gateway_hosts_for(hosts, number, v->vs->o.ns);
        if (host != NULL && host_index_meets(v->written, host) &&
            string_map_get(v->gateways, object_id(m->arena, &hosts->gateway->o)) != NULL) {
            return true;
        }
    }
    return false;
}

static bool used_as(const struct mesh *m, const struct gateway_hosts *hosts, uint32_t number,
                    const char *vs_host)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_HOST, vs_host, "", &n);
    return used_by(m, hosts, number, at, n);
}

bool host_used(const struct mesh *m, const struct gateway_hosts *hosts, uint32_t number)
{
    const struct object *gw = &hosts->gateway->o;
    const char *host = gateway_hosts_part(hosts, number);
    if (host_wild(host) || // whatever lies within it, too
        mesh_index_count(m, INDEX_VS_BY_GATEWAY, gw->ns, gw->name) <= FEW) {
        uint32_t n;
        const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, gw->ns, gw->name, &n);
        return used_by(m, hosts, number, at, n);
    }
    const char *low = str_lower(m->arena, host);
    bool used = used_as(m, hosts, number, low);
    for (const char *tail = low; !used; tail++) { // wild hosts that cover it
        used = used_as(m, hosts, number, arena_printf(m->arena, "*%s", tail));
        if (*tail == '\0') {
            break;
        }
    }
    return used;
}
