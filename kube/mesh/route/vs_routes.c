// SPDX-License-Identifier: Apache-2.0
// The routes that one VirtualService gives one Gateway server.
#include "kube/mesh/route/vs_routes.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/route/rule_action.h"

#include <assert.h>
#include <string.h>

bool match_path_only(const struct http_match *m)
{
    const struct http_match_more *x = m->more;
    return x == NULL || (x->nheaders == 0 && x->nwithout_headers == 0 && x->nquery_params == 0 &&
                         x->method.type == MATCH_ABSENT && x->authority.type == MATCH_ABSENT &&
                         x->scheme.type == MATCH_ABSENT);
}

bool match_by_gateway(const struct http_match *m)
{
    const struct http_match_more *x = m != NULL ? m->more : NULL;
    return x != NULL && (x->port != 0 || x->gateways.n > 0 || x->source_labels.n > 0 ||
                         x->source_namespace != NULL);
}

bool match_catch_all(const struct http_match *m)
{
    if (m == NULL) {
        return true;
    }
    switch (m->uri.type) {
    case MATCH_ABSENT:
    case MATCH_EMPTY:
        break;
    case MATCH_PREFIX:
        if (!str_eq(m->uri.text, "/")) {
            return false;
        }
        break;
    case MATCH_REGEX:
        if (!str_eq(m->uri.text, ".*")) {
            return false;
        }
        break;
    default:
        return false;
    }
    return match_path_only(m);
}

const char *skip_reason_text(enum skip_reason r)
{
    static const char *const text[] = {
        [SKIP_NONE] = "",
        [SKIP_PORT] = "it is for another port",
        [SKIP_GATEWAY] = "it is for another gateway",
        [SKIP_SOURCE_LABELS] = "the gateway's pod does not carry its sourceLabels",
        [SKIP_SOURCE_NAMESPACE] = "the gateway's pod is not in its sourceNamespace",
        [SKIP_AFTER_CATCH_ALL] = "an earlier entry of the same VirtualService takes every request",
        [SKIP_DELEGATE] = "its delegate cannot be used",
    };
    static_assert(ARRAY_COUNT(text) == SKIP_DELEGATE + 1, "every reason has a text");
    return text[r];
}

bool gateway_is_named(const struct mesh *m, const struct str_list *refs, const char *ns,
                      const char *gateway_id)
{
    for (uint32_t i = 0; i < refs->n; i++) {
        const char *gw_ns;
        const char *gw_name;
        if (!name_resolve_gateway(m->arena, refs->at[i], ns, &gw_ns, &gw_name)) {
            continue;
        }
        size_t n = strlen(gw_ns);
        if (strncmp(gateway_id, gw_ns, n) == 0 && gateway_id[n] == '/' &&
            strcmp(gateway_id + n + 1, gw_name) == 0) {
            return true;
        }
    }
    return false;
}

enum skip_reason match_skip(const struct mesh *m, const struct http_match *match, const char *ns,
                            const char *gateway_id, uint32_t port, const struct workload *w)
{
    if (match == NULL || match->more == NULL) {
        return SKIP_NONE;
    }
    const struct http_match_more *x = match->more;
    if (x->port != 0 && x->port != port) {
        return SKIP_PORT;
    }
    if (x->gateways.n > 0) {
        return gateway_is_named(m, &x->gateways, ns, gateway_id) ? SKIP_NONE : SKIP_GATEWAY;
    }
    if (!labels_match(&x->source_labels, &w->labels)) {
        return SKIP_SOURCE_LABELS;
    }
    if (!str_empty(x->source_namespace) && strcmp(x->source_namespace, w->ns) != 0) {
        return SKIP_SOURCE_NAMESPACE;
    }
    return SKIP_NONE;
}

struct vs_routes_builder {
    const struct mesh *m;
    const struct virtualservice *vs;
    const struct gateway_server *server;
    const char *gateway_id; // "ns/name"
    const struct workload *w;
    struct vs_routes *out;
    uint32_t cap;
};

