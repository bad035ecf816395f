// SPDX-License-Identifier: Apache-2.0
// Finds issuers and their CAs.
#include "kube/mesh/cert/issuer.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/url.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/core/absence.h"

#include <string.h>

bool issuer_group_is_ours(const char *group)
{
    return str_empty(group) || str_eq(group, "cert-manager.io") ||
           str_eq(group, "certmanager.k8s.io");
}

// In files: the issuer of that name and the other kind, which is what the reference means
// (docs/rules/istio.md#files-are-an-excerpt); NULL none.
static const struct object *other_kind(const struct mesh *m, enum kind k, const char *ns,
                                       const char *name)
{
    if (!absence_in_excerpt(m, k)) {
        return NULL;
    }
    return k == KIND_ISSUER ? mesh_get(m, KIND_CLUSTERISSUER, "", name)
                            : mesh_get(m, KIND_ISSUER, ns, name);
}

const char *issuer_ref_kind(const struct issuer_ref *ref)
{
    return !str_empty(ref->kind) ? ref->kind : "Issuer";
}

void issuer_status_fill(const struct mesh *m, const struct issuer_ref *ref, const char *ns,
                        struct issuer_status *out)
{
    memset(out, 0, sizeof *out);
    out->kind = issuer_ref_kind(ref);
    out->name = str_or_empty(ref->name);
    out->group = ref->group;
    bool cluster = str_eq(out->kind, "ClusterIssuer");
    // It is not known whether another project's kind has namespaces.
    bool foreign = issuer_is_foreign(out);
    out->ns = cluster || foreign ? "" : ns;
    if (foreign) {
        return;
    }
    enum kind k = cluster ? KIND_CLUSTERISSUER : KIND_ISSUER;
    const struct object *o = mesh_get(m, k, out->ns, out->name);
    if (o == NULL) {
        out->known = mesh_complete(m, k) || other_kind(m, k, ns, out->name) != NULL;
        return;
    }
    out->known = true;
    out->object = OBJECT_AS(issuer, o);
    const struct condition *ready = condition_find(&out->object->conditions, "Ready");
    out->ready = ready != NULL && ready->status == CONDITION_TRUE;
    if (!out->ready) {
        out->message = ready == NULL                ? "no controller has handled it"
                       : !str_empty(ready->message) ? ready->message
                                                    : ready->reason;
    }
}

bool issuer_is_foreign(const struct issuer_status *i)
{
    return !issuer_group_is_ours(i->group) ||
           (!str_eq(i->kind, "ClusterIssuer") && !str_eq(i->kind, "Issuer"));
}

const char *issuer_title(struct arena *a, const struct issuer_status *i)
{
    if (!issuer_group_is_ours(i->group)) {
        return arena_printf(a, "%s %s (%s)", i->kind, i->name, i->group);
    }
    return i->ns[0] != '\0' ? arena_printf(a, "%s %s/%s", i->kind, i->ns, i->name)
                            : arena_printf(a, "%s %s", i->kind, i->name);
}

// The host of a URL, NULL if it has none.
static const char *host_of(struct arena *a, const char *url)
{
    struct url_parts p = url != NULL ? url_parts_of(url) : (struct url_parts){0};
    return p.scheme != NULL ? arena_strndup(a, p.host, strcspn(p.host, "/:?#")) : NULL;
}

void issuer_ca_fill(const struct issuer *i, struct issuer_ca *out)
{
    static const char *const kind_names[] = {
        [ISSUER_UNKNOWN] = "unknown",        [ISSUER_ACME] = "ACME",   [ISSUER_CA] = "CA",
        [ISSUER_SELFSIGNED] = "self-signed", [ISSUER_VAULT] = "Vault", [ISSUER_VENAFI] = "Venafi",
    };
    memset(out, 0, sizeof *out);
    out->kind = kind_names[i->type];
    out->environment = acme_environment_of(i->server);
    struct arena a;
    arena_init(&a);
    const char *x = host_of(&a, i->server), *y = host_of(&a, i->account_uri);
    if (x != NULL && y != NULL && str_casecmp(x, y) != 0) {
        out->note = "the account is not registered with this server yet";
    } else if (out->environment == ACME_DEAD) {
        out->note =
            "this server was switched off: use https://acme-v02.api.letsencrypt.org/directory";
    }
    arena_release(&a);
}
