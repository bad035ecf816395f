// SPDX-License-Identifier: Apache-2.0
// The sources istio-gateway and istio-virtualservice: hosts and targets of Gateways and VirtualServices.
#include "kube/mesh/dns/dns_source_istio.h"

#include "kube/base/arena.h"
#include "kube/base/domain_name.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/store/index.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/vs_hosts.h"

#include <string.h>

// --- targets of a Gateway (docs/rules/dns.md#gateway-targets)

struct gateway_question {
    const struct dns_settings *settings;
    const struct gateway *gw;
};

// The targets of the Services that a Gateway selects.
static const void *find_selected_targets(const struct mesh *m, const void *question)
{
    const struct gateway_question *q = question;
    const struct str_map *selector = &q->gw->selector;
    struct dns_run run = {.m = m, .settings = q->settings};
    struct str_array out = {0};
    uint32_t n = 0;
    const struct object *const *all =
        selector->n == 0 ? mesh_all(m, KIND_SERVICE, &n)
                         : mesh_index(m, INDEX_SERVICE_BY_SELECTOR, selector->at[0].key,
                                      selector->at[0].value, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct service *s = OBJECT_AS(service, all[i]);
        if (!labels_match(selector, &s->selector) || dns_source_out_of_sight(&run, s->o.ns)) {
            continue;
        }
        for (uint32_t k = 0; k < s->external_ips.n; k++) {
            str_array_add(m->arena, &out, s->external_ips.at[k]);
        }
        if (s->external_ips.n == 0) {
            dns_source_add_addresses(m->arena, &out, s->ingress, s->ningress, false);
        }
    }
    str_array_sort_unique(&out);
    struct str_array *answer = arena_alloc(m->arena, sizeof *answer);
    *answer = out;
    return answer;
}

// All Gateways of one selector have the same.
static struct str_array selected_targets(const struct dns_run *run, const struct gateway *gw)
{
    struct gateway_question q = {run->settings, gw};
    const char *name = mesh_answer_name(run->m->arena, "selected targets", run->settings->ns,
                                        index_selector(run->m->arena, &gw->selector), NULL);
    const struct str_array *t = mesh_answer(run->m, name, find_selected_targets, &q);
    return *t;
}

// "name" or "ns/name" as external-dns reads it in an object of namespace `own`. False at a second slash.
static bool split_ref(const struct dns_run *run, const char *ref, const char *own, const char **ns,
                      const char **name)
{
    *name = name_split(run->m->arena, ref, own, ns);
    *ns = (*ns)[0] != '\0' ? *ns : own;
    return *name == ref || strchr(*name, '/') == NULL;
}

// The targets of the Ingress that an annotation of a Gateway names. A missing Ingress stops the run.
static struct str_array ingress_targets(struct dns_run *run, const struct gateway *gw,
                                        const char *ref)
{
    struct str_array out = {0};
    const char *ns, *name;
    bool bad = !split_ref(run, ref, gw->o.ns, &ns, &name);
    const struct object *o =
        bad || dns_source_out_of_sight(run, ns) ? NULL : mesh_get(run->m, KIND_INGRESS, ns, name);
    if (o == NULL) {
        if (bad || mesh_complete(run->m, KIND_INGRESS)) {
            dns_run_stop(run,
                         arena_printf(run->m->arena,
                                      "Gateway %s/%s names Ingress %s, which does not exist",
                                      gw->o.ns, gw->o.name, ref),
                         "create the Ingress or drop the annotation");
        }
        return out;
    }
    const struct ingress *i = OBJECT_AS(ingress, o);
    dns_source_add_addresses(run->m->arena, &out, i->ingress, i->ningress, false);
    return out;
}

static struct str_array targets_of(struct dns_run *run, const struct gateway *gw)
{
    struct str_array t = dns_source_targets(run, &gw->o);
    if (t.n != 0) {
        return t;
    }
    const char *ref = dns_source_ingress_name(run, &gw->o);
    if (!str_empty(ref)) {
        return ingress_targets(run, gw, ref);
    }
    return selected_targets(run, gw);
}

