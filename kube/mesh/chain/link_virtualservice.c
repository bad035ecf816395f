// SPDX-License-Identifier: Apache-2.0
// The link virtualservice.
#include "kube/base/arena.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/core/export_to.h"

void link_virtualservice(struct link_context *ctx)
{
    struct chain *c = ctx->chain;
    if (c->vs == NULL && ctx->servers.services != NULL) {
        link_set(ctx, LINK_VIRTUALSERVICE, VERDICT_OK, NULL,
                 "none needed: AUTO_PASSTHROUGH goes by names of services");
        return;
    }
    if (c->vs == NULL) {
        if (link_knows(ctx, LINK_VIRTUALSERVICE, KIND_VIRTUALSERVICE, c->ns, NULL)) {
            link_set(
                ctx, LINK_VIRTUALSERVICE, VERDICT_BROKEN, NULL,
                "no VirtualService uses host %s of Gateway %s: every request gets 404; create one "
                "or take the host off",
                c->host, c->gateway_id);
            link_blame(
                ctx, LINK_VIRTUALSERVICE, c->gateway, "spec.servers",
                arena_printf(ctx->m->arena,
                             "create a VirtualService for %s, or take the host off Gateway %s",
                             c->host, c->gateway_id),
                "No VirtualService uses the host");
        }
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    if (ctx->has_workload &&
        export_to_class(&vs->export_to, vs->o.ns, ctx->workload.ns) == EXPORT_HIDDEN) {
        // Where the pods run is assumed, and may be wrong, unless something says it.
        link_set(
            ctx, LINK_VIRTUALSERVICE, ctx->workload.name != NULL ? VERDICT_BROKEN : VERDICT_UNKNOWN,
            c->vs,
            "exportTo of VirtualService %s hides it from the gateway's pods in %s; add \"%s\" or "
            "\"*\"",
            c->vs_id, ctx->workload.ns, ctx->workload.ns);
        link_blame(ctx, LINK_VIRTUALSERVICE, NULL, "spec.exportTo",
                   arena_printf(ctx->m->arena,
                                "add \"%s\" or \"*\" to exportTo of VirtualService %s",
                                ctx->workload.ns, c->vs_id),
                   "Hidden from the gateway's pods by exportTo");
    } else {
        link_set(ctx, LINK_VIRTUALSERVICE, VERDICT_OK, c->vs, "bound to Gateway %s", c->gateway_id);
    }
}
