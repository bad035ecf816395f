// SPDX-License-Identifier: Apache-2.0
// Proxies: which URL is one, and which the environment names.
#include "kube/api/environment_proxy.h"

#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/host_port.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/url.h"

#include <arpa/inet.h>
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

// An address as 16 bytes, IPv4 as ::ffff:a.b.c.d, so that both families compare alike.
static bool parse_ip(const char *s, unsigned char out[16])
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (inet_pton(AF_INET6, s, out) == 1) {
        return true;
    }
    memcpy(out, mapped, sizeof mapped);
    return inet_pton(AF_INET, s, out + 12) == 1;
}

static bool is_v4(const unsigned char ip[16])
{
    for (int i = 0; i < 10; i++) {
        if (ip[i] != 0) {
            return false;
        }
    }
    return ip[10] == 0xFF && ip[11] == 0xFF;
}

static bool is_loopback(const unsigned char ip[16])
{
    static const unsigned char one[16] = {[15] = 1};
    return is_v4(ip) ? ip[12] == 127 : memcmp(ip, one, sizeof one) == 0;
}

static bool same_bits(const unsigned char *x, const unsigned char *y, int bits)
{
    for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i % 8);
        if ((x[i / 8] & mask) != (y[i / 8] & mask)) {
            return false;
        }
    }
    return true;
}

// "10.0.0.0/8": false if it is no network. *hit: ip lies in it.
static bool network(struct arena *a, const char *entry, const unsigned char *ip, bool *hit)
{
    const char *slash = strchr(entry, '/');
    unsigned char net[16];
    if (slash == NULL || !parse_ip(arena_strndup(a, entry, (size_t)(slash - entry)), net)) {
        return false;
    }
    bool v4 = is_v4(net) && strchr(entry, ':') == NULL;
    int64_t bits;
    if (strlen(slash) > 4 || !number_parse(slash + 1, strlen(slash + 1), v4 ? 32 : 128, &bits)) {
        return false;
    }
    *hit = ip != NULL && is_v4(ip) == v4 && same_bits(net, ip, (int)bits + (v4 ? 96 : 0));
    return true;
}

static bool entry_matches(struct arena *a, const char *entry, const char *host, const char *port,
                          const unsigned char *ip)
{
    bool hit = false;
    if (str_eq(entry, "*")) {
        return true;
    }
    if (network(a, entry, ip, &hit)) {
        return hit;
    }
    struct host_port p;
    if (!host_port_split(entry, &p) || p.host_len == 0 ||
        !(str_empty(p.port) || str_eq(p.port, port))) {
        return false;
    }
    const char *name = arena_strndup(a, p.host, p.host_len);
    unsigned char other[16];
    if (parse_ip(name, other)) {
        return ip != NULL && memcmp(ip, other, sizeof other) == 0;
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
    unsigned char bytes[16];
    const unsigned char *ip = parse_ip(host, bytes) ? bytes : NULL;
    if (str_eq(host, "localhost") || (ip != NULL && is_loopback(ip))) {
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
        if (*entry != '\0' && entry_matches(a, entry, host, port, ip)) {
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
