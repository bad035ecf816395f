// SPDX-License-Identifier: Apache-2.0
// Finds the servers of a Gateway that take a host.
#include "kube/mesh/chain/host_servers.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/gateway_server.h"
#include "kube/mesh/route/l4_routes.h"

static bool lists(const struct server *s, const char *host)
{
    for (uint32_t h = 0; h < s->hosts.n; h++) {
        if (str_eq(name_without_ns(s->hosts.at[h]), host)) {
            return true;
        }
    }
    return false;
}

// Servers of the Gateway that list the host as it is written, with any namespace.
static struct server_list servers_listing(const struct mesh *m, const struct gateway *gw,
                                          const char *host)
{
    const struct gateway_hosts *hosts = gateway_hosts_find(m, gw);
    if (!hosts->shortened) {
        return gateway_hosts_writing(hosts, m->arena, host);
    }
    uint32_t *at = arena_calloc(m->arena, gw->nservers, sizeof *at);
    struct server_list out = {at, 0};
    for (uint32_t i = 0; i < gw->nservers; i++) {
        if (lists(&gw->servers[i], host)) {
            at[out.n++] = i;
        }
    }
    return out;
}

static struct server_list servers_taking(const struct mesh *m, const struct gateway *gw,
                                         const char *vs_ns, const char *host)
{
    const struct gateway_hosts *hosts = gateway_hosts_find(m, gw);
    struct host_hits hits = {0};
    gateway_hosts_add_meeting(hosts, m->arena, vs_ns, host, &hits);
    return gateway_hosts_servers_of(hosts, &hits);
}

bool host_servers_take(const struct mesh *m, const struct gateway *gw, const char *vs_ns,
                       const char *host)
{
    return gateway_hosts_take(gateway_hosts_find(m, gw), vs_ns, host);
}

struct host_servers host_servers_find(const struct mesh *m, const struct gateway *gw,
                                      const struct virtualservice *vs, const char *host)
{
    struct host_servers out = {0};
    struct server_list servers =
        vs != NULL ? servers_taking(m, gw, vs->o.ns, host) : servers_listing(m, gw, host);
    uint32_t *l4 = arena_calloc(m->arena, servers.n, sizeof *l4);
    for (uint32_t i = 0; i < servers.n; i++) {
        const struct server *s = &gw->servers[servers.at[i]];
        enum l4_mode mode = server_l4_mode(s);
        const struct server **first = mode == L4_SERVICES ? &out.services
                                      : mode == L4_PASSED ? &out.passed
                                      : mode == L4_TCP    ? &out.tcp
                                      : mode == L4_ENDED || server_family_of(s) == FAMILY_HTTPS
                                          ? &out.tls
                                          : &out.plain;
        *first = *first != NULL ? *first : s;
        out.http = out.http || mode == L4_NONE;
        out.redirects = out.redirects || (first == &out.plain && server_redirects(s));
        if (mode == L4_PASSED || mode == L4_TCP || mode == L4_ENDED) {
            l4[out.l4.n++] = servers.at[i];
        }
    }
    out.l4.at = l4;
    return out;
}
