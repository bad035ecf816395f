// SPDX-License-Identifier: Apache-2.0
// Proxies: which URL is one, and which the environment names.
#include "kube/api/environment_proxy.h"

#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/host_port.h"
#include "kube/base/ip_network.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/url.h"

#include <string.h>

bool proxy_url_valid(struct arena *a, const char *text, const char **why)
{
    struct url u;
    if (!url_split(a, text, &u, why)) {
        return false;
    }
    if (!str_eq(u.scheme, "http") && !str_eq(u.scheme, "https") && !str_eq(u.scheme, "socks5")) {
        *why = "a scheme other than http, https and socks5";
        return false;
    }
    return true;
}

// An address; both families compare alike, as IPv4 may be spelled as IPv6.
static struct ip_network parse_ip(const char *s)
{
    return ip_network_unmapped(ip_network_of_address(s));
}

static bool is_loopback(const struct ip_network *ip)
{
    static const unsigned char one[16] = {[15] = 1};
    return ip->n == 4 ? ip->bytes[0] == 127
                      : ip->n == 16 && memcmp(ip->bytes, one, sizeof one) == 0;
}

static bool entry_matches(struct arena *a, const char *entry, const char *host, const char *port,
                          const struct ip_network *ip)
{
    if (str_eq(entry, "*")) {
        return true;
    }
    struct ip_network net = ip_network_parse(entry);
    if (net.n != 0) {
        return ip_network_has(&net, ip);
    }
    struct host_port p;
    if (!host_port_split(entry, &p) || p.host_len == 0 ||
        !(str_empty(p.port) || str_eq(p.port, port))) {
        return false;
    }
    const char *name = arena_strndup(a, p.host, p.host_len);
    struct ip_network other = parse_ip(name);
    if (other.n != 0) {
        return ip_network_compare(ip, &other) == 0;
    }
    if (str_starts(name, "*.")) {
        return str_ends(host, name + 1);
    }
    if (*name == '.') {
        return str_ends(host, name);
    }
    return str_eq(host, name) || str_ends(host, arena_printf(a, ".%s", name));
}

static bool excluded(struct arena *a, const char *list, const struct url *to)
{
    const char *host = str_lower(a, to->host);
    struct ip_network ip = parse_ip(host);
    if (str_eq(host, "localhost") || is_loopback(&ip)) {
        return true;
    }
    const char *port = arena_printf(a, "%d", to->port);
    while (list != NULL && *list != '\0') {
        size_t n = strcspn(list, ",");
        size_t skip = strspn(list, " \t\r\n");
        skip = skip < n ? skip : n;
        size_t end = n;
        while (end > skip && strchr(" \t\r\n", list[end - 1]) != NULL) {
            end--;
        }
        const char *entry = str_lower(a, arena_strndup(a, list + skip, end - skip));
        if (*entry != '\0' && entry_matches(a, entry, host, port, &ip)) {
            return true;
        }
        list += n + (list[n] == ',');
    }
    return false;
}

static const char *either(const struct environment *env, const char *upper, const char *lower,
                          const char **which)
{
    const char *v = env->get(env->self, upper);
    *which = upper;
    if (str_empty(v)) {
        v = env->get(env->self, lower);
        *which = lower;
    }
    return str_empty(v) ? NULL : v;
}

// Not by printf, which would leave pieces of a password on its stack.
static const char *join(struct arena *a, const char *head, const char *tail)
{
    char *out = arena_alloc(a, strlen(head) + strlen(tail) + 1);
    stpcpy(stpcpy(out, head), tail);
    return out;
}

bool proxy_from_env(struct arena *a, const struct environment *env, const struct url *to,
                    const char **proxy, struct err *err)
{
    bool tls = str_eq(to->scheme, "https");
    const char *which, *unused;
    const char *value = tls ? either(env, "HTTPS_PROXY", "https_proxy", &which)
                            : either(env, "HTTP_PROXY", "http_proxy", &which);
    *proxy = NULL;
    if (value == NULL) {
        return true;
    }
    if (!tls && !str_empty(env->get(env->self, "REQUEST_METHOD"))) {
        return err_set(err, ERR_CONFIG,
                       "%s is not used where REQUEST_METHOD is set (CGI); unset one of them",
                       which);
    }
    if (excluded(a, either(env, "NO_PROXY", "no_proxy", &unused), to)) {
        return true;
    }
    struct url u;
    const char *why = NULL;
    bool ok = url_split(a, value, &u, &why);
    if (ok && *u.scheme == '\0') { // "proxy:3128"
        value = join(a, "http://", value);
    } else if (ok && str_eq(u.scheme, "socks5h")) { // Go takes both for the same
        value = join(a, "socks5", value + strlen("socks5h"));
    }
    if (!ok || !proxy_url_valid(a, value, &why)) {
        return err_set(err, ERR_CONFIG, "%s names no proxy: %s; expected http://host:port", which,
                       why);
    }
    *proxy = value;
    return true;
}
