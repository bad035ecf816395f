// SPDX-License-Identifier: Apache-2.0
// Which workloads a Gateway selects, and the Services in front of them.
#include "kube/mesh/route/workload.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/store/index.h"

#include <stdlib.h>
#include <string.h>

// Where Istio's own charts put the gateways, and the label they carry: the last resort
// (docs/rules/istio.md#gateway-workload-assumed).
static const char DEFAULT_NS[] = "istio-system";
static const struct str_pair DEFAULT_LABEL = {GATEWAY_LABEL_KEY, GATEWAY_LABEL_VALUE};

// Labels that differ between replicas of one workload.
static bool of_one_replica(const char *key)
{
    static const char *const keys[] = {
        "pod-template-hash", "controller-revision-hash", "pod-template-generation",
        "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static bool same_workload(const struct workload *w, const char *ns, const struct str_map *labels)
{
    uint32_t a = 0;
    uint32_t b = 0;
    if (strcmp(w->ns, ns) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < w->labels.n; i++) {
        if (!of_one_replica(w->labels.at[i].key)) {
            const char *v = str_map_get(labels, w->labels.at[i].key);
            if (v == NULL || strcmp(v, w->labels.at[i].value) != 0) {
                return false;
            }
            a++;
        }
    }
    for (uint32_t i = 0; i < labels->n; i++) {
        b += !of_one_replica(labels->at[i].key);
    }
    return a == b;
}

struct workload_list {
    struct workload *at;
    uint32_t n, cap;
};

static void add(const struct mesh *m, struct workload_list *f, const struct workload *w)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (same_workload(&f->at[i], w->ns, &w->labels)) {
            return;
        }
    }
    *ARENA_PUSH(m->arena, f->at, f->n, f->cap) = *w;
}

int workload_order(const void *x, const void *y)
{
    const struct workload *a = x;
    const struct workload *b = y;
    int c = strcmp(a->ns, b->ns);
    return c != 0 ? c : strcmp(str_or_empty(a->name), str_or_empty(b->name));
}

static void from_pods(const struct mesh *m, const struct str_map *selector, struct workload_list *f)
{
    uint32_t n;
    const struct object *const *at =
        selector->n > 0
            ? mesh_index(m, INDEX_POD_BY_LABEL, selector->at[0].key, selector->at[0].value, &n)
            : mesh_index(m, INDEX_POD_BY_LABEL, DEFAULT_LABEL.key, DEFAULT_LABEL.value, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (labels_match(selector, &at[i]->labels)) {
            struct workload w = {.ns = at[i]->ns, .name = at[i]->name, .labels = at[i]->labels};
            add(m, f, &w);
        }
    }
    if (f->n > 1) {
        qsort(f->at, f->n, sizeof *f->at, workload_order);
    }
}

static void from_services(const struct mesh *m, const struct str_map *selector, const char *why,
                          struct workload_list *f)
{
    struct str_map wanted = selector->n > 0 ? *selector : (struct str_map){&DEFAULT_LABEL, 1};
    uint32_t n;
    const struct object *const *at =
        mesh_index(m, INDEX_SERVICE_BY_SELECTOR, wanted.at[0].key, wanted.at[0].value, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct service *s = OBJECT_AS(service, at[i]);
        if (!labels_match(&wanted, &s->selector)) {
            continue;
        }
        struct workload w = {
            .ns = s->o.ns, .name = s->o.name, .labels = s->selector, .assumed = true};
        w.assumption =
            arena_printf(m->arena, "%s: taken are the namespace and labels of Service %s/%s", why,
                         s->o.ns, s->o.name);
        add(m, f, &w);
    }
    if (f->n > 1) {
        qsort(f->at, f->n, sizeof *f->at, workload_order);
    }
}

// Are the Pods that Gateways select known, so that no match means no pod? *why says why they are not.
static bool pods_known(const struct mesh *m, const char **why)
{
    const struct kind_state *s = mesh_state(m, KIND_POD);
    if (m->snap->cluster.from_files) {
        *why = "no Pod is among the files";
        return m->snap->objects[KIND_POD].count > 0;
    }
    *why = s->state == SYNC_FORBIDDEN ? "Pods may not be read" : "Pods are not loaded";
    return kind_complete(s);
}

const struct workload *workloads_of_gateway(const struct mesh *m, const struct gateway *g,
                                            uint32_t *n)
{
    struct workload_list f = {0};
    const char *why;
    from_pods(m, &g->selector, &f);
    if (f.n == 0 && !pods_known(m, &why)) {
        from_services(m, &g->selector, why, &f);
        if (f.n == 0) {
            struct str_map labels =
                g->selector.n > 0 ? g->selector : (struct str_map){&DEFAULT_LABEL, 1};
            struct workload w = {.ns = DEFAULT_NS, .labels = labels, .assumed = true};
            w.assumption = arena_printf(m->arena, "%s: taken is a pod with the labels %s in %s",
                                        why, index_selector(m->arena, &labels), DEFAULT_NS);
            add(m, &f, &w);
        }
    }
    *n = f.n;
    return f.at;
}

