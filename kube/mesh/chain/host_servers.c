// SPDX-License-Identifier: Apache-2.0
// Finds the servers of a Gateway that take a host.
#include "kube/mesh/chain/host_servers.h"

#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/gateway_server.h"

static bool takes(const struct mesh *m, const struct gateway *gw, const struct server *s,
                  const char *vs_ns, const char *host)
{
    struct str_list hosts = host_server_hosts(m->arena, &s->hosts, gw->o.ns);
    for (uint32_t i = 0; i < hosts.n; i++) {
        const char *h = host_for_namespace(hosts.at[i], vs_ns);
        if (h != NULL && host_narrower(host, h) != NULL) {
            return true;
        }
    }
    return false;
}

// Whether the server lists the host, in whatever namespace.
static bool lists(const struct server *s, const char *host)
{
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        if (str_eq(name_without_ns(s->hosts.at[i]), host)) {
            return true;
        }
    }
    return false;
}

bool host_servers_take(const struct mesh *m, const struct gateway *gw, const char *vs_ns,
                       const char *host)
{
    for (uint32_t i = 0; i < gw->nservers; i++) {
        if (takes(m, gw, &gw->servers[i], vs_ns, host)) {
            return true;
        }
    }
    return false;
}

struct host_servers host_servers_find(const struct mesh *m, const struct gateway *gw,
                                      const struct virtualservice *vs, const char *host)
{
    struct host_servers out = {0};
    for (uint32_t i = 0; i < gw->nservers; i++) {
        const struct server *s = &gw->servers[i];
        if (vs != NULL ? !takes(m, gw, s, vs->o.ns, host) : !lists(s, host)) {
            continue;
        }
        enum server_family f = server_family(s);
        bool passes = s->tls != NULL &&
                      (s->tls->mode == TLS_PASSTHROUGH || s->tls->mode == TLS_AUTO_PASSTHROUGH);
        if (f == FAMILY_HTTPS || (f == FAMILY_TLS && !passes)) {
            out.tls = out.tls != NULL ? out.tls : s;
        } else if (f == FAMILY_TLS) {
            out.passed = out.passed != NULL ? out.passed : s;
        } else {
            out.plain = out.plain != NULL ? out.plain : s;
            out.redirects = out.redirects || (s->tls != NULL && s->tls->https_redirect);
        }
    }
    return out;
}
