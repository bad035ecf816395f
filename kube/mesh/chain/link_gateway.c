// SPDX-License-Identifier: Apache-2.0
// The link gateway.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/store/index.h"

#include "kube/mesh/chain/links_internal.h"

#include <string.h>

// The hosts of a Gateway, each once, as far as they fit into a sentence.
static const char *hosts_of(const struct mesh *m, const struct gateway *gw)
{
    struct str_array shown = {0};
    struct buf b;
    buf_init(&b, 200);
    for (uint32_t i = 0; i < gw->nservers && !b.over; i++) {
        for (uint32_t h = 0; h < gw->servers[i].hosts.n && !b.over; h++) {
            const char *host = gw->servers[i].hosts.at[h];
            struct str_list before = str_array_list(&shown);
            if (host[0] != '\0' && !str_list_has(&before, host) &&
                buf_addf(&b, "%s%s", before.n != 0 ? ", " : "", host)) {
                str_array_add(m->arena, &shown, host);
            }
        }
    }
    const char *text =
        arena_printf(m->arena, "%s%s", b.len != 0 ? b.data : "none", b.over ? ", ..." : "");
    buf_release(&b);
    return text;
}

static void missing_gateway(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    const char *ns, *name = name_split(ctx->m->arena, c->gateway_id, NULL, &ns);
    if (link_knows(ctx, LINK_GATEWAY, KIND_GATEWAY, ns, name)) {
        link_set_named(
            ctx, LINK_GATEWAY, VERDICT_BROKEN, KIND_GATEWAY, ns, name,
            "Gateway %s does not exist; create it or correct spec.gateways of VirtualService %s",
            c->gateway_id, c->vs_id);
        link_blame(ctx, LINK_GATEWAY, NULL, "",
                   arena_printf(ctx->m->arena,
                                "create Gateway %s, or correct spec.gateways of VirtualService %s",
                                c->gateway_id, c->vs_id),
                   "No such Gateway")
            ->at = "spec.gateways";
    }
}

// The first label of the only host: enough to see a typo. Else all of them.
static const char *first_words(struct arena *a, const char *hosts)
{
    const size_t label = strcspn(hosts, ".,");
    const bool one = hosts[label] == '.' && strchr(hosts, ',') == NULL && hosts[0] != '*';
    return one ? arena_strndup(a, hosts, label + 1) : hosts;
}

static void no_server(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    const char *has = hosts_of(ctx->m, OBJECT_AS(gateway, c->gateway));
    link_set(ctx, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
             "no server of Gateway %s takes host %s (it has %s); add the host to a server",
             c->gateway_id, c->host, has);
    link_blame(ctx, LINK_GATEWAY, NULL, "spec.servers",
               arena_printf(ctx->m->arena,
                            "add %s to a server of Gateway %s, or correct spec.hosts of "
                            "VirtualService %s",
                            c->host, c->gateway_id, str_or_empty(c->vs_id)),
               "Names differ: the Gateway has %s", first_words(ctx->m->arena, has))
        ->at = "spec.gateways";
}

// No pod runs the Gateway.
static void no_workload(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    const struct gateway *gw = OBJECT_AS(gateway, c->gateway);
    struct arena *a = ctx->m->arena;
    const char *labels = index_selector(a, &gw->selector);
    if (ctx->has_workload) {
        link_set(ctx, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "no running pod has the labels %s that Gateway %s selects; start those of %s/%s",
                 labels, c->gateway_id, ctx->workload.ns, ctx->workload.name);
        link_blame(ctx, LINK_GATEWAY, NULL, "spec.selector",
                   arena_printf(a, "start the pods of %s/%s", ctx->workload.ns, ctx->workload.name),
                   "No gateway pod runs");
    } else if (gw->selector.n == 0) {
        link_set(ctx, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "Gateway %s has no selector, and no pod has the label " GATEWAY_LABEL_KEY
                 "=" GATEWAY_LABEL_VALUE "; set spec.selector",
                 c->gateway_id);
        link_blame(ctx, LINK_GATEWAY, NULL, "spec.selector",
                   arena_printf(a, "set spec.selector of Gateway %s", c->gateway_id),
                   "Gateway selects no pods");
    } else {
        link_set(ctx, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "no pod has the labels %s that Gateway %s selects; correct spec.selector", labels,
                 c->gateway_id);
        link_blame(ctx, LINK_GATEWAY, NULL, "spec.selector",
                   arena_printf(a, "correct spec.selector of Gateway %s, or start its pods",
                                c->gateway_id),
                   "No gateway pod has the labels %s", labels);
    }
}

// Only plain HTTP, or a redirect to what is not there.
static void no_tls(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    const struct server *plain = ctx->servers.plain;
    if (ctx->servers.redirects) {
        link_set(ctx, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "Gateway %s redirects %s to HTTPS, which it does not serve; add a server for 443",
                 c->gateway_id, c->host);
        link_blame(ctx, LINK_GATEWAY, NULL, link_server_field(ctx, plain, ".tls"),
                   arena_printf(ctx->m->arena, "add an HTTPS server for port 443 to Gateway %s",
                                c->gateway_id),
                   "HTTP redirects to HTTPS, which is not served");
    } else {
        link_set(ctx, LINK_GATEWAY, VERDICT_WARNING, c->gateway,
                 "plain HTTP only (%s); add an HTTPS server with the wildcard's credential",
                 link_server_text(ctx->m, plain));
        link_blame(ctx, LINK_GATEWAY, NULL, link_server_field(ctx, plain, ""),
                   arena_printf(ctx->m->arena,
                                "add an HTTPS server with the wildcard's credential to Gateway %s",
                                c->gateway_id),
                   "Plain HTTP only");
    }
}

void link_gateway(struct link_context *ctx)
{
    const struct chain *c = ctx->chain;
    if (c->gateway == NULL) {
        missing_gateway(ctx);
        return;
    }
    const struct host_servers *s = &ctx->servers;
    const struct server *secure = s->tls != NULL      ? s->tls
                                  : s->passed != NULL ? s->passed
                                                      : s->services;
    if (secure == NULL && s->plain == NULL && s->tcp == NULL) {
        no_server(ctx);
    } else if (!ctx->has_workload || ctx->workload.down) {
        no_workload(ctx);
    } else if (secure == NULL && (s->redirects || s->plain != NULL)) {
        no_tls(ctx);
    } else if (secure == NULL) {
        link_set(ctx, LINK_GATEWAY, VERDICT_OK, c->gateway, "%s%s",
                 link_server_text(ctx->m, s->tcp),
                 ctx->workload.assumed ? ", its pods are assumed" : "");
    } else {
        const char *plain = s->redirects       ? ", HTTP is redirected"
                            : s->plain != NULL ? ", HTTP too"
                                               : "";
        link_set(ctx, LINK_GATEWAY, VERDICT_OK, c->gateway, "%s%s%s",
                 link_server_text(ctx->m, secure), plain,
                 ctx->workload.assumed ? ", its pods are assumed" : "");
    }
}
