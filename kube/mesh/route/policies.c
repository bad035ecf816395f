// SPDX-License-Identifier: Apache-2.0
// Finds what else may answer at a gateway.
#include "kube/mesh/route/policies.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"

// Where policies are for every namespace (meshConfig.rootNamespace, by default).
static const char ROOT_NS[] = "istio-system";

enum { NAMES_SHOWN = 6 };

static const struct {
    enum kind kind;
    const char *name, *does;
    bool http_only;
} sorts[] = {
    {KIND_ENVOYFILTER, "EnvoyFilter", "changes the answer", false},
    {KIND_WASMPLUGIN, "WasmPlugin", "changes the answer", true},
};

struct sentences {
    const char *at[ARRAY_COUNT(sorts)]; // NULL: no such policy
};

static bool is_for(const struct workload_policy *p, const struct workload *w)
{
    bool near = str_eq(p->o.ns, ROOT_NS) || str_eq(p->o.ns, w->ns);
    return near && !p->elsewhere && labels_match(&p->selector, &w->labels);
}

const struct workload_policy *const *policies_for(const struct mesh *m, enum kind k,
                                                  const struct workload *w, uint32_t *n)
{
    uint32_t nall;
    const struct object *const *all = mesh_all(m, k, &nall);
    const struct workload_policy **out = arena_calloc(m->arena, nall, sizeof *out);
    *n = 0;
    for (uint32_t i = 0; i < nall; i++) {
        const struct workload_policy *p = OBJECT_AS(workload_policy, all[i]);
        if (is_for(p, w)) {
            out[(*n)++] = p;
        }
    }
    return out;
}

static const char *sentence(const struct mesh *m, const struct workload *w, size_t sort)
{
    uint32_t found;
    const struct workload_policy *const *at = policies_for(m, sorts[sort].kind, w, &found);
    const char *names = "";
    for (uint32_t i = 0; i < found && i < NAMES_SHOWN; i++) {
        names =
            arena_concat(m->arena, names, i > 0 ? ", " : "", at[i]->o.ns, "/", at[i]->o.name, NULL);
    }
    if (found > NAMES_SHOWN) {
        names = arena_printf(m->arena, "%s and %u more", names, found - NAMES_SHOWN);
    }
    return found > 0 ? arena_printf(m->arena, "nothing in %s %s %s: not evaluated",
                                    sorts[sort].name, names, sorts[sort].does)
                     : NULL;
}

static const void *make_sentences(const struct mesh *m, const void *question)
{
    struct sentences *s = arena_calloc(m->arena, 1, sizeof *s);
    for (size_t i = 0; i < ARRAY_COUNT(sorts); i++) {
        s->at[i] = sentence(m, question, i);
    }
    return s;
}

const char *const *policies_not_evaluated(const struct mesh *m, const struct workload *w, bool http,
                                          uint32_t *n)
{
    *n = 0;
    if (!m->snap->cluster.from_files) {
        return NULL;
    }
    const char *name =
        mesh_answer_name(m->arena, "policies not evaluated", workload_key(m->arena, w), NULL);
    const struct sentences *s = mesh_answer(m, name, make_sentences, w);
    const char **out = arena_calloc(m->arena, ARRAY_COUNT(sorts), sizeof *out);
    for (size_t i = 0; i < ARRAY_COUNT(sorts); i++) {
        if (s->at[i] != NULL && (http || !sorts[i].http_only)) {
            out[(*n)++] = s->at[i];
        }
    }
    return out;
}
