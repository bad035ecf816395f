// SPDX-License-Identifier: Apache-2.0
// What a configuration makes of the server's address.
#include "kube/api/http_address.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/url.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static char *host_port(const char *host, int port)
{
    bool v6 = strchr(host, ':') != NULL;
    return xasprintf(v6 ? "[%s]:%d" : "%s:%d", host, port);
}

// The proxy's host and port without its password.
static char *proxy_peer(const char *url)
{
    struct url_parts p = url_parts_of(url);
    struct arena a;
    arena_init(&a);
    char *out = xstrdup(text_clean(&a, p.host, p.host_len, 200));
    arena_release(&a);
    return out;
}

void http_address_init(struct http_address *a, const struct api_config *config)
{
    *a = (struct http_address){.peer = host_port(config->host, config->port)};
    const char *scheme = config->plain_http ? "http" : "https";
    if (!str_empty(config->tls_server_name) && !config->plain_http) {
        char *named = host_port(config->tls_server_name, config->port);
        a->base = xasprintf("%s://%s%s", scheme, named, config->path);
        a->connect_to = xasprintf("::%s", a->peer);
        a->host_header = xstrdup(a->peer);
        free(named);
    } else {
        a->base = xasprintf("%s://%s%s", scheme, a->peer, config->path);
    }
    if (!str_empty(config->proxy_url)) {
        a->proxy_peer = proxy_peer(config->proxy_url);
    }
    struct utsname u;
    memset(&u, 0, sizeof u);
    uname(&u);
    for (char *p = u.sysname; *p != '\0'; p++) {
        *p = ascii_lower(*p);
    }
    a->agent = xasprintf("gatetop/" GATETOP_VERSION " (%s/%s)", u.sysname, u.machine);
}

void http_address_release(struct http_address *a)
{
    free(a->base);
    free(a->connect_to);
    free(a->host_header);
    free(a->peer);
    free(a->proxy_peer);
    free(a->agent);
}
