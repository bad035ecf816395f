// SPDX-License-Identifier: Apache-2.0
// Hosts as Istio compares them.
#include "kube/mesh/core/host.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include <string.h>

bool host_wild(const char *h)
{
    return h[0] == '*';
}

bool host_overlap(const char *a, const char *b)
{
    if (!host_wild(a)) {
        return host_wild(b) ? str_ends(a, b + 1) : strcmp(a, b) == 0;
    }
    if (!host_wild(b)) {
        return str_ends(b, a + 1);
    }
    return strlen(a) >= strlen(b) ? str_ends(a + 1, b + 1) : str_ends(b + 1, a + 1);
}

bool host_within(const char *a, const char *b)
{
    if (!host_wild(b)) {
        return strcmp(a, b) == 0;
    }
    if (!host_wild(a)) {
        return str_ends(a, b + 1);
    }
    return strlen(a) >= strlen(b) && str_ends(a + 1, b + 1);
}

bool host_matches(const char *domain, const char *request_host)
{
    if (!host_wild(domain)) {
        return strcmp(domain, request_host) == 0;
    }
    if (domain[1] == '\0') {
        return true;
    }
    return strlen(request_host) > strlen(domain + 1) && str_ends(request_host, domain + 1);
}

struct str_list host_server_hosts(struct arena *a, const struct str_list *hosts, const char *gw_ns)
{
    const char **out = arena_calloc(a, hosts->n, sizeof *out);
    struct str_list list = {.at = out, .n = hosts->n};
    for (uint32_t i = 0; i < hosts->n; i++) {
        const char *h = hosts->at[i];
        const char *slash = strchr(h, '/');
        out[i] = h;
        if (slash == NULL || slash != h + 1) {
            continue;
        }
        if (h[0] == '.') {
            out[i] = arena_printf(a, "%s/%s", gw_ns, slash + 1);
        } else if (h[0] == '*' && strcmp(slash + 1, "*") == 0) {
            out[0] = "*";
            list.n = 1;
            return list;
        } else if (h[0] == '*') {
            out[i] = slash + 1;
        }
    }
    return list;
}

const char *host_for_namespace(const char *server_host, const char *vs_ns)
{
    const char *slash = strchr(server_host, '/');
    if (slash == NULL) {
        return server_host;
    }
    size_t n = (size_t)(slash - server_host);
    return str_is(server_host, n, "*") || str_is(server_host, n, vs_ns) ? slash + 1 : NULL;
}

const char *host_narrower(const char *vs_host, const char *server_host)
{
    if (host_within(vs_host, server_host)) {
        return vs_host;
    }
    return host_within(server_host, vs_host) ? server_host : NULL;
}