// True if the entry ends the VirtualService.
static bool add_entry(struct vs_routes_builder *b, const struct vs_rule *r, int32_t i)
{
    const struct http_match *match = i >= 0 ? &r->rule->matches[i] : NULL;
    const char *ns = r->origins != NULL ? r->ns : b->vs->o.ns;
    if (match_skip(b->m, match, ns, b->gateway_id, b->server->port, b->w) != SKIP_NONE) {
        return false;
    }
    const struct match_origin *from = i >= 0 && r->origins != NULL ? &r->origins[i] : NULL;
    bool catch_all = match_catch_all(match);
    *ARENA_PUSH(b->m->arena, b->out->at, b->out->n, b->cap) = (struct route){
        .vs = b->vs,
        .delegate = r->delegate,
        .gateway = b->server->gateway,
        .rule = r->rule,
        .match = match,
        .name = r->name,
        .match_name = from != NULL                           ? from->name
                      : match != NULL && match->more != NULL ? match->more->name
                                                             : NULL,
        .ns = r->ns,
        .index = r->index,
        .match_index = from != NULL ? from->root : i,
        .delegate_index = r->delegate_index,
        .delegate_match = from != NULL ? from->delegate : -1,
        .port = b->server->port,
        .tls = b->server->server->tls != NULL,
        .catch_all = catch_all,
    };
    return catch_all;
}

struct vs_routes *vs_routes_build(const struct mesh *m, const struct virtualservice *vs,
                                  const struct gateway_server *s, const struct workload *w)
{
    struct vs_routes *out = arena_alloc(m->arena, sizeof *out);
    out->vs = vs;
    struct vs_routes_builder b = {.m = m, .vs = vs, .server = s, .w = w, .out = out};
    b.gateway_id = object_id(m->arena, &s->gateway->o);
    const struct vs_rules *rules = delegate_expand(m, vs);
    out->limited = rules->limited;
    for (uint32_t i = 0; i < rules->n; i++) {
        b.cap += rules->at[i].rule->nmatches > 0 ? rules->at[i].rule->nmatches : 1;
    }
    out->at = arena_calloc(m->arena, b.cap, sizeof *out->at);
    bool end = false;
    for (uint32_t i = 0; i < rules->n && !end; i++) {
        const struct vs_rule *r = &rules->at[i];
        if (r->rule->nmatches == 0) {
            (void)add_entry(&b, r, -1);
            end = true;
        }
        for (int32_t j = 0; j < r->rule->nmatches && !end; j++) {
            end = add_entry(&b, r, j);
        }
    }
    for (uint32_t i = 0; i < out->n && out->no_action == NULL; i++) {
        const struct http_rule_more *x = out->at[i].rule->more;
        bool usable = x == NULL || x->redirect == NULL || redirect_code_usable(x->redirect->code);
        out->no_action = usable ? NULL : &out->at[i];
    }
    if (out->n > 0 && out->at[out->n - 1].catch_all) {
        out->catch_all = &out->at[--out->n];
    }
    return out;
}

bool vs_routes_hold(const struct vs_routes *r)
{
    return r->n > 0 || r->catch_all != NULL || r->limited;
}

bool match_ends_all(const struct mesh *m, const struct virtualservice *vs,
                    const struct http_match *match)
{
    if (!match_catch_all(match) || !match_by_gateway(match)) {
        return match_catch_all(match);
    }
    const struct http_match_more *x = match->more;
    const char *ns, *name;
    return x->port == 0 && x->source_labels.n == 0 && x->source_namespace == NULL &&
           vs->gateways.n == 1 &&
           name_resolve_gateway(m->arena, vs->gateways.at[0], vs->o.ns, &ns, &name) &&
           gateway_is_named(m, &x->gateways, vs->o.ns, arena_concat(m->arena, ns, "/", name, NULL));
}
