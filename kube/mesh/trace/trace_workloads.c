// SPDX-License-Identifier: Apache-2.0
// Which gateway workloads a request can mean.
#include "kube/mesh/trace/trace_workloads.h"

#include "kube/base/arena.h"
#include "kube/base/err.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/store/index.h"

#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/request_path.h"
#include "kube/mesh/route/workload_set.h"

#include <stdlib.h>
#include <string.h>

static void add_by_host(struct workload_set *set, const char *key)
{
    uint32_t n;
    const struct object *const *at = mesh_index(set->m, INDEX_GATEWAY_BY_HOST, key, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        workload_set_add(set, OBJECT_AS(gateway, at[i]));
    }
}

static int by_order(const void *x, const void *y)
{
    return workload_order(*(const struct workload *const *)x, *(const struct workload *const *)y);
}

const struct workload *const *trace_workloads(const struct mesh *m, const char *host, uint32_t *n)
{
    struct workload_set set;
    workload_set_init(&set, m);
    const char *h = host_of_authority(m->arena, host);
    add_by_host(&set, h);
    for (const char *dot = strchr(h, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        add_by_host(&set, arena_printf(m->arena, "*%s", dot));
    }
    add_by_host(&set, "*");
    if (set.n == 0) {
        workload_set_add_all(&set);
    }
    if (set.n > 1) {
        qsort(set.at, set.n, sizeof *set.at, by_order);
    }
    *n = set.n;
    return set.at;
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