const struct workload *workload_from_labels(const struct mesh *m, const struct str_map *labels)
{
    struct workload_list f = {0};
    struct workload *w = arena_alloc(m->arena, sizeof *w);
    *w = (struct workload){.ns = DEFAULT_NS, .labels = *labels};
    if (labels->n > 0) {
        from_pods(m, labels, &f);
        for (uint32_t i = 0; i < labels->n && f.n == 0; i++) {
            uint32_t n;
            const struct object *const *at = mesh_index(m, INDEX_SERVICE_BY_SELECTOR,
                                                        labels->at[i].key, labels->at[i].value, &n);
            for (uint32_t j = 0; j < n; j++) {
                const struct service *s = OBJECT_AS(service, at[j]);
                if (labels_match(&s->selector, labels)) {
                    struct workload x = {.ns = s->o.ns, .name = s->o.name, .labels = *labels};
                    add(m, &f, &x);
                }
            }
        }
    }
    if (f.n > 0) {
        qsort(f.at, f.n, sizeof *f.at, workload_order);
        w->ns = f.at[0].ns;
        w->name = f.at[0].name;
        w->labels = f.at[0].labels;
        return w;
    }
    w->assumed = true;
    w->assumption =
        arena_printf(m->arena, "no Pod or Service carries the labels %s: taken is a pod in %s",
                     index_selector(m->arena, labels), DEFAULT_NS);
    return w;
}

const char *workload_key(struct arena *a, const struct workload *w)
{
    return arena_printf(a, "%s %s", w->ns, index_selector(a, &w->labels));
}

bool gateway_selects(const struct gateway *g, const struct workload *w)
{
    return labels_match(&g->selector, &w->labels);
}

static int by_name(const void *x, const void *y)
{
    const struct service *a = *(const struct service *const *)x;
    const struct service *b = *(const struct service *const *)y;
    return strcmp(a->o.name, b->o.name);
}

static bool has_service(const struct service *const *at, uint32_t n, const struct service *s)
{
    for (uint32_t i = 0; i < n; i++) {
        if (at[i] == s) {
            return true;
        }
    }
    return false;
}

const struct service *const *workload_services(const struct mesh *m, const struct workload *w,
                                               uint32_t *n)
{
    const struct service **out = NULL;
    uint32_t count = 0;
    uint32_t cap = 0;
    for (uint32_t l = 0; l < w->labels.n; l++) {
        uint32_t k;
        const struct object *const *at = mesh_index(m, INDEX_SERVICE_BY_SELECTOR,
                                                    w->labels.at[l].key, w->labels.at[l].value, &k);
        for (uint32_t i = 0; i < k; i++) {
            const struct service *s = OBJECT_AS(service, at[i]);
            if (strcmp(s->o.ns, w->ns) != 0 || !labels_match(&s->selector, &w->labels) ||
                has_service(out, count, s)) {
                continue;
            }
            *ARENA_PUSH(m->arena, out, count, cap) = s;
        }
    }
    if (count > 1) {
        qsort(out, count, sizeof *out, by_name);
    }
    *n = count;
    return out;
}

static bool is_tcp(const struct service_port *p)
{
    return p->protocol == NULL || str_casecmp(p->protocol, "TCP") == 0;
}

// A named targetPort is defined by the pod, which is not read: the number itself is used for it, on both sides.
static uint32_t target_of(const struct service_port *p)
{
    return p->target_name == NULL && p->target_port != 0 ? p->target_port : p->port;
}

// The TCP port of that number, NULL where no Service has it.
static const struct service_port *tcp_port(const struct service *const *services, uint32_t n,
                                           uint32_t port)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < services[i]->nports; j++) {
            const struct service_port *p = &services[i]->ports[j];
            if (p->port == port && is_tcp(p)) {
                return p;
            }
        }
    }
    return NULL;
}

uint32_t workload_listen_port(const struct service *const *services, uint32_t n, uint32_t port)
{
    const struct service_port *p = tcp_port(services, n, port);
    return p != NULL ? target_of(p) : port;
}

uint32_t workload_client_port(const struct service *const *services, uint32_t n, uint32_t port)
{
    const struct service_port *p = tcp_port(services, n, port);
    return p != NULL ? target_of(p) : n == 0 ? port : 0;
}
