// SPDX-License-Identifier: Apache-2.0
// The source service (docs/rules/dns.md#service-source): hosts come from annotations and templates alone.
//
// The address records of a NodePort Service point at Nodes, those of a headless one at Pods: neither is worked out.
#include "kube/mesh/dns/dns_source_service.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/kubernetes_objects.h"

#include <string.h>

static const char *type_of(const struct service *s)
{
    return s->type != NULL ? s->type : "ClusterIP";
}

// The targets by type. `internal`: for the hosts of the annotation internal-hostname.
static struct str_array service_targets(const struct dns_run *run, const struct service *s,
                                        bool internal)
{
    struct arena *a = run->m->arena;
    struct str_array out = {0};
    const char *type = type_of(s);
    bool balancer = strcmp(type, "LoadBalancer") == 0;
    if ((balancer && internal) ||
        (strcmp(type, "ClusterIP") == 0 && (internal || run->settings->publish_internal))) {
        if (s->cluster_ip != NULL && strcmp(s->cluster_ip, "None") != 0) {
            str_array_add(a, &out, s->cluster_ip);
        }
    } else if (balancer || strcmp(type, "ExternalName") == 0) {
        for (uint32_t i = 0; i < s->external_ips.n; i++) {
            str_array_add(a, &out, s->external_ips.at[i]);
        }
        if (s->external_ips.n == 0 && balancer) {
            dns_source_add_addresses(a, &out, s->ingress, s->ningress, true);
        } else if (s->external_ips.n == 0 && s->external_name != NULL) {
            str_array_add(a, &out, s->external_name);
        }
    }
    return out;
}

// An SRV record for each port of a NodePort Service (docs/rules/dns.md#service-srv).
static void add_node_ports(struct dns_run *run, const struct service *s, const char *label,
                           const char *host)
{
    struct arena *a = run->m->arena;
    if (str_eq(dns_source_annotation(run, &s->o, "alias"), "true")) {
        return; // no SRV record can be an alias
    }
    for (uint32_t i = 0; i < s->nports; i++) {
        const struct service_port *p = &s->ports[i];
        if (p->node_port == 0) {
            continue;
        }
        const char *protocol = str_lower(a, p->protocol != NULL ? p->protocol : "tcp");
        const char *name = arena_printf(a, "_%s._%s.%s", s->o.name, protocol, host);
        struct endpoint *e = dns_source_add_endpoint(run, &s->o, label, name, "SRV");
        if (e != NULL) {
            str_array_add(a, &e->targets,
                          arena_printf(a, "0 50 %u %s%s", p->node_port, host,
                                       str_ends(host, ".") ? "" : "."));
        }
    }
}

static void add_service_host(struct dns_run *run, const struct service *s, const char *host,
                             bool internal)
{
    const char *label = dns_source_label(run, "service", &s->o);
    struct str_array t = dns_source_targets(run, &s->o);
    host = dns_source_without_dot(run->m->arena, host);
    if (t.n == 0 && strcmp(type_of(s), "NodePort") == 0) {
        add_node_ports(run, s, label, host);
        dns_run_leave_out(run, label,
                          "is of type NodePort: its records of addresses point at Nodes");
    } else if (t.n == 0 && str_eq(s->cluster_ip, "None") && strcmp(type_of(s), "ClusterIP") == 0) {
        dns_run_leave_out(run, label, "is headless: its records point at its Pods");
    } else if (t.n == 0) {
        t = service_targets(run, s, internal);
    }
    dns_source_add_endpoints(run, &s->o, label, host, &t);
}

static bool type_fits(const struct dns_settings *s, const struct service *x)
{
    bool fits = s->service_types.n == 0;
    for (uint32_t i = 0; i < s->service_types.n; i++) {
        const char *type = s->service_types.at[i];
        fits = fits || type[0] == '\0' || strcmp(type, type_of(x)) == 0;
    }
    return fits;
}

void dns_source_service(struct dns_run *run, const struct service *s)
{
    static const struct {
        const char *key;
        bool internal;
    } annotations[] = {{"hostname", false}, {"internal-hostname", true}};
    if (!dns_source_reads(run, &s->o) || !type_fits(run->settings, s)) {
        return;
    }
    uint32_t before = run->endpoints.n;
    for (size_t k = 0; k < ARRAY_COUNT(annotations); k++) {
        struct str_array hosts = {0};
        dns_source_add_hosts(run, &s->o, annotations[k].key, &hosts);
        for (uint32_t i = 0; i < hosts.n; i++) {
            add_service_host(run, s, hosts.at[i], annotations[k].internal);
        }
    }
    struct str_list hosts = dns_source_template_hosts(run, &s->o, run->endpoints.n != before);
    for (uint32_t i = 0; i < hosts.n; i++) {
        add_service_host(run, s, hosts.at[i], false);
    }
}
