// SPDX-License-Identifier: Apache-2.0
// Lists issuers.
#include "kube/mesh/cert/issuer_list.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/core/mesh_objects.h"

#include <stdlib.h>
#include <string.h>

// "ns/name" of an Issuer, "/name" of a ClusterIssuer.
static const char *key_of(struct arena *a, bool cluster, const char *ns, const char *name)
{
    return arena_concat(a, cluster ? "" : ns, "/", name, NULL);
}

// How many Certificates name each issuer, by key_of: pointers to counts.
static void count_certificates(const struct mesh *m, struct string_map *counts)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_CERTIFICATE, &n);
    string_map_init(counts, m->arena);
    for (uint32_t i = 0; i < n; i++) {
        const struct certificate *c = OBJECT_AS(certificate, all[i]);
        struct issuer_status s = {.kind = issuer_ref_kind(&c->issuer), .group = c->issuer.group};
        if (issuer_is_foreign(&s) || str_empty(c->issuer.name)) {
            continue;
        }
        bool cluster = strcmp(s.kind, "ClusterIssuer") == 0;
        const char *key = key_of(m->arena, cluster, c->o.ns, c->issuer.name);
        void **count = string_map_at(counts, key);
        if (*count == NULL) {
            *count = arena_alloc(m->arena, sizeof(uint32_t));
        }
        ++*(uint32_t *)*count;
    }
}

static void fill(const struct mesh *m, const struct issuer *i, struct string_map *counts,
                 struct issuer_row *out)
{
    const struct condition *ready = condition_find(&i->conditions, "Ready");
    const uint32_t *count = string_map_get(
        counts, key_of(m->arena, i->o.kind == KIND_CLUSTERISSUER, i->o.ns, i->o.name));
    *out = (struct issuer_row){.issuer = i, .reason = ""};
    issuer_ca_fill(i, &out->ca);
    out->certificates = count != NULL ? *count : 0;
    for (uint32_t k = 0; k < i->nsolvers; k++) {
        out->kinds_of_solver |= (i->solvers[k].http01 ? 1U : 0U) | (i->solvers[k].dns01 ? 2U : 0U);
    }
    if (ready == NULL) {
        out->verdict = i->o.source != NULL ? VERDICT_UNKNOWN : VERDICT_PENDING;
        out->reason = "no controller has looked at it yet";
    } else if (ready->status != CONDITION_TRUE) {
        out->verdict = VERDICT_BROKEN;
        out->reason = acme_mask(m->arena, !str_empty(ready->message) ? ready->message
                                                                     : str_or_empty(ready->reason));
    } else {
        out->verdict = out->ca.note != NULL ? VERDICT_WARNING : VERDICT_OK;
        out->reason = str_or_empty(out->ca.note);
    }
}

struct issuer_rows issuer_list(const struct mesh *m)
{
    static const enum kind of[] = {KIND_CLUSTERISSUER, KIND_ISSUER};
    struct string_map counts;
    uint32_t n[2], k = 0;
    const struct object *const *all[2];
    for (int i = 0; i < 2; i++) {
        all[i] = mesh_all(m, of[i], &n[i]);
    }
    count_certificates(m, &counts);
    struct issuer_row *rows = arena_calloc(m->arena, (size_t)n[0] + n[1], sizeof *rows);
    for (int i = 0; i < 2; i++) {
        for (uint32_t x = 0; x < n[i]; x++) {
            fill(m, OBJECT_AS(issuer, all[i][x]), &counts, &rows[k++]);
        }
    }
    return (struct issuer_rows){rows, k};
}
