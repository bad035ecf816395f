// SPDX-License-Identifier: Apache-2.0
// The link certificate.
#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/placeholder.h"

#include "kube/mesh/cert/certificate_cause.h"
#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/chain/gateway_handshake.h"
#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/core/mesh_memo.h"

// What handshakes showed, if any were made. If that is worse than the link's verdict so far, it becomes the link's
// verdict and reason.
static void add_served(struct link_context *ctx)
{
    const struct mesh *m = ctx->m;
    const struct chain *c = ctx->chain;
    const struct server *tls = ctx->servers.tls;
    struct chain_link *l = &ctx->chain->link[LINK_CERTIFICATE];
    struct gateway_handshakes all;
    if (tls == NULL || !gateway_handshake_judge(m, ctx->dns, OBJECT_AS(gateway, c->gateway),
                                                tls->port, ctx->certificate, c->host, &all)) {
        return;
    }
    const struct served_certificate *s = &all.worst;
    if (s->state == SERVED_ISSUED && s->verdict == VERDICT_OK && l->state == VERDICT_OK) {
        l->reason = arena_printf(m->arena, "%s; %s", l->reason, s->reason);
        if (all.asked > 1) {
            l->reason = arena_printf(m->arena, "%s at %u of %u addresses", l->reason, all.issued,
                                     all.asked);
        }
    } else if (s->verdict > l->state && s->verdict > VERDICT_OK) {
        const struct object *o = ctx->certificate != NULL ? &ctx->certificate->o : NULL;
        link_set(ctx, LINK_CERTIFICATE, s->verdict, o, "%s: the gateway at %s %s", c->host,
                 s->address, s->reason);
        link_blame(
            ctx, LINK_CERTIFICATE, o != NULL ? NULL : c->gateway, "status",
            "look at the Secret that the gateway's pods read, and restart them if it is right",
            "Gateway serves another certificate");
    }
}

static const void *find_status(const struct mesh *m, const void *question)
{
    struct certificate_status *s = arena_alloc(m->arena, sizeof *s);
    certificate_status_fill(m, question, s);
    return s;
}

// Whether the Certificate that writes the credential is alive and covers the host.
static void judge(struct link_context *ctx)
{
    const struct chain_link *secret = &ctx->chain->link[LINK_SECRET];
    if (ctx->servers.tls == NULL || secret->kind == KIND_GATEWAY) {
        // No TLS, or a credential that is no Secret: there is no certificate to judge.
        link_set(ctx, LINK_CERTIFICATE, secret->state == VERDICT_OK ? VERDICT_OK : VERDICT_UNKNOWN,
                 NULL,
                 secret->state == VERDICT_OK ? "none needed" : "not known without its Secret");
        return;
    }
    const struct certificate *c = ctx->certificate;
    if (c == NULL) {
        if (secret->name == NULL ||
            !link_knows(ctx, LINK_CERTIFICATE, KIND_CERTIFICATE, secret->ns, NULL)) {
            return;
        }
        link_set(ctx, LINK_CERTIFICATE, VERDICT_UNKNOWN, NULL,
                 "no Certificate writes Secret %s/%s; its names and dates are not known",
                 secret->ns, secret->name);
        return;
    }
    const char *name = mesh_answer_name(ctx->m->arena, "status", c->o.ns, c->o.name, NULL);
    const struct certificate_status s =
        *(const struct certificate_status *)mesh_answer(ctx->m, name, find_status, c);
    const char *id = object_id(ctx->m->arena, &c->o);
    // A Ready certificate was issued for what its spec says (docs/rules/certificates.md#ready-condition), and
    // reading the spec costs nothing. In every other state look at what was really issued.
    struct coverage cover;
    if (s.verdict == VERDICT_OK) {
        certificate_coverage_of_spec(ctx->m, c, ctx->chain->host, &cover);
    } else {
        certificate_coverage(ctx->m, c, ctx->chain->host, &cover);
    }
    if (cover.result == COVERAGE_NO) {
        link_set(ctx, LINK_CERTIFICATE, VERDICT_BROKEN, &c->o, "%s", cover.reason);
        link_blame(ctx, LINK_CERTIFICATE, NULL, "spec.dnsNames",
                   arena_printf(ctx->m->arena, "add %s to dnsNames of Certificate %s",
                                ctx->chain->host, id),
                   "Certificate does not cover the host")
            ->at = "spec.hosts";
        return;
    }
    enum verdict v = s.verdict;
    const char *state = certificate_state_name(s.state);
    if (v == VERDICT_OK) {
        link_set(ctx, LINK_CERTIFICATE, v, &c->o, "%s%s%s", state,
                 s.not_after != TIME_NONE ? ", expires " : "",
                 time_format(ctx->m->arena, s.not_after));
    } else {
        link_set(ctx, LINK_CERTIFICATE, v, &c->o, "Certificate %s %s%s%s%s%s", id, state,
                 !str_empty(s.reason) ? ": " : "", !str_empty(s.reason) ? s.reason : "",
                 s.hint != NULL ? "; " : "", str_or_empty(s.hint));
        link_blame(ctx, LINK_CERTIFICATE, NULL, "", s.hint, "%s",
                   certificate_cause_words(ctx->m->arena, &s))
            ->since = certificate_since(&s);
    }
}

void link_certificate(struct link_context *ctx)
{
    if (placeholder_in(ctx->chain->host)) {
        link_set(ctx, LINK_CERTIFICATE, VERDICT_UNKNOWN, NULL,
                 "nothing has filled in the variable in the host");
        return;
    }
    judge(ctx);
    add_served(ctx);
}
