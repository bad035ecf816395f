// SPDX-License-Identifier: Apache-2.0
// Which gateway workloads a request can mean.
#include "kube/mesh/trace/trace_workloads.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/store/index.h"

#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/request_path.h"

#include <stdlib.h>
#include <string.h>

struct host_workloads {
    const struct workload **at;
    uint32_t n, cap;
    struct string_map selectors; // of Gateways that are added: equal ones have the same workloads
    struct string_map keys;      // of the workloads
};

static void add_gateway(const struct mesh *m, struct host_workloads *list, const struct gateway *g)
{
    if (!string_map_add(&list->selectors, index_selector(m->arena, &g->selector))) {
        return;
    }
    uint32_t n;
    const struct workload *w = workloads_of_gateway(m, g, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (string_map_add(&list->keys, workload_key(m->arena, &w[i]))) {
            *ARENA_PUSH(m->arena, list->at, list->n, list->cap) = &w[i];
        }
    }
}

static void add_by_host(const struct mesh *m, struct host_workloads *list, const char *key)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_GATEWAY_BY_HOST, key, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        add_gateway(m, list, OBJECT_AS(gateway, at[i]));
    }
}

static int by_order(const void *x, const void *y)
{
    return workload_order(*(const struct workload *const *)x, *(const struct workload *const *)y);
}

const struct workload *const *trace_workloads(const struct mesh *m, const char *host, uint32_t *n)
{
    struct host_workloads list = {0};
    string_map_init(&list.selectors, m->arena);
    string_map_init(&list.keys, m->arena);
    const char *h = host_of_authority(m->arena, host);
    add_by_host(m, &list, h);
    for (const char *dot = strchr(h, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        add_by_host(m, &list, arena_printf(m->arena, "*%s", dot));
    }
    add_by_host(m, &list, "*");
    if (list.n == 0) {
        uint32_t k;
        const struct object *const *all = mesh_all(m, KIND_GATEWAY, &k);
        for (uint32_t i = 0; i < k; i++) {
            add_gateway(m, &list, OBJECT_AS(gateway, all[i]));
        }
    }
    if (list.n > 1) {
        qsort(list.at, list.n, sizeof *list.at, by_order);
    }
    *n = list.n;
    return list.at;
}

static bool read_labels(struct arena *a, const char *text, struct str_map *labels, struct err *err)
{
    struct str_pair *at = arena_calloc(a, strlen(text), sizeof *at);
    uint32_t n = 0;
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, ",");
        const char *e = memchr(p, '=', len);
        if (e == NULL) {
            return err_set(err, ERR_USAGE, "'%s' is no list of labels: write key=value,key=value",
                           text);
        }
        at[n].key = arena_strndup(a, p, (size_t)(e - p));
        at[n++].value = arena_strndup(a, e + 1, len - (size_t)(e - p) - 1);
        p += len;
        p += *p == ',';
    }
    *labels = (struct str_map){.at = at, .n = n};
    return true;
}

bool trace_workload_named(const struct mesh *m, const char *text, const struct workload **w,
                          struct err *err)
{
    if (strchr(text, '=') != NULL) {
        struct str_map labels;
        if (!read_labels(m->arena, text, &labels, err)) {
            return false;
        }
        *w = workload_from_labels(m, &labels);
        return true;
    }
    const char *ns, *name = name_split(m->arena, text, NULL, &ns);
    if (ns == NULL) {
        return err_set(err, ERR_USAGE, "'%s' is no gateway: write namespace/name or key=value,...",
                       text);
    }
    const struct object *o = mesh_get(m, KIND_GATEWAY, ns, name);
    if (o == NULL) {
        return err_set(err, ERR_NOT_FOUND, "there is no Gateway '%s'", text);
    }
    uint32_t n;
    *w = workloads_of_gateway(m, OBJECT_AS(gateway, o), &n);
    return n > 0 ||
           err_set(err, ERR_NOT_FOUND, "no pod matches the selector of Gateway '%s'", text);
}
