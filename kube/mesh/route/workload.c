// SPDX-License-Identifier: Apache-2.0
// Which workloads a Gateway selects.
#include "kube/mesh/route/workload.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/store/index.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/core/object_order.h"

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

struct workload_list {
    struct workload *at;
    uint32_t n, cap;
    struct string_map seen; // workload_key without labels of one replica
};

static void list_init(const struct mesh *m, struct workload_list *f)
{
    *f = (struct workload_list){.at = NULL};
    string_map_init(&f->seen, m->arena);
}

// Adds the workload unless an equal one, or a replica of it, is there.
static void add(const struct mesh *m, struct workload_list *f, const struct workload *w)
{
    struct str_pair *pairs = arena_calloc(m->arena, w->labels.n, sizeof *pairs);
    struct workload alike = {.ns = w->ns, .labels = {pairs, 0}};
    for (uint32_t i = 0; i < w->labels.n; i++) {
        if (!of_one_replica(w->labels.at[i].key)) {
            pairs[alike.labels.n++] = w->labels.at[i];
        }
    }
    const char *key = workload_key(m->arena, &alike);
    if (string_map_add(&f->seen, key)) {
        struct workload *added = ARENA_PUSH(m->arena, f->at, f->n, f->cap);
        *added = *w;
        added->key = alike.labels.n == w->labels.n ? key : workload_key(m->arena, w);
    }
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

// Every Deployment, StatefulSet and DaemonSet of files; none of a cluster, where Pods are read.
struct templates {
    const struct deployment **at;
    uint32_t n, cap;
};

static const void *find_templates(const struct mesh *m, const void *question)
{
    (void)question; // the answer has no parameters
    static const enum kind of[] = {KIND_DEPLOYMENT, KIND_STATEFULSET, KIND_DAEMONSET};
    struct templates *t = arena_alloc(m->arena, sizeof *t);
    for (size_t k = 0; k < ARRAY_COUNT(of); k++) {
        uint32_t n;
        const struct object *const *all = mesh_all(m, of[k], &n);
        for (uint32_t i = 0; i < n; i++) {
            *ARENA_PUSH(m->arena, t->at, t->n, t->cap) = OBJECT_AS(deployment, all[i]);
        }
    }
    return t;
}

bool workload_template_exists(const struct mesh *m, const struct str_map *labels)
{
    if (!m->snap->cluster.from_files) {
        return false;
    }
    const struct templates *t = mesh_answer(m, "pod templates", find_templates, NULL);
    for (uint32_t i = 0; i < t->n; i++) {
        if (labels_match(labels, &t->at[i]->pod_labels)) {
            return true;
        }
    }
    return false;
}

// Workloads from the labels of pod templates (docs/rules/istio.md#gateway-workload-assumed).
static void from_templates(const struct mesh *m, const struct str_map *selector,
                           struct workload_list *f)
{
    if (!m->snap->cluster.from_files) {
        return;
    }
    const struct str_map wanted = selector->n > 0 ? *selector : (struct str_map){&DEFAULT_LABEL, 1};
    const struct templates *t = mesh_answer(m, "pod templates", find_templates, NULL);
    for (uint32_t i = 0; i < t->n; i++) {
        const struct deployment *d = t->at[i];
        if (d->pod_labels.n > 0 && labels_match(&wanted, &d->pod_labels)) {
            struct workload w = {.ns = d->o.ns, .name = d->o.name, .labels = d->pod_labels};
            add(m, f, &w);
        }
    }
    if (f->n > 1) {
        qsort(f->at, f->n, sizeof *f->at, workload_order);
    }
}

static void from_services(const struct mesh *m, const struct str_map *selector, const char *why,
                          bool down, struct workload_list *f)
{
    struct str_map wanted = selector->n > 0 ? *selector : (struct str_map){&DEFAULT_LABEL, 1};
    uint32_t n;
    const struct object *const *at =
        mesh_index(m, INDEX_SERVICE_BY_SELECTOR, wanted.at[0].key, wanted.at[0].value, &n);
    const struct object **sorted = arena_calloc(m->arena, n, sizeof *sorted);
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = at[i];
    }
    if (n > 1) { // all fit; the first one is named
        qsort(sorted, n, sizeof *sorted, object_id_order);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct service *s = OBJECT_AS(service, sorted[i]);
        if (!labels_match(&wanted, &s->selector)) {
            continue;
        }
        struct workload w = {
            .ns = s->o.ns, .name = s->o.name, .labels = s->selector, .assumed = true, .down = down};
        w.assumption =
            arena_printf(m->arena, "%s: taken are the namespace and labels of Service %s/%s", why,
                         s->o.ns, s->o.name);
        add(m, f, &w);
    }
    if (f->n > 1) {
        qsort(f->at, f->n, sizeof *f->at, workload_order);
    }
}