struct str_list dns_gateway_targets(const struct mesh *m, const struct dns_settings *s,
                                    const struct gateway *gw, const char **why)
{
    struct dns_run run = {.m = m, .settings = s};
    struct str_array t = targets_of(&run, gw);
    // If there are several external-dns, it is the first one that sees an address.
    for (const struct dns_settings *x = s->next; t.n == 0 && x != NULL; x = x->next) {
        struct dns_run other = {.m = m, .settings = x};
        t = targets_of(&other, gw);
    }
    if (why != NULL) {
        *why =
            t.n != 0              ? NULL
            : run.stopped != NULL ? run.stopped
            : s->ns[0] != '\0'
                ? arena_printf(m->arena,
                               "it reads namespace %s alone (--namespace), where no Service that "
                               "Gateway %s/%s selects has an external address",
                               s->ns, gw->o.ns, gw->o.name)
                : arena_printf(m->arena,
                               "no Service that Gateway %s/%s selects has an external address",
                               gw->o.ns, gw->o.name);
    }
    return str_array_list(&t);
}

// --- hosts

// A host of a server or VirtualService without the namespace before it: what follows the slash, if there is just one.
static const char *without_namespace(const char *host)
{
    const char *rest = name_without_ns(host);
    return strchr(rest, '/') == NULL ? rest : host;
}

// Whether a host is the one that is looked for; NULL: all are.
static bool wanted(const char *host, const char *only)
{
    return only == NULL || str_casecmp(only, host) == 0;
}

static void add_server_host(const struct dns_run *run, const char *written, const char *only,
                            struct str_array *hosts)
{
    const char *host = str_empty(written) ? "*" : without_namespace(written);
    if (strcmp(host, "*") != 0 && wanted(host, only)) {
        str_array_add(run->m->arena, hosts, host);
    }
}

// The hosts of a Gateway's servers and annotation (docs/rules/dns.md#gateway-hosts). Of the servers' those alone that
// are wanted.
static struct str_array gateway_hosts(const struct dns_run *run, const struct gateway *gw,
                                      const char *only)
{
    struct arena *a = run->m->arena;
    struct str_array hosts = {0};
    const struct gateway_hosts *all = only != NULL ? gateway_hosts_find(run->m, gw) : NULL;
    if (all != NULL && !all->shortened) {
        struct host_hits hits = {0};
        host_index_equal(all->lower, str_lower(a, only), a, &hits);
        host_hits_sort(&hits);
        for (uint32_t i = 0; i < hits.n; i++) {
            const struct server_host *at = &all->places[hits.at[i]];
            add_server_host(run, gw->servers[at->server].hosts.at[at->host], only, &hosts);
        }
    } else {
        for (uint32_t i = 0; i < gw->nservers; i++) {
            for (uint32_t k = 0; k < gw->servers[i].hosts.n; k++) {
                add_server_host(run, gw->servers[i].hosts.at[k], only, &hosts);
            }
        }
    }
    dns_source_add_hosts(run, &gw->o, "hostname", &hosts);
    return hosts;
}

void dns_source_gateway(struct dns_run *run, const struct gateway *gw, const char *only)
{
    struct str_array targets = {0};
    if (dns_source_reads(run, &gw->o)) {
        targets = targets_of(run, gw);
    }
    if (targets.n == 0) {
        return;
    }
    // Templates depend on whether any host made an endpoint: with them, all hosts count.
    bool all = run->settings->fqdn_templates.n != 0;
    struct str_array hosts = gateway_hosts(run, gw, all ? NULL : only);
    const char *label = dns_source_label(run, "gateway", &gw->o);
    bool any = false;
    for (uint32_t i = 0; i < hosts.n; i++) {
        any = any || domain_name_labels_fit(hosts.at[i]);
        if (wanted(hosts.at[i], only)) {
            dns_source_add_endpoints(run, &gw->o, label, hosts.at[i], &targets);
        }
    }
    struct str_list named = dns_source_template_hosts(run, &gw->o, any);
    for (uint32_t i = 0; i < named.n; i++) {
        if (wanted(named.at[i], only)) {
            dns_source_add_endpoints(run, &gw->o, label, named.at[i], &targets);
        }
    }
}

