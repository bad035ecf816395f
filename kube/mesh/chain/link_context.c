// SPDX-License-Identifier: Apache-2.0
// Sets up the context of a chain, and fills in its links.
#include "kube/mesh/chain/link_context.h"

#include "kube/base/arena.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/absence.h"
#include "kube/mesh/route/host_routes.h"

#include <inttypes.h>
#include <stdarg.h>

void link_context_init(struct link_context *ctx, const struct mesh *m, struct chain *chain,
                       const struct dns_settings *dns)
{
    *ctx = (struct link_context){.m = m, .chain = chain, .dns = dns};
    if (chain->gateway == NULL) {
        return;
    }
    const struct gateway *gw = OBJECT_AS(gateway, chain->gateway);
    const struct virtualservice *vs =
        chain->vs != NULL ? OBJECT_AS(virtualservice, chain->vs) : NULL;
    ctx->servers = host_servers_find(m, gw, vs, chain->host);
    uint32_t n;
    const struct workload *w = workloads_of_gateway(m, gw, &n);
    if (n > 0) {
        ctx->workload = w[0];
        ctx->has_workload = true;
    }
}

const struct host_routes *link_routes(struct link_context *ctx)
{
    if (!ctx->routes_known) {
        const struct chain *c = ctx->chain;
        ctx->routes = host_routes_find(ctx->m, &ctx->workload, OBJECT_AS(gateway, c->gateway),
                                       name_fqdn(ctx->m->arena, c->host, c->vs->ns));
        ctx->routes_known = true;
    }
    return ctx->routes;
}

void link_set(struct link_context *ctx, enum link_kind l, enum verdict state,
              const struct object *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    ctx->chain->link[l] = (struct chain_link){
        .state = state,
        .reason = arena_vprintf(ctx->m->arena, fmt, ap),
        .kind = o != NULL ? (enum kind)o->kind : KIND_COUNT,
        .ns = o != NULL ? o->ns : NULL,
        .name = o != NULL ? o->name : NULL,
    };
    va_end(ap);
}

void link_set_named(struct link_context *ctx, enum link_kind l, enum verdict state, enum kind k,
                    const char *ns, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    ctx->chain->link[l] = (struct chain_link){.state = state,
                                              .reason = arena_vprintf(ctx->m->arena, fmt, ap),
                                              .kind = k,
                                              .ns = ns,
                                              .name = name};
    va_end(ap);
}

struct link_fault *link_blame(struct link_context *ctx, enum link_kind l, const struct object *o,
                              const char *field, const char *todo, const char *words, ...)
{
    struct chain_link *k = &ctx->chain->link[l];
    va_list ap;
    va_start(ap, words);
    k->fault = (struct link_fault){
        .words = arena_vprintf(ctx->m->arena, words, ap),
        .todo = todo,
        .kind = o != NULL ? (enum kind)o->kind : k->kind,
        .ns = o != NULL ? o->ns : k->ns,
        .name = o != NULL ? o->name : k->name,
        .field = field,
        .since = TIME_NONE,
    };
    va_end(ap);
    return &k->fault;
}

const char *link_server_field(struct link_context *ctx, const struct server *s, const char *field)
{
    const struct gateway *gw = OBJECT_AS(gateway, ctx->chain->gateway);
    return arena_printf(ctx->m->arena, "spec.servers[%u]%s", (unsigned)(s - gw->servers), field);
}

bool link_knows(struct link_context *ctx, enum link_kind l, enum kind k, const char *ns,
                const char *name)
{
    if (absence_is_proof(ctx->m, k, ns)) {
        return true;
    }
    if (name != NULL && absence_in_excerpt(ctx->m, k)) {
        link_set_named(ctx, l, VERDICT_UNKNOWN, k, ns, name, "%s %s%s%s is not in these files",
                       kinds[k].kind, ns, ns[0] != '\0' ? "/" : "", name);
    } else {
        link_set_named(ctx, l, VERDICT_UNKNOWN, k, ns, name, "%s", absence_reason(ctx->m, k));
    }
    return false;
}

const char *link_server_text(const struct mesh *m, const struct server *s)
{
    return arena_printf(m->arena, "%s %" PRId64, s->protocol != NULL ? s->protocol : "?", s->port);
}

const char *link_rule_text(const struct mesh *m, const char *name, uint32_t index)
{
    return name != NULL ? arena_printf(m->arena, "\"%s\"", name)
                        : arena_printf(m->arena, "#%u", index);
}
