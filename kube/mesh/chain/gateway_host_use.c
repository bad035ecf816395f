// SPDX-License-Identifier: Apache-2.0
// Looks for a VirtualService that uses a host of a Gateway.
#include "kube/mesh/chain/gateway_host_use.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/vs_hosts.h"

enum { FEW = 8 }; // VirtualServices of a Gateway that are compared one by one

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

// The hosts of all VirtualServices that are bound to a Gateway.
struct bound_hosts {
    struct host_index all;
    struct string_map by_namespace; // of the VirtualServices -> struct host_index
};

static const void *find_bound_hosts(const struct mesh *m, const void *question)
{
    const struct object *gw = question;
    struct bound_hosts *b = arena_alloc(m->arena, sizeof *b);
    host_index_init(&b->all, m->arena);
    string_map_init(&b->by_namespace, m->arena);
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, gw->ns, gw->name, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct vs_hosts *v = vs_hosts_find(m, OBJECT_AS(virtualservice, at[i]));
        struct host_index **own = (struct host_index **)string_map_at(&b->by_namespace, at[i]->ns);
        if (*own == NULL) {
            *own = arena_alloc(m->arena, sizeof **own);
            host_index_init(*own, m->arena);
        }
        for (uint32_t k = 0; k < v->list.n; k++) {
            host_index_add(&b->all, v->list.at[k], i);
            host_index_add(*own, v->list.at[k], i);
        }
    }
    return b;
}

static bool used_by_any(const struct mesh *m, const struct gateway_hosts *hosts, uint32_t number)
{
    const struct object *gw = &hosts->gateway->o;
    const char *name = mesh_answer_name(m->arena, "bound hosts", gw->ns, gw->name, NULL);
    struct bound_hosts *b = unconst(mesh_answer(m, name, find_bound_hosts, gw));
    const char *ns = gateway_hosts_namespace(hosts, m->arena, number);
    struct host_index *x = ns != NULL ? string_map_get(&b->by_namespace, ns) : &b->all;
    return x != NULL && host_index_meets(x, gateway_hosts_part(hosts, number));
}

bool gateway_host_is_used(const struct mesh *m, const struct gateway_hosts *hosts, uint32_t number)
{
    const struct object *gw = &hosts->gateway->o;
    const char *host = gateway_hosts_part(hosts, number);
    uint32_t bound = mesh_index_count(m, INDEX_VS_BY_GATEWAY, gw->ns, gw->name);
    if (host_wild(host) || bound <= FEW) { // for a wild host, hosts within it count too
        uint32_t n;
        const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, gw->ns, gw->name, &n);
        return used_by(m, hosts, number, at, n < FEW ? n : FEW) ||
               (bound > FEW && used_by_any(m, hosts, number));
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
