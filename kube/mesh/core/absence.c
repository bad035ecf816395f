// SPDX-License-Identifier: Apache-2.0
// What it means that an object is not there.
#include "kube/mesh/core/absence.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/string_map.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"

#include <string.h>

static bool in_one_folder(const struct mesh *m)
{
    static const enum kind related[] = {KIND_SERVICE, KIND_VIRTUALSERVICE, KIND_GATEWAY};
    const struct object_source *first = NULL;
    for (size_t k = 0; k < ARRAY_COUNT(related); k++) {
        uint32_t n;
        const struct object *const *all = mesh_all(m, related[k], &n);
        for (uint32_t i = 0; i < n; i++) {
            first = first != NULL ? first : all[i]->source;
            if (all[i]->source == NULL || !files_in_one_folder(first->file, all[i]->source->file)) {
                return false;
            }
        }
    }
    return true;
}

// The namespaces of all Services, as keys; none where the files are of several folders.
static const void *find_service_namespaces(const struct mesh *m, const void *question)
{
    (void)question; // the answer has no parameters
    struct string_map *out = arena_alloc(m->arena, sizeof *out);
    string_map_init(out, m->arena);
    if (!in_one_folder(m)) {
        return out;
    }
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        (void)string_map_add(out, all[i]->ns);
    }
    return out;
}

// The files of one folder usually hold all Services of a namespace or none of them. A tree of folders is often a
// repository of parts that are applied apart, or after kustomize gave them other namespaces.
static bool holds_services_of(const struct mesh *m, const char *ns)
{
    const struct string_map *namespaces =
        mesh_answer(m, "service namespaces", find_service_namespaces, NULL);
    return string_map_get(namespaces, ns) != NULL;
}

bool absence_in_excerpt(const struct mesh *m, enum kind k)
{
    return mesh_state(m, k)->excerpt;
}

bool absence_is_proof(const struct mesh *m, enum kind k, const char *ns)
{
    return mesh_complete(m, k) ||
           (k == KIND_SERVICE && absence_in_excerpt(m, k) && holds_services_of(m, ns));
}

// Is every ServiceEntry known?
static bool entries_known(const struct mesh *m)
{
    return mesh_complete(m, KIND_SERVICEENTRY) ||
           mesh_state(m, KIND_SERVICEENTRY)->state == SYNC_NOT_INSTALLED;
}

// The Service that was probably meant by a name that Istio takes literally, "cart.shop" or "cart.shop.svc"; NULL if
// none.
static const struct object *meant_service(const struct mesh *m, const char *host)
{
    const char *dot = strchr(host, '.');
    if (dot == NULL) {
        return NULL;
    }
    size_t n = strcspn(dot + 1, ".");
    if (dot[1 + n] != '\0' && strcmp(dot + 1 + n, ".svc") != 0) {
        return NULL;
    }
    return mesh_get(m, KIND_SERVICE, arena_strndup(m->arena, dot + 1, n),
                    arena_strndup(m->arena, host, (size_t)(dot - host)));
}

bool absence_of_host_is_proof(const struct mesh *m, const char *host)
{
    const char *name, *ns;
    if (name_split_service(m->arena, host, &name, &ns)) {
        // A name of that form means a Service of the cluster, not a ServiceEntry.
        return absence_is_proof(m, KIND_SERVICE, ns) &&
               (absence_in_excerpt(m, KIND_SERVICEENTRY) || entries_known(m));
    }
    return entries_known(m) || meant_service(m, host) != NULL;
}

const char *absence_reason(const struct mesh *m, enum kind k)
{
    const struct kind_state *s = mesh_state(m, k);
    const char *plural = kinds[k].resource;
    if (kind_whole(s)) {
        return NULL;
    }
    if (s->excerpt) {
        return s->objects > 0 ? arena_printf(m->arena, "not all %s are in these files", plural)
                              : arena_printf(m->arena, "no %s are in these files", plural);
    }
    if (s->state == SYNC_FORBIDDEN) {
        return arena_printf(m->arena, "no permission to read %s", plural);
    }
    if (s->state == SYNC_NOT_INSTALLED) {
        return arena_printf(m->arena, "%s are not installed in this cluster", plural);
    }
    if (s->partial) {
        return arena_printf(m->arena, "%s can be read in some namespaces only", plural);
    }
    if (s->dropped != 0) {
        return arena_printf(m->arena, "%ld %s could not be read", s->dropped, plural);
    }
    return arena_printf(m->arena, "%s are loading", plural);
}