// Are the Pods that Gateways select known, so that no match means no pod? *why says what is not known, or that there is
// none.
static bool pods_known(const struct mesh *m, const char **why)
{
    const struct kind_state *s = mesh_state(m, KIND_POD);
    if (kind_whole(s)) {
        *why = "no pod of it runs";
        return true;
    }
    *why = s->excerpt
               ? s->objects > 0 ? "no Pod of it is among the files" : "no Pod is among the files"
           : s->state == SYNC_FORBIDDEN ? "Pods may not be read"
                                        : "Pods are not loaded";
    return false;
}

static void mark_down(const struct mesh *m, struct workload_list *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct workload *w = &f->at[i];
        w->down = w->assumed = true;
        w->assumption = arena_printf(m->arena, "no pod of %s/%s runs: this is what it would do",
                                     w->ns, w->name);
    }
}

static const void *make_workloads(const struct mesh *m, const void *question)
{
    const struct gateway *g = question;
    struct workload_list *f = arena_alloc(m->arena, sizeof *f);
    const char *why;
    list_init(m, f);
    from_pods(m, &g->selector, f);
    if (f->n > 0) {
        return f;
    }
    bool known = pods_known(m, &why);
    from_templates(m, &g->selector, f);
    if (known && m->snap->objects[KIND_POD].count > 0) {
        mark_down(m, f);
    }
    if (f->n == 0) {
        from_services(m, &g->selector, why, known, f);
    }
    if (f->n == 0 && !known) {
        struct str_map labels =
            g->selector.n > 0 ? g->selector : (struct str_map){&DEFAULT_LABEL, 1};
        struct workload w = {.ns = DEFAULT_NS, .labels = labels, .assumed = true};
        w.assumption = arena_printf(m->arena, "%s: taken is a pod with the labels %s in %s", why,
                                    index_selector(m->arena, &labels), DEFAULT_NS);
        add(m, f, &w);
    }
    return f;
}

const struct workload *workloads_of_gateway(const struct mesh *m, const struct gateway *g,
                                            uint32_t *n)
{
    // All Gateways of one selector have the same.
    const char *name =
        mesh_answer_name(m->arena, "workloads", index_selector(m->arena, &g->selector), NULL);
    const struct workload_list *f = mesh_answer(m, name, make_workloads, g);
    *n = f->n;
    return f->at;
}

const struct workload *workload_from_labels(const struct mesh *m, const struct str_map *labels)
{
    struct workload_list f;
    list_init(m, &f);
    struct workload *w = arena_alloc(m->arena, sizeof *w);
    *w = (struct workload){.ns = DEFAULT_NS, .labels = *labels};
    if (labels->n > 0) {
        from_pods(m, labels, &f);
        if (f.n == 0) {
            from_templates(m, labels, &f);
        }
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
        w->key = f.at[0].key;
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
    return w->key != NULL ? w->key
                          : arena_concat(a, w->ns, " ", index_selector(a, &w->labels), NULL);
}

bool gateway_selects(const struct gateway *g, const struct workload *w)
{
    return labels_match(&g->selector, &w->labels);
}