// --- VirtualServices

bool dns_server_host_binds(const char *server_host, const char *vs_ns, const char *gw_ns,
                           const char *host)
{
    const char *slash = strchr(server_host, '/');
    if (slash != NULL) {
        size_t n = (size_t)(slash - server_host);
        bool own = str_is(server_host, n, ".") && strcmp(vs_ns, gw_ns) == 0;
        if (!str_is(server_host, n, "*") && !own && !str_is(server_host, n, vs_ns)) {
            return false;
        }
        server_host = slash + 1;
    }
    return strchr(server_host, '/') == NULL &&
           (strcmp(server_host, "*") == 0 || strcmp(server_host, host) == 0 ||
            (str_starts(server_host, "*.") && str_ends(host, server_host + 1)));
}

static const void *find_written_hosts(const struct mesh *m, const void *question)
{
    const struct gateway *gw = question;
    struct string_map *written = arena_alloc(m->arena, sizeof *written);
    string_map_init(written, m->arena);
    for (uint32_t i = 0; i < gw->nservers; i++) {
        for (uint32_t k = 0; k < gw->servers[i].hosts.n; k++) {
            (void)string_map_add(written, gw->servers[i].hosts.at[k]);
        }
    }
    return written;
}

// Whether the Gateway lists the host, or a wildcard for it, with this before it.
static bool lists(const struct string_map *written, struct arena *a, const char *namespace,
                  const char *host)
{
    if (string_map_get(written, arena_printf(a, "%s*", namespace)) != NULL ||
        string_map_get(written, arena_printf(a, "%s%s", namespace, host)) != NULL) {
        return true;
    }
    for (const char *dot = strchr(host, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        if (string_map_get(written, arena_printf(a, "%s*%s", namespace, dot)) != NULL) {
            return true;
        }
    }
    return false;
}

// Whether a server takes the host, in the sense of dns_server_host_binds.
static bool server_binds(const struct dns_run *run, const struct virtualservice *v,
                         const struct gateway *gw, const char *host)
{
    struct arena *a = run->m->arena;
    const char *name = mesh_answer_name(a, "written hosts", gw->o.ns, gw->o.name, NULL);
    const struct string_map *written = mesh_answer(run->m, name, find_written_hosts, gw);
    return lists(written, a, "", host) || lists(written, a, "*/", host) ||
           lists(written, a, arena_printf(a, "%s/", v->o.ns), host) ||
           (strcmp(v->o.ns, gw->o.ns) == 0 && lists(written, a, "./", host));
}

enum { FEW = 8 }; // servers that are compared one by one

// Whether the VirtualService is exported to the Gateway's namespace, and a server of the Gateway takes the host.
static bool binds(const struct dns_run *run, const struct virtualservice *v,
                  const struct gateway *gw, const char *host)
{
    bool exported = v->export_to.n == 0;
    for (uint32_t i = 0; i < v->export_to.n; i++) {
        const char *e = v->export_to.at[i];
        exported = exported || strcmp(e, "*") == 0 || strcmp(e, gw->o.ns) == 0 ||
                   (strcmp(e, ".") == 0 && strcmp(gw->o.ns, v->o.ns) == 0);
    }
    uint32_t looked = 0;
    for (uint32_t i = 0; exported && i < gw->nservers; i++) {
        for (uint32_t k = 0; k < gw->servers[i].hosts.n; k++) {
            if (looked++ == FEW && strchr(host, '/') == NULL) {
                return server_binds(run, v, gw, host);
            }
            if (dns_server_host_binds(gw->servers[i].hosts.at[k], v->o.ns, gw->o.ns, host)) {
                return true;
            }
        }
    }
    return false;
}

// The Gateway that a VirtualService names (docs/rules/dns.md#virtualservice-gateway). Unlike Istio, external-dns knows
// "ns/name" and "name" and nothing else; two slashes stop the run.
static const struct gateway *gateway_ref(struct dns_run *run, const struct virtualservice *v,
                                         const char *ref)
{
    if (ref[0] == '\0' || strcmp(ref, "mesh") == 0) {
        return NULL;
    }
    const char *ns, *name;
    if (!split_ref(run, ref, v->o.ns, &ns, &name)) {
        dns_run_stop(run,
                     arena_printf(run->m->arena,
                                  "VirtualService %s/%s names Gateway %s, which is no name",
                                  v->o.ns, v->o.name, ref),
                     "write the Gateway as namespace/name");
        return NULL;
    }
    const struct object *o =
        dns_source_out_of_sight(run, ns) ? NULL : mesh_get(run->m, KIND_GATEWAY, ns, name);
    return o != NULL ? OBJECT_AS(gateway, o) : NULL;
}

static struct str_array virtualservice_targets(struct dns_run *run, const struct virtualservice *v,
                                               const char *host)
{
    struct str_set out;
    str_set_init(&out, run->m->arena);
    for (uint32_t i = 0; i < v->gateways.n; i++) {
        const struct gateway *gw = gateway_ref(run, v, v->gateways.at[i]);
        if (gw == NULL || !binds(run, v, gw, host)) {
            continue;
        }
        struct str_array t = targets_of(run, gw);
        for (uint32_t k = 0; k < t.n; k++) {
            str_set_add(&out, t.at[k]);
        }
    }
    return out.array;
}

static void add_vs_host(const struct dns_run *run, const char *host, struct str_array *hosts)
{
    if (host[0] != '\0' && strcmp(host, "*") != 0) {
        str_array_add(run->m->arena, hosts, without_namespace(host));
    }
}

// The hosts of a VirtualService and of its annotation (docs/rules/dns.md#virtualservice-hosts). only: at least those of
// the first that are wanted; NULL: all.
static struct str_array virtualservice_hosts(const struct dns_run *run,
                                             const struct virtualservice *v, const char *only)
{
    struct arena *a = run->m->arena;
    struct str_array hosts = {0};
    const struct vs_hosts *all = only != NULL ? vs_hosts_find(run->m, v) : NULL;
    if (all != NULL && !all->slashed) {
        struct host_hits hits = {0};
        host_index_equal(all->lower, str_lower(a, only), a, &hits);
        host_hits_sort(&hits);
        for (uint32_t i = 0; i < hits.n; i++) {
            add_vs_host(run, v->hosts.at[hits.at[i]], &hosts);
        }
    } else {
        for (uint32_t i = 0; i < v->hosts.n; i++) {
            add_vs_host(run, v->hosts.at[i], &hosts);
        }
    }
    dns_source_add_hosts(run, &v->o, "hostname", &hosts);
    return hosts;
}

void dns_source_virtualservice(struct dns_run *run, const struct virtualservice *v,
                               const char *only)
{
    if (!dns_source_reads(run, &v->o)) {
        return;
    }
    const char *label = dns_source_label(run, "virtualservice", &v->o);
    struct str_array annotated = dns_source_targets(run, &v->o);
    bool all = run->settings->fqdn_templates.n != 0; // as for Gateways
    struct str_array hosts = virtualservice_hosts(run, v, all ? NULL : only);
    bool any = false;
    for (uint32_t i = 0; i < hosts.n; i++) {
        const char *host = hosts.at[i];
        if (!all && !wanted(host, only)) {
            continue;
        }
        struct str_array t = annotated.n != 0 ? annotated : virtualservice_targets(run, v, host);
        any = any || (t.n != 0 && domain_name_labels_fit(host));
        if (wanted(host, only)) {
            dns_source_add_endpoints(run, &v->o, label, host, &t);
        }
    }
    struct str_list named = dns_source_template_hosts(run, &v->o, any);
    for (uint32_t i = 0; i < named.n; i++) { // the target annotation is not for them
        if (wanted(named.at[i], only)) {
            struct str_array t = virtualservice_targets(run, v, named.at[i]);
            dns_source_add_endpoints(run, &v->o, label, named.at[i], &t);
        }
    }
}
