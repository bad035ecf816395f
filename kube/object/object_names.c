// SPDX-License-Identifier: Apache-2.0
// How objects name each other.
#include "kube/object/object_names.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/ip_network.h"
#include "kube/base/str.h"

#include <stdio.h>
#include <string.h>

bool name_is_ip(const char *s)
{
    return s != NULL && ip_network_of_address(s).n != 0;
}

bool name_same_ip(const char *a, const char *b)
{
    struct ip_network x = ip_network_of_address(a), y = ip_network_of_address(b);
    return x.n != 0 && ip_network_compare(&x, &y) == 0;
}

const char *name_fqdn(struct arena *a, const char *host, const char *ns)
{
    // Something with a dot is taken literally; a wild host without one ("*", "*-x") cannot be a Service.
    if (str_empty(host) || host[0] == '*' || strchr(host, '.') != NULL || name_is_ip(host)) {
        return host;
    }
    return name_service_host(a, host, str_or_empty(ns));
}

static char service_suffix[300] = ".svc.cluster.local";

bool name_set_cluster_domain(const char *domain)
{
    size_t n = strlen(domain);
    n -= n > 0 && domain[n - 1] == '.';
    if (n == 0 || n > 253 || domain[0] == '.') {
        return false;
    }
    (void)snprintf(service_suffix, sizeof service_suffix, ".svc.%.*s", (int)n, domain);
    return true;
}

const char *name_service_suffix(void)
{
    return service_suffix;
}

const char *name_service_host(struct arena *a, const char *name, const char *ns)
{
    return arena_concat(a, name, ".", ns, service_suffix, NULL);
}

bool name_in_cluster(const char *host)
{
    return str_ends(host, service_suffix);
}

bool name_split_service(struct arena *a, const char *fqdn, const char **name, const char **ns)
{
    if (fqdn == NULL || !name_in_cluster(fqdn)) {
        return false;
    }
    size_t n = strlen(fqdn) - strlen(service_suffix);
    const char *dot = memchr(fqdn, '.', n);
    if (dot == NULL || dot == fqdn || dot + 1 == fqdn + n) {
        return false;
    }
    size_t head = (size_t)(dot - fqdn);
    if (memchr(dot + 1, '.', n - head - 1) != NULL) {
        return false;
    }
    *name = arena_strndup(a, fqdn, head);
    *ns = arena_strndup(a, dot + 1, n - head - 1);
    return true;
}

bool name_resolve_gateway(struct arena *a, const char *ref, const char *ns, const char **gw_ns,
                          const char **gw_name)
{
    if (str_eq(ref, "mesh")) {
        return false;
    }
    const char *dot = strchr(ref, '.');
    *gw_name = name_split(a, ref, ns, gw_ns);
    if (*gw_name != ref) {
        *gw_ns = strcmp(*gw_ns, ".") == 0 ? ns : *gw_ns;
    } else if (dot != NULL && dot != ref && dot[1] != '\0') { // legacy "name.ns[.svc...]"
        const char *rest = dot + 1;
        const char *end = strchr(rest, '.');
        *gw_ns = arena_strndup(a, rest, end != NULL ? (size_t)(end - rest) : strlen(rest));
        *gw_name = arena_strndup(a, ref, (size_t)(dot - ref));
    }
    return true;
}

const char *name_of_credential(const char *credential)
{
    static const char scheme[] = "kubernetes://";
    bool plain = credential == NULL || !str_starts(credential, scheme);
    return plain ? credential : credential + sizeof scheme - 1;
}

const char *name_without_ns(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash != NULL ? slash + 1 : text;
}

const char *name_split(struct arena *a, const char *text, const char *own, const char **ns)
{
    const char *name = name_without_ns(text);
    *ns = name != text ? arena_strndup(a, text, (size_t)(name - text - 1)) : own;
    return name;
}

static bool is_subdomain(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool plain = ascii_digit(s[i]) || (s[i] >= 'a' && s[i] <= 'z');
        bool edge = i == 0 || i + 1 == n || s[i - 1] == '.' || s[i + 1] == '.';
        if (!plain && (edge || (s[i] != '-' && s[i] != '.'))) {
            return false;
        }
    }
    return n > 0 && n <= 253;
}

bool name_is_subdomain(const char *s)
{
    return is_subdomain(s, strlen(s));
}

bool name_is_qualified(const char *s, size_t n)
{
    if (n == 0 || n > 63 || !ascii_alnum(s[0]) || !ascii_alnum(s[n - 1])) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!ascii_alnum(s[i]) && s[i] != '-' && s[i] != '_' && s[i] != '.') {
            return false;
        }
    }
    return true;
}

bool name_is_label_key(const char *s)
{
    const char *slash = strchr(s, '/');
    if (slash == NULL) {
        return name_is_qualified(s, strlen(s));
    }
    return is_subdomain(s, (size_t)(slash - s)) && name_is_qualified(slash + 1, strlen(slash + 1));
}

bool name_is_label_value(const char *s)
{
    return s[0] == '\0' || name_is_qualified(s, strlen(s));
}
