// SPDX-License-Identifier: Apache-2.0
// Finds what will make a Secret.
#include "kube/mesh/route/secret_source.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"

struct sources {             // of Secrets in files
    struct string_map by_id; // "ns/name" -> object
    // Name -> object: a Secret, or what makes one; the first by kind, namespace and name.
    struct string_map by_name;
};

static void add_name(struct sources *s, const char *name, const struct object *o)
{
    if (string_map_get(&s->by_name, name) == NULL) {
        string_map_put(&s->by_name, name, o);
    }
}

static const void *find_sources(const struct mesh *m, const void *question)
{
    (void)question; // the answer has no parameters
    static const enum kind of[] = {KIND_SEALEDSECRET, KIND_EXTERNALSECRET,
                                   KIND_SECRETPROVIDERCLASS};
    struct sources *s = arena_alloc(m->arena, sizeof *s);
    string_map_init(&s->by_id, m->arena);
    string_map_init(&s->by_name, m->arena);
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_SECRET, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_name(s, all[i]->name, all[i]);
    }
    all = mesh_all(m, KIND_CERTIFICATE, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_name(s, str_or_empty(OBJECT_AS(certificate, all[i])->secret_name), all[i]);
    }
    for (size_t k = 0; k < ARRAY_COUNT(of); k++) {
        all = mesh_all(m, of[k], &n);
        for (uint32_t i = 0; i < n; i++) {
            const struct str_list *secrets = &OBJECT_AS(secret_source, all[i])->secrets;
            for (uint32_t j = 0; j < secrets->n; j++) {
                const char *id = arena_concat(m->arena, all[i]->ns, "/", secrets->at[j], NULL);
                string_map_put(&s->by_id, id, all[i]);
                add_name(s, secrets->at[j], all[i]);
            }
        }
    }
    return s;
}

static const struct sources *sources(const struct mesh *m)
{
    return mesh_answer(m, "secret sources", find_sources, NULL);
}

const struct object *secret_source_find(const struct mesh *m, const char *ns, const char *name)
{
    const struct object *o = mesh_index_first(m, INDEX_CERTIFICATE_BY_SECRET, ns, name);
    if (o == NULL && m->snap->cluster.from_files) {
        o = string_map_get(&sources(m)->by_id, arena_concat(m->arena, ns, "/", name, NULL));
    }
    return o;
}

const char *secret_namespace(const struct mesh *m, const struct gateway *g,
                             const struct workload *w, const char *name)
{
    const char *places[] = {w->ns, g->o.ns};
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        bool known = i == 0 && w->name != NULL;
        if (known || mesh_get(m, KIND_SECRET, places[i], name) != NULL ||
            secret_source_find(m, places[i], name) != NULL) {
            return places[i];
        }
    }
    const struct object *other =
        m->snap->cluster.from_files ? string_map_get(&sources(m)->by_name, name) : NULL;
    return other != NULL ? other->ns : w->ns;
}
