// SPDX-License-Identifier: Apache-2.0
// The link secret.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/secret_source.h"

// The names a server reads its certificate from: credentialName, else credentialNames.
static struct str_list credentials(const struct mesh *m, const struct server_tls *t)
{
    if (str_empty(t->credential_name)) {
        return t->more->credential_names;
    }
    const char **one = arena_alloc(m->arena, sizeof *one);
    one[0] = t->credential_name;
    return (struct str_list){one, 1};
}

// A Certificate of another namespace that writes a Secret of this name
// (docs/rules/certificates.md#failure-secret-namespace).
static const struct object *writer_elsewhere(const struct link_context *ctx, const char *secret)
{
    const char *places[] = {ctx->chain->gateway->ns, ctx->chain->ns};
    for (int i = 0; i < 2; i++) {
        const struct object *o =
            mesh_index_first(ctx->m, INDEX_CERTIFICATE_BY_SECRET, places[i], secret);
        if (o != NULL && !str_eq(places[i], ctx->workload.ns)) {
            return o;
        }
    }
    return NULL;
}

// A Secret is looked for in the namespace of the gateway's pods (docs/rules/certificates.md#credential-namespace).
// `writer`: what makes it, NULL: none.
static void missing_secret(struct link_context *ctx, const char *ns, const char *secret,
                           const struct object *writer)
{
    struct arena *a = ctx->m->arena;
    const char *gateway = ctx->chain->gateway_id;
    struct link_fault *fault;
    const struct object *other = writer_elsewhere(ctx, secret);
    if (writer != NULL && writer->kind != KIND_CERTIFICATE) {
        link_set(ctx, LINK_SECRET, VERDICT_OK, writer, "%s makes Secret %s/%s",
                 object_title(ctx->m->arena, writer), ns, secret);
        return;
    }
    // A Certificate of that name in the wrong namespace is the one that was meant.
    bool misplaced = writer == NULL && other != NULL && ctx->workload.name != NULL &&
                     absence_in_excerpt(ctx->m, KIND_SECRET);
    if (!misplaced && !link_knows(ctx, LINK_SECRET, KIND_SECRET, ns, secret)) {
        return;
    }
    if (writer != NULL) {
        link_set_named(ctx, LINK_SECRET, VERDICT_PENDING, KIND_SECRET, ns, secret,
                       "Secret %s/%s is not there yet; Certificate %s writes it when it is issued",
                       ns, secret, writer->name);
        // As long as the Certificate is not issued: it is the cause.
        fault = link_blame(ctx, LINK_SECRET, writer, "", "wait until it is issued",
                           "Secret is not there yet");
    } else if (other != NULL) {
        link_set_named(
            ctx, LINK_SECRET, VERDICT_BROKEN, KIND_SECRET, ns, secret,
            "Gateway %s needs Secret %s in %s, where its pods run; Certificate %s/%s writes "
            "it to %s: create the Certificate in %s",
            gateway, secret, ns, other->ns, other->name, other->ns, ns);
        fault = link_blame(ctx, LINK_SECRET, NULL, "",
                           arena_printf(a, "create Certificate %s in namespace %s instead of %s",
                                        other->name, ns, other->ns),
                           "Secret in the wrong namespace: %s, not %s", other->ns, ns);
    } else {
        link_set_named(ctx, LINK_SECRET, VERDICT_BROKEN, KIND_SECRET, ns, secret,
                       "Secret %s/%s does not exist and no Certificate writes it; correct "
                       "credentialName of Gateway %s or create a Certificate",
                       ns, secret, gateway);
        fault = link_blame(ctx, LINK_SECRET, NULL, "",
                           arena_printf(a,
                                        "create a Certificate that writes Secret %s in namespace "
                                        "%s, or correct credentialName of Gateway %s",
                                        secret, ns, gateway),
                           "No such Secret, and no Certificate writes it");
    }
    fault->at = link_server_field(ctx, ctx->servers.tls, ".tls.credentialName");
    fault->at_gateway = true;
}

