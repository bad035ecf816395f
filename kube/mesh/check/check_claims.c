// SPDX-License-Identifier: Apache-2.0
// Matches on the claims of a token where nothing reads tokens (IST0149): docs/rules/istio.md#ist0149.
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/route/policies.h"
#include "kube/mesh/route/workload.h"

// A RequestAuthentication that selects the workload, NULL: none.
static const void *find_authentication(const struct mesh *m, const void *question)
{
    uint32_t n;
    const struct workload_policy *const *all =
        policies_for(m, KIND_REQUESTAUTHENTICATION, question, &n);
    return n > 0 ? all[0] : NULL;
}

static bool authenticated(struct check *c, const struct workload *w)
{
    const char *name = mesh_answer_name(c->a, "authentication", workload_key(c->a, w), NULL);
    return mesh_answer(c->m, name, find_authentication, w) != NULL;
}

static const char *claim_header(const struct http_match *m)
{
    for (uint32_t i = 0; m->more != NULL && i < m->more->nheaders; i++) {
        if (header_is_claim(m->more->headers[i].name)) {
            return m->more->headers[i].name;
        }
    }
    for (uint32_t i = 0; m->more != NULL && i < m->more->nwithout_headers; i++) {
        if (header_is_claim(m->more->without_headers[i].name)) {
            return m->more->without_headers[i].name;
        }
    }
    return NULL;
}

static void check_claims_on(struct check *c, const struct virtualservice *vs, const char *header,
                            const char *path)
{
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns, *name = name_split(c->a, vs->gateways.at[i], vs->o.ns, &ns);
        const struct object *gw = mesh_get(c->m, KIND_GATEWAY, ns, name);
        uint32_t n = 0;
        const struct workload *w =
            gw != NULL ? workloads_of_gateway(c->m, OBJECT_AS(gateway, gw), &n) : NULL;
        for (uint32_t k = 0; k < n; k++) {
            if (w[k].assumed || authenticated(c, &w[k])) {
                continue;
            }
            if (absence_in_excerpt(c->m, KIND_REQUESTAUTHENTICATION)) {
                check_add_unseen(
                    c, "IST0149", &vs->o, path,
                    check_text(c,
                               "a RequestAuthentication for the pods of Gateway %s/%s, which "
                               "the header %s needs,",
                               gw->ns, gw->name, header));
            } else {
                struct finding *f =
                    check_add(c, "IST0149", &vs->o, path,
                              "the header %s comes from a token, but no RequestAuthentication "
                              "selects the pods of Gateway %s/%s",
                              header, gw->ns, gw->name);
                check_hint(c, f, "without one the condition never holds: create it in %s", w[k].ns);
            }
        }
    }
}

void check_claims(struct check *c)
{
    // Only files hold them: from a cluster a missing RequestAuthentication is not known to be missing.
    if (!c->m->snap->cluster.from_files) {
        return;
    }
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        for (uint32_t r = 0; r < vs->nhttp; r++) {
            for (uint32_t k = 0; k < vs->http[r].nmatches; k++) {
                const char *header = claim_header(&vs->http[r].matches[k]);
                if (header != NULL) {
                    check_claims_on(c, vs, header,
                                    check_text(c, "spec.http[%u].match[%u].headers", r, k));
                }
            }
        }
    }
}
