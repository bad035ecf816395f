// SPDX-License-Identifier: Apache-2.0
// The source ingress (docs/rules/dns.md#ingress-source).
#include "kube/mesh/dns/dns_source_ingress.h"

#include "kube/base/str.h"

#include "kube/object/kubernetes_objects.h"

static bool class_fits(const struct dns_run *run, const struct ingress *i)
{
    const struct str_array *classes = &run->settings->ingress_class;
    const char *class = !str_empty(i->class_name)
                            ? i->class_name
                            : object_annotation(&i->o, "kubernetes.io/ingress.class");
    for (uint32_t k = 0; k < classes->n; k++) {
        if (str_eq(classes->at[k], class)) {
            return true;
        }
    }
    return classes->n == 0;
}

// Adds an endpoint for each host that is not empty.
static void add_hosts(struct dns_run *run, const struct ingress *i, const struct str_list *hosts,
                      const char *label, const struct str_array *targets)
{
    for (uint32_t k = 0; k < hosts->n; k++) {
        if (!str_empty(hosts->at[k])) {
            dns_source_add_endpoints(run, &i->o, label, hosts->at[k], targets);
        }
    }
}

void dns_source_ingress(struct dns_run *run, const struct ingress *i)
{
    if (!dns_source_reads(run, &i->o) || !class_fits(run, i)) {
        return;
    }
    const char *label = dns_source_label(run, "ingress", &i->o);
    struct str_array targets = dns_source_targets(run, &i->o);
    if (targets.n == 0) {
        dns_source_add_addresses(run->m->arena, &targets, i->ingress, i->ningress, true);
    }
    uint32_t before = run->endpoints.n;
    const char *source = dns_source_annotation(run, &i->o, "ingress-hostname-source");
    bool defined = source == NULL || str_casecmp(source, "defined-hosts-only") == 0;
    bool annotated = source == NULL || str_casecmp(source, "annotation-only") == 0;
    if (defined && !run->settings->ignore_ingress_rules) {
        add_hosts(run, i, &i->hosts, label, &targets);
    }
    if (defined && !run->settings->ignore_ingress_tls) {
        add_hosts(run, i, &i->tls_hosts, label, &targets);
    }
    struct str_array hosts = {0};
    dns_source_add_hosts(run, &i->o, "hostname", &hosts);
    for (uint32_t k = 0; annotated && k < hosts.n; k++) {
        dns_source_add_endpoints(run, &i->o, label, hosts.at[k], &targets);
    }
    struct str_list named = dns_source_template_hosts(run, &i->o, run->endpoints.n != before);
    for (uint32_t k = 0; k < named.n; k++) {
        dns_source_add_endpoints(run, &i->o, label, named.at[k], &targets);
    }
}
