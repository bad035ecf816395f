// SPDX-License-Identifier: Apache-2.0
// The Secrets of Gateways: missing, unusable, or in another namespace (GT0105, GT0121, IST0101, IST0161):
// docs/rules/istio.md#ist0101-credential, docs/rules/istio.md#ist0161.
#include "kube/base/err.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"
#include "kube/object/x509.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/secret_source.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

// Why the Secret cannot be used, NULL if it can or where too little of it is known.
static const char *unusable(struct check *c, const struct secret *s)
{
    if (!s->keys_known) {
        return NULL;
    }
    bool generic = str_list_has(&s->keys, "cert") && str_list_has(&s->keys, "key");
    bool tls = str_list_has(&s->keys, "tls.crt") && str_list_has(&s->keys, "tls.key");
    if (!generic && !tls) {
        return "it has neither tls.crt and tls.key nor cert and key";
    }
    if (s->empty_key) {
        return "its certificate or its key is empty";
    }
    if (s->tls_crt == NULL) {
        return NULL;
    }
    struct x509_chain chain;
    struct err e;
    if (!x509_read_pem(c->a, s->tls_crt, strlen(s->tls_crt), &chain, &e)) {
        return check_text(c, "its certificate cannot be read: %s", e.msg);
    }
    const struct x509_cert *leaf = &chain.cert[0];
    if (leaf->not_after != TIME_NONE && leaf->not_after <= c->m->now) {
        return check_text(c, "its certificate expired at %s", time_format(c->a, leaf->not_after));
    }
    if (leaf->not_before != TIME_NONE && leaf->not_before > c->m->now) {
        return check_text(c, "its certificate is valid only from %s",
                          time_format(c->a, leaf->not_before));
    }
    return NULL;
}

// A namespace other than `ns` that has a Secret or Certificate of that name, NULL if none.
static const char *elsewhere(struct check *c, const char *ns, const char *own_ns,
                             const char *secret)
{
    if (!str_eq(own_ns, ns) && (mesh_get(c->m, KIND_SECRET, own_ns, secret) != NULL ||
                                secret_source_find(c->m, own_ns, secret) != NULL)) {
        return own_ns;
    }
    return NULL;
}

// docs/rules/istio.md#credential-namespace, docs/rules/istio.md#credential-missing
static void check_credential(struct check *c, const struct gateway *g, const struct workload *w,
                             const char *name, const char *path)
{
    if (strstr(name, "://") != NULL) {
        return; // docs/rules/istio.md#credential-schemes
    }
    const char *own = secret_namespace(c->m, g, w, name_without_ns(name));
    const char *ns, *secret = name_split(c->a, name, own, &ns);
    if (!str_eq(ns, w->ns) && w->name != NULL) {
        struct finding *f = check_add(
            c, "GT0105", &g->o, path,
            "the pods of this Gateway run in %s and read no Secret of namespace %s", w->ns, ns);
        check_hint(c, f, "store the certificate as Secret %s/%s and write credentialName: %s",
                   w->ns, secret, secret);
    }
    const struct object *o = mesh_get(c->m, KIND_SECRET, ns, secret);
    if (o != NULL) {
        const char *why = unusable(c, OBJECT_AS(secret, o));
        if (why != NULL) {
            struct finding *f = check_add(c, "IST0161", &g->o, path,
                                          "Secret %s/%s cannot be used: %s", ns, secret, why);
            check_hint(c, f, "no client gets past the TLS handshake until it is replaced");
        }
        return;
    }
    if (secret_source_find(c->m, ns, secret) != NULL) {
        return; // the certificates view reports a Certificate that will write it
    }
    bool excerpt = absence_in_excerpt(c->m, KIND_SECRET);
    if (!excerpt && !mesh_complete(c->m, KIND_SECRET)) {
        return;
    }
    const char *other = w->name != NULL ? elsewhere(c, w->ns, g->o.ns, secret) : NULL;
    if (other != NULL) {
        struct finding *f =
            check_add(c, "GT0105", &g->o, path,
                      "Secret %s is in %s, but the pods of this Gateway run in %s and read only "
                      "their own namespace",
                      secret, other, w->ns);
        check_hint(c, f, "let the certificate be stored in %s", w->ns);
    }
    if (excerpt) {
        check_add_unseen(c, "IST0101", &g->o, path,
                         check_text(c, "the credentialName \"%s\"", name));
        return;
    }
    struct finding *f =
        check_add(c, "IST0101", &g->o, path, "the credentialName \"%s\" does not exist", name);
    check_hint(c, f, "clients see their connection closed: create Secret %s/%s", ns, secret);
}

// MUTUAL checks the certificates of clients with a CA (docs/rules/istio.md#credential-keys).
static void check_ca(struct check *c, const struct gateway *g, const struct workload *w,
                     const struct server_tls *tls, const char *name, const char *path)
{
    bool mutual = tls->mode == TLS_MUTUAL || tls->mode == TLS_OPTIONAL_MUTUAL;
    if (!mutual || strstr(name, "://") != NULL || !str_empty(tls->more->ca_certificates) ||
        !str_empty(tls->more->ca_cert_credential_name)) {
        return;
    }
    const char *own = secret_namespace(c->m, g, w, name_without_ns(name));
    const char *ns, *secret = name_split(c->a, name, own, &ns);
    const struct object *o = mesh_get(c->m, KIND_SECRET, ns, secret);
    const struct secret *s = OBJECT_AS(secret, o);
    const char *ca = check_text(c, "%s-cacert", secret);
    if (s == NULL || !s->keys_known || str_list_has(&s->keys, "ca.crt") ||
        str_list_has(&s->keys, "cacert") || mesh_get(c->m, KIND_SECRET, ns, ca) != NULL ||
        secret_source_find(c->m, ns, ca) != NULL) {
        return;
    }
    bool excerpt = absence_in_excerpt(c->m, KIND_SECRET);
    struct finding *f =
        check_add(c, "GT0121", &g->o, path,
                  "%s needs a CA, and Secret %s/%s has neither ca.crt nor cacert%s: "
                  "connections are reset",
                  tls->mode_text, ns, secret,
                  excerpt ? check_text(c, " (and %s is not in these files)", ca)
                          : check_text(c, ", and there is no Secret %s", ca));
    check_hint(c, f, "add ca.crt to it, or create Secret %s/%s with ca.crt", ns, ca);
    f->severity = excerpt ? SEVERITY_WARNING : f->severity;
}

static void check_credentials_of(struct check *c, const struct gateway *g, const struct workload *w)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server_tls *tls = g->servers[i].tls;
        if (tls == NULL) {
            continue;
        }
        if (!str_empty(tls->credential_name)) {
            const char *name = name_of_credential(tls->credential_name);
            const char *path = check_text(c, "spec.servers[%u].tls.credentialName", i);
            check_credential(c, g, w, name, path);
            check_ca(c, g, w, tls, name, path);
        }
        for (uint32_t k = 0; k < tls->more->credential_names.n; k++) {
            check_credential(c, g, w, name_of_credential(tls->more->credential_names.at[k]),
                             check_text(c, "spec.servers[%u].tls.credentialNames[%u]", i, k));
        }
    }
}

void check_credentials(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        uint32_t nw;
        const struct workload *w = workloads_of_gateway(c->m, g, &nw);
        if (nw > 0 && !w[0].down) {
            check_credentials_of(c, g, &w[0]);
        }
    }
}
