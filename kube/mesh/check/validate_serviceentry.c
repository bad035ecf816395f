// SPDX-License-Identifier: Apache-2.0
// Validation of ServiceEntries: docs/rules/istio.md#validate-serviceentry.
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/name_syntax_internal.h"
#include "kube/mesh/check/validate_fields_internal.h"
#include "kube/mesh/check/validation_internal.h"
#include "kube/mesh/core/host.h"

#include <string.h>

static void entry_hosts(struct check *c, const struct serviceentry *e)
{
    if (e->hosts.n == 0) {
        INVALID(c, &e->o, "spec.hosts", "the ServiceEntry has no host");
    }
    for (uint32_t i = 0; i < e->hosts.n; i++) {
        const char *host = e->hosts.at[i];
        const char *path = check_text(c, "spec.hosts[%u]", i);
        if (str_eq(host, "*") || !valid_wildcard_domain(host)) {
            INVALID(c, &e->o, path, "\"%s\" is no host of a ServiceEntry", host);
        } else if (host[0] == '*' && host[1] != '.') {
            struct finding *f = QUESTIONABLE(
                c, &e->o, path, "the star of \"%s\" stands for a part of a label", host);
            check_hint(c, f, "write *.<domain>");
        }
    }
}

static void entry_ports(struct check *c, const struct serviceentry *e)
{
    struct string_map seen;
    string_map_init(&seen, c->a);
    for (uint32_t i = 0; i < e->nports; i++) {
        const struct serviceentry_port *p = &e->ports[i];
        const char *path = check_text(c, "spec.ports[%u]", i);
        const char *keys[2] = {check_text(c, "name %s", str_or_empty(p->name)),
                               check_text(c, "number %lld", (long long)p->number)};
        for (int k = 0; k < 2; k++) {
            void **there = string_map_at(&seen, keys[k]);
            if (*there != NULL) {
                INVALID(c, &e->o, path, "two ports have the %s", keys[k]);
            }
            *there = &seen;
        }
        if (!valid_label(p->name)) {
            INVALID(c, &e->o, check_text(c, "%s.name", path), "\"%s\" is no name of a port",
                    str_or_empty(p->name));
        }
        if (!str_empty(p->protocol) && protocol_class_of(p->protocol) == PROTOCOL_UNKNOWN) {
            INVALID(c, &e->o, check_text(c, "%s.protocol", path), "the protocol \"%s\" is unknown",
                    p->protocol);
        }
        if (!valid_port(p->number) || (p->target_port != 0 && !valid_port(p->target_port))) {
            INVALID(c, &e->o, path, "a port must be between 1 and 65535");
        }
    }
}

static bool is(const struct serviceentry *e, const char *resolution)
{
    return str_eq(e->resolution != NULL ? e->resolution : "NONE", resolution);
}

// The names of an endpoint's ports are those of the ServiceEntry.
static void endpoint_ports(struct check *c, const struct serviceentry *e,
                           const struct serviceentry_endpoint *x, const char *path)
{
    if (str_starts(str_or_empty(x->address), "unix://") && x->ports.n > 0) {
        INVALID(c, &e->o, check_text(c, "%s.ports", path), "a unix:// endpoint has no ports");
        return;
    }
    for (uint32_t i = 0; i < x->ports.n; i++) {
        bool known = false;
        for (uint32_t k = 0; k < e->nports && !known; k++) {
            known = str_eq(e->ports[k].name, x->ports.at[i].key);
        }
        if (!known) {
            struct finding *f =
                INVALID(c, &e->o, check_text(c, "%s.ports", path),
                        "the ServiceEntry has no port named \"%s\"", x->ports.at[i].key);
            check_hint(c, f, "use a name of spec.ports");
        }
    }
}

