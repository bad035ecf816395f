// SPDX-License-Identifier: Apache-2.0
// One server of a Gateway as a workload sees it.
#include "kube/mesh/route/gateway_server.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/server_protocol.h"

#include <string.h>

static bool passes_tls_on(const struct server *s)
{
    return s->tls != NULL &&
           (s->tls->mode == TLS_PASSTHROUGH || s->tls->mode == TLS_AUTO_PASSTHROUGH);
}

enum server_family server_family_of(const struct server *s)
{
    if (server_is_http(s)) {
        return FAMILY_HTTP;
    }
    if (s->tls == NULL) {
        return FAMILY_TCP;
    }
    bool https = s->protocol != NULL && str_casecmp(s->protocol, "HTTPS") == 0;
    return https && !passes_tls_on(s) ? FAMILY_HTTPS : FAMILY_TLS;
}

bool server_redirects(const struct server *s)
{
    return s->tls != NULL && s->tls->https_redirect;
}

const char *gateway_server_table(struct arena *a, const struct gateway_server *s)
{
    const char *dot = *s->bind != '\0' ? "." : "";
    if (s->family == FAMILY_HTTP) {
        return arena_printf(a, "http.%u%s%s", s->listen, dot, s->bind);
    }
    if (s->family == FAMILY_HTTPS) {
        return arena_printf(a, "https.%u.%s.%s.%s%s%s", s->port, str_or_empty(s->server->port_name),
                            s->gateway->o.name, s->gateway->o.ns, dot, s->bind);
    }
    return NULL;
}

bool gateway_server_same_table(const struct gateway_server *a, const struct gateway_server *b)
{
    if (a->family != b->family || strcmp(a->bind, b->bind) != 0) {
        return false;
    }
    if (a->family == FAMILY_HTTP) {
        return a->listen == b->listen;
    }
    const char *x = str_or_empty(a->server->port_name);
    const char *y = str_or_empty(b->server->port_name);
    return a->family == FAMILY_HTTPS && a->gateway == b->gateway && a->port == b->port &&
           strcmp(x, y) == 0;
}

struct gateway_server gateway_server_of(const struct gateway_hosts *hosts, uint32_t index,
                                        const struct workload_services *services)
{
    const struct server *server = &hosts->gateway->servers[index];
    bool in_range = server->port > 0 && server->port <= 65535;
    struct gateway_server s = {.gateway = hosts->gateway, .server = server, .index = index};
    s.hosts = hosts->rewritten[index];
    s.port = in_range ? (uint32_t)server->port : 0;
    s.listen = workload_listen_port(services, s.port);
    s.bind = str_or_empty(server->bind);
    s.family = server_family_of(server);
    s.fate = server->port_present && in_range ? SERVER_KEPT : SERVER_NO_PORT;
    return s;
}
