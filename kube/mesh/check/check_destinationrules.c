// SPDX-License-Identifier: Apache-2.0
// DestinationRules: unknown hosts, empty subsets, servers that are not verified (IST0128, IST0129, IST0173, IST0174):
// docs/rules/istio.md#ist0128, docs/rules/istio.md#ist0173, docs/rules/istio.md#ist0174.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/host_registry_internal.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/host_index.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/workload.h"

// Do the Pods that are known say anything about subsets? From a cluster only gateway pods are read.
static bool app_pods_known(const struct check *c)
{
    return c->m->snap->cluster.from_files && mesh_complete(c->m, KIND_POD);
}

static bool some_pod(struct check *c, const struct str_map *labels)
{
    if (labels->n == 0) {
        return true;
    }
    uint32_t n;
    const struct object *const *at =
        mesh_index(c->m, INDEX_POD_BY_LABEL, labels->at[0].key, labels->at[0].value, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (labels_match(labels, &at[i]->labels)) {
            return true;
        }
    }
    return workload_template_exists(c->m, labels);
}

static bool topology(const struct str_map *labels)
{
    for (uint32_t i = 0; i < labels->n; i++) {
        if (str_starts(labels->at[i].key, "topology.") ||
            str_eq(labels->at[i].key, "kubernetes.io/hostname")) {
            return true; // comes from the node, which gatetop does not read
        }
    }
    return false;
}

static void check_client_tls(struct check *c, const struct destinationrule *d,
                             const struct client_tls *tls, int64_t port, const char *path)
{
    bool verifies = !str_eq(tls->mode, "SIMPLE") && !str_eq(tls->mode, "MUTUAL");
    if (verifies || !str_empty(tls->ca_certificates) ||
        (!str_empty(tls->credential_name) && d->has_workload_selector)) {
        return;
    }
    const char *host = str_or_empty(d->host);
    struct finding *f =
        port == 0 ? check_add(c, "IST0128", &d->o, path,
                              "TLS mode %s to %s does not check the server's certificate",
                              tls->mode, host)
                  : check_add(c, "IST0129", &d->o, path,
                              "TLS mode %s to %s port %lld does not check the server's certificate",
                              tls->mode, host, (long long)port);
    check_hint(c, f, "set caCertificates");
}

static void check_subset_pods(struct check *c, const struct destinationrule *d, const char *host)
{
    for (uint32_t i = 0; i < d->nsubsets; i++) {
        const struct subset *s = &d->subsets[i];
        if (!topology(&s->labels) && !some_pod(c, &s->labels)) {
            struct finding *f =
                check_add(c, "IST0173", &d->o, check_text(c, "spec.subsets[%u].labels", i),
                          "the subset %s selects no pod", str_or_empty(s->name));
            check_hint(c, f, "compare its labels with those of the pods of %s", host);
        }
    }
}

struct service_hosts { // of all Services
    struct host_index *index;
};

static const void *find_service_hosts(const struct mesh *m, const void *question)
{
    (void)question; // the answer has no parameters
    struct service_hosts *out = arena_alloc(m->arena, sizeof *out);
    out->index = arena_alloc(m->arena, sizeof *out->index);
    host_index_init(out->index, m->arena);
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        host_index_add(out->index, name_service_host(m->arena, all[i]->name, all[i]->ns), i);
    }
    return out;
}

// Does the wildcard have a Service in it? istioctl looks for a host of that very text.
static bool covers_service(struct check *c, const char *host)
{
    if (*host != '*') {
        return false;
    }
    // A search builds tables in the index.
    const struct service_hosts *services =
        mesh_answer(c->m, "service hosts", find_service_hosts, NULL);
    return host_index_meets(services->index, host);
}

static void missing_host(struct check *c, const struct destinationrule *d, const char *host)
{
    if (covers_service(c, host)) {
        check_add_harmless(c, "IST0174", &d->o, "spec.host",
                           check_text(c, "the host \"%s\" has Services in it", host));
    } else if (absence_of_host_is_proof(c->m, name_fqdn(c->a, host, d->o.ns))) {
        struct finding *f = check_add(c, "IST0174", &d->o, "spec.host",
                                      "the host \"%s\" is no Service or ServiceEntry", host);
        check_hint(c, f, "name the Service as <name>.<namespace>" SERVICE_HOST_SUFFIX);
    } else if (absence_in_excerpt(c->m, KIND_SERVICE)) {
        check_add_unseen(c, "IST0174", &d->o, "spec.host", check_text(c, "the host \"%s\"", host));
    }
}

static void check_destinationrule(struct check *c, const struct host_registry *registry,
                                  const struct destinationrule *d)
{
    const char *host = str_or_empty(d->host);
    if (host_registry_find(registry, d->o.ns, &d->export_to, host) == NULL) {
        missing_host(c, d, host);
    } else if (app_pods_known(c)) {
        check_subset_pods(c, d, host);
    }
    if (d->policy.has_tls) {
        check_client_tls(c, d, &d->policy.tls, 0, "spec.trafficPolicy.tls");
    }
    for (uint32_t i = 0; i < d->policy.nports; i++) {
        check_client_tls(c, d, &d->policy.ports[i].tls, d->policy.ports[i].port,
                         "spec.trafficPolicy.portLevelSettings");
    }
}

void check_destinationrules(struct check *c)
{
    const struct host_registry *registry = host_registry_of(c->m);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_DESTINATIONRULE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_destinationrule(c, registry, OBJECT_AS(destinationrule, all[i]));
    }
}