static void entry_endpoints(struct check *c, const struct serviceentry *e)
{
    bool dns = is(e, "DNS") || is(e, "DNS_ROUND_ROBIN");
    if (e->has_workload_selector && e->nendpoints > 0) {
        INVALID(c, &e->o, "spec.endpoints", "endpoints and workloadSelector cannot stand together");
    }
    if (is(e, "NONE") && e->nendpoints > 0) {
        struct finding *f =
            INVALID(c, &e->o, "spec.endpoints", "the resolution NONE has no endpoints");
        check_hint(c, f, "write resolution: STATIC, or DNS for names");
    }
    for (uint32_t i = 0; dns && e->nendpoints == 0 && i < e->hosts.n; i++) {
        if (!valid_fqdn(e->hosts.at[i])) {
            struct finding *f = INVALID(c, &e->o, check_text(c, "spec.hosts[%u]", i),
                                        "\"%s\" cannot be resolved by DNS", e->hosts.at[i]);
            check_hint(c, f, "give endpoints, or a host without a star");
        }
    }
    if (is(e, "DNS_ROUND_ROBIN") && e->nendpoints > 1) {
        INVALID(c, &e->o, "spec.endpoints", "the resolution DNS_ROUND_ROBIN takes one endpoint");
    }
    for (uint32_t i = 0; i < e->nendpoints; i++) {
        const char *address = e->endpoints[i].address;
        const char *path = check_text(c, "spec.endpoints[%u]", i);
        bool socket = str_starts(str_or_empty(address), "unix://");
        bool ok = name_is_ip(address) || (dns && valid_fqdn(address)) ||
                  (socket && valid_unix_path(address + strlen("unix://")));
        if (!str_empty(address) && !ok) {
            INVALID(c, &e->o, check_text(c, "%s.address", path),
                    "\"%s\" is no address for the resolution %s", address,
                    e->resolution != NULL ? e->resolution : "NONE");
        }
        if (str_empty(address) && str_empty(e->endpoints[i].network)) {
            INVALID(c, &e->o, path, "an endpoint needs an address");
        }
        endpoint_ports(c, e, &e->endpoints[i], path);
        validate_labels(c, &e->o, &e->endpoints[i].labels, check_text(c, "%s.labels", path));
    }
}

static void entry_selector(struct check *c, const struct serviceentry *e)
{
    if (e->has_workload_selector && e->workload_selector.n == 0) {
        struct finding *f =
            QUESTIONABLE(c, &e->o, "spec.workloadSelector",
                         "the workloadSelector has no labels: it selects everything "
                         "in the namespace");
        check_hint(c, f, "write labels: below workloadSelector");
    }
    if (e->has_workload_selector && is(e, "NONE")) {
        QUESTIONABLE(c, &e->o, "spec.workloadSelector",
                     "a workloadSelector does not go with the resolution NONE");
    }
}

static void entry_of_dynamic_dns(struct check *c, const struct serviceentry *e)
{
    for (uint32_t i = 0; i < e->hosts.n; i++) {
        if (!host_wild(e->hosts.at[i])) {
            INVALID(c, &e->o, check_text(c, "spec.hosts[%u]", i),
                    "the resolution DYNAMIC_DNS needs a host with a wildcard, not \"%s\"",
                    e->hosts.at[i]);
        }
    }
    if (e->addresses.n > 0) {
        INVALID(c, &e->o, "spec.addresses", "the resolution DYNAMIC_DNS takes no addresses");
    }
    if (e->nendpoints > 0) {
        INVALID(c, &e->o, "spec.endpoints", "the resolution DYNAMIC_DNS takes no endpoints");
    }
}

void validate_serviceentry(struct check *c, const struct serviceentry *e)
{
    validate_annotations(c, &e->o);
    entry_hosts(c, e);
    bool network = false;
    for (uint32_t i = 0; i < e->addresses.n; i++) {
        network = network || strchr(e->addresses.at[i], '/') != NULL;
        if (!valid_ip_or_cidr(e->addresses.at[i])) {
            INVALID(c, &e->o, check_text(c, "spec.addresses[%u]", i),
                    "\"%s\" is no IP address or network", e->addresses.at[i]);
        }
    }
    if (network && !is(e, "NONE") && !is(e, "STATIC")) {
        INVALID(c, &e->o, "spec.addresses",
                "networks work with the resolutions NONE and STATIC only");
    }
    entry_ports(c, e);
    entry_endpoints(c, e);
    entry_selector(c, e);
    if (is(e, "DYNAMIC_DNS")) {
        entry_of_dynamic_dns(c, e);
    }
    for (uint32_t i = 0; !is(e, "NONE") && e->hosts.n > 1 && i < e->nports; i++) {
        enum protocol_class p = protocol_class_of(e->ports[i].protocol);
        if (p != PROTOCOL_HTTP && p != PROTOCOL_TLS) {
            struct finding *f = INVALID(c, &e->o, check_text(c, "spec.ports[%u]", i),
                                        "several hosts share a port that is neither HTTP nor TLS");
            check_hint(c, f,
                       "nothing distinguishes the hosts there: write one ServiceEntry for each");
            break;
        }
    }
    validate_export_to(c, &e->o, &e->export_to, true, false);
}