// One credential of the server: sets the link, and the certificate where a Certificate writes it. False if it cannot
// be used.
static bool check_credential(struct link_context *ctx, const char *credential)
{
    credential = name_of_credential(credential);
    const char *ns = secret_namespace(ctx->m, OBJECT_AS(gateway, ctx->chain->gateway),
                                      &ctx->workload, name_without_ns(credential));
    const char *named;
    const char *secret = name_split(ctx->m->arena, credential, ns, &named);
    if (!str_eq(named, ns) && ctx->workload.name != NULL) {
        link_set(ctx, LINK_SECRET, VERDICT_BROKEN, ctx->chain->gateway,
                 "credentialName \"%s\" names namespace %s, but the gateway's pods only read %s",
                 credential, named, ns);
        link_blame(ctx, LINK_SECRET, NULL,
                   link_server_field(ctx, ctx->servers.tls, ".tls.credentialName"),
                   arena_printf(ctx->m->arena,
                                "put the Secret into namespace %s, and name it "
                                "without a namespace",
                                ns),
                   "Secret of namespace %s: the gateway only reads %s", named, ns);
        return false;
    }
    ns = named;
    const struct object *writer = secret_source_find(ctx->m, ns, secret);
    if (writer != NULL && writer->kind == KIND_CERTIFICATE && ctx->certificate == NULL) {
        ctx->certificate = OBJECT_AS(certificate, writer);
    }
    const struct object *o = mesh_get(ctx->m, KIND_SECRET, ns, secret);
    if (o == NULL) {
        missing_secret(ctx, ns, secret, writer);
        return false;
    }
    link_set(ctx, LINK_SECRET, VERDICT_OK, o, "exists%s%s",
             o->writer != NULL ? ", written by " : "", str_or_empty(o->writer));
    return true;
}

void link_secret(struct link_context *ctx)
{
    const struct object *gw = ctx->chain->gateway;
    const struct host_servers *s = &ctx->servers;
    bool none = s->tls == NULL && s->passed == NULL && s->services == NULL && s->plain == NULL &&
                s->tcp == NULL;
    if (gw == NULL || none) {
        link_set(ctx, LINK_SECRET, VERDICT_UNKNOWN, NULL, "no Gateway server to read it");
        return;
    }
    if (s->tls == NULL) {
        link_set(ctx, LINK_SECRET, VERDICT_OK, gw,
                 s->passed != NULL || s->services != NULL ? "none: TLS is passed through"
                 : s->plain != NULL                       ? "none: plain HTTP"
                                                          : "none: plain TCP");
        return;
    }
    const struct server_tls *t = s->tls->tls;
    struct str_list names = {0};
    if (t != NULL) {
        names = credentials(ctx->m, t);
    }
    if (t == NULL || (names.n == 0 && str_empty(t->more->server_certificate) &&
                      t->more->ntls_certificates == 0 && t->mode != TLS_ISTIO_MUTUAL)) {
        link_set(ctx, LINK_SECRET, VERDICT_BROKEN, gw,
                 "server %s of Gateway %s names no credential; set tls.credentialName",
                 link_server_text(ctx->m, s->tls), ctx->chain->gateway_id);
        link_blame(ctx, LINK_SECRET, NULL, link_server_field(ctx, s->tls, ".tls"),
                   arena_printf(ctx->m->arena, "set tls.credentialName of Gateway %s",
                                ctx->chain->gateway_id),
                   "HTTPS server names no certificate");
        return;
    }
    if (names.n == 0) {
        link_set(ctx, LINK_SECRET, VERDICT_OK, gw,
                 "none: the certificate is a file of the gateway's pod");
        return;
    }
    if (!ctx->has_workload) {
        link_set(ctx, LINK_SECRET, VERDICT_UNKNOWN, NULL, "no gateway pod to read it");
        return;
    }
    for (uint32_t i = 0; i < names.n && check_credential(ctx, names.at[i]); i++) {
    }
}
