// SPDX-License-Identifier: Apache-2.0
// Where one request goes: listener, server, virtual host, rule.
#include "kube/mesh/trace/trace.h"

#include "kube/base/arena.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"
#include "kube/base/url.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/filter_chain.h"
#include "kube/mesh/route/load_balancer.h"
#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/route/policies.h"
#include "kube/mesh/route/rejected_route_table.h"
#include "kube/mesh/route/request_path.h"
#include "kube/mesh/route/rule_action.h"
#include "kube/mesh/trace/access.h"
#include "kube/mesh/trace/trace_action_internal.h"
#include "kube/mesh/trace/trace_l4_internal.h"

#include <string.h>

enum { MAX_PASSED = 40 }; // rules that do not take the request and get a step each

// --- listener and server

static const char *server_text(struct arena *a, const struct gateway_server *s)
{
    return arena_printf(a, "server %u of Gateway %s/%s: port %u %s", s->index, s->gateway->o.ns,
                        s->gateway->o.name, s->port, str_or_empty(s->server->protocol));
}

static const struct listener *find_listener(struct tracing *t, uint32_t port)
{
    const struct merged_gateways *g = t->table->gateways;
    const struct listener *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nlisteners; i++) {
        const struct listener *l = &g->listeners[i];
        if (l->port == port) {
            found = found == NULL || *l->bind == '\0' ? l : found;
            n++;
        }
    }
    if (n > 1) {
        trace_assume(
            t, arena_printf(t->m->arena,
                            "port %u is bound on several addresses: taken is the one bound on %s",
                            port, *found->bind != '\0' ? found->bind : "every address"));
    }
    return found;
}

static bool no_listener(struct tracing *t, const char *why)
{
    trace_end_closed(t, why);
    return false;
}

// A server that would have taken the connection, but lost its place to an older one.
static void report_lost_servers(struct tracing *t, uint32_t port)
{
    const struct merged_gateways *g = t->table->gateways;
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct gateway_server *s = &g->servers[i];
        if (s->fate != SERVER_KEPT && s->listen == port && s->rival != NULL) {
            trace_add_step(t, STEP_SERVER, true,
                           arena_printf(t->m->arena, "%s is left out: it loses to the older %s",
                                        server_text(t->m->arena, s),
                                        server_text(t->m->arena, s->rival)));
        }
    }
}

// TLS servers that list the name but pass connections on, with no rule that says where to.
static void report_passthrough(struct tracing *t, const struct listener *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        const struct gateway_server *s = l->servers[i];
        bool listed = false;
        for (uint32_t h = 0; h < s->hosts.n; h++) {
            listed |= host_matches(name_without_ns(s->hosts.at[h]), t->sni);
        }
        if (s->family != FAMILY_TLS || !listed) {
            continue;
        }
        trace_add_step(
            t, STEP_SERVER, true,
            arena_printf(t->m->arena,
                         "%s passes TLS on and no tls rule of a VirtualService names "
                         "'%s'%s",
                         server_text(t->m->arena, s), t->sni,
                         s->server->tls->mode_set
                             ? ""
                             : ": tls.mode is left out and means PASSTHROUGH; write mode: SIMPLE"));
    }
}

static const struct gateway_server *plain_server(const struct listener *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (l->servers[i]->family == FAMILY_HTTP || l->servers[i]->family == FAMILY_TCP) {
            return l->servers[i];
        }
    }
    return NULL;
}

// A load balancer may end the client's TLS, so that the gateway sees plain HTTP. Returns what to say at the listener.
static const char *pass_balancer(struct tracing *t)
{
    struct arena *a = t->m->arena;
    struct tls_balancer b = tls_balancer_of(t->table->gateways->services, t->q->port);
    if (b.service == NULL) {
        return "";
    }
    if (strcmp(t->q->scheme, "https") != 0) {
        trace_assume(t, arena_printf(a,
                                     "the load balancer of Service %s/%s lets plain HTTP in at "
                                     "port %u, where it ends TLS",
                                     b.service->o.ns, b.service->o.name, t->q->port));
        return "";
    }
    if (b.starts_again) {
        trace_assume(t, arena_printf(a,
                                     "the load balancer of Service %s/%s, which ends TLS, sends "
                                     "the TLS name on to the gateway",
                                     b.service->o.ns, b.service->o.name));
        return ", to which the load balancer speaks TLS of its own";
    }
    t->balancer = b.service;
    t->view.scheme = "http";
    return arena_printf(a, "; the load balancer of Service %s/%s ends TLS and passes plain HTTP on",
                        b.service->o.ns, b.service->o.name);
}

static bool choose_server(struct tracing *t)
{
    struct arena *a = t->m->arena;
    const struct merged_gateways *g = t->table->gateways;
    uint32_t port = workload_client_port(g->services, t->q->port);
    const struct listener *l = port != 0 ? find_listener(t, port) : NULL;
    if (l == NULL) {
        if (port == 0) {
            return no_listener(
                t, arena_printf(a, "connection refused: no Service of the gateway has port %u",
                                t->q->port));
        }
        report_lost_servers(t, port);
        return no_listener(
            t, arena_printf(a, "connection refused: no Gateway opens port %u", t->q->port));
    }
    const char *ended = pass_balancer(t);
    trace_add_step(t, STEP_LISTENER, false,
                   port == t->q->port
                       ? arena_printf(a, "port %u%s", port, ended)
                       : arena_printf(a, "port %u, behind port %u of the gateway's Service%s", port,
                                      t->q->port, ended));
    bool https = strcmp(t->view.scheme, "https") == 0;
    const struct gateway_server *plain = plain_server(l);
    const struct gateway_server *s =
        https ? filter_chains_find(&t->table->chains, l, t->sni) : plain;
    if (s == NULL && plain != NULL && plain->family == FAMILY_TCP) {
        s = plain; // to which TLS is bytes like others
    }
    if (s == NULL) {
        report_lost_servers(t, port);
        report_passthrough(t, l);
        return no_listener(
            t,
            https && plain == NULL
                ? arena_printf(a, "connection closed: no server of port %u takes the TLS name '%s'",
                               t->q->port, t->sni)
            : https ? arena_printf(a, "port %u does not speak TLS", t->q->port)
                    : arena_printf(a, "port %u speaks only TLS", t->q->port));
    }
    t->out.server = s;
    trace_add_step(t, STEP_SERVER, false,
                   s->table != NULL
                       ? arena_printf(a, "%s, route table %s", server_text(a, s), s->table)
                       : server_text(a, s));
    return true;
}

// --- virtual host and rule

static bool choose_vhost(struct tracing *t)
{
    struct arena *a = t->m->arena;
    const struct http_table *table = route_table_of(t->table, t->out.server);
    if (table != NULL && table->refused != NULL) {
        trace_assume(t, "a gateway that ran before this configuration keeps its old route table");
        trace_end(t, TRACE_NO_ROUTE, 404, "NR", true,
                  arena_printf(a, "%s (%s)", table->refused->reason, table->name));
        return false;
    }
    // A table without virtual hosts is no case of its own (docs/rules/istio.md#no-virtual-host).
    t->out.vhost = table != NULL ? virtual_host_set_find(&table->hosts, t->host) : NULL;
    if (t->out.vhost == NULL) {
        trace_end(
            t, TRACE_NO_ROUTE, 404, "NR", true,
            arena_printf(
                a,
                "no virtual host takes '%s': no VirtualService for it is bound to a Gateway of "
                "this port",
                t->host));
        return false;
    }
    if (t->out.vhost->limited) {
        trace_assume(
            t,
            "too large to judge: a delegate multiplies into more rules than are looked at, some are "
            "left out");
    }
    for (uint32_t i = 0; i < t->out.vhost->n; i++) {
        const char *ns, *name;
        if (delegate_unseen(t->m, t->out.vhost->parts[i]->vs, &ns, &name)) {
            trace_assume(t,
                         arena_printf(a,
                                      "VirtualService %s/%s is not known: taken is that the rule "
                                      "which delegates to it takes no request",
                                      ns, name));
        }
    }
    trace_add_step(t, STEP_VHOST, false, t->out.vhost->domain);
    return true;
}

// The first route that takes the request, NULL if none does; a step for each that does not.
static const struct route *first_match(struct tracing *t)
{
    struct arena *a = t->m->arena;
    struct arena *keep = t->table->mesh->arena;
    struct virtual_host_iter it;
    virtual_host_begin(&it, t->out.vhost);
    const struct route *r;
    uint32_t passed = 0;
    for (; (r = virtual_host_next(&it)) != NULL; passed++) {
        struct match_result m = route_match(keep, a, r, &t->view, passed < MAX_PASSED);
        if (m.unknown != NULL) {
            trace_assume(t, arena_printf(a, "%s: %s", route_label(keep, r), m.unknown));
        }
        if (m.passes) {
            break;
        }
        if (passed < MAX_PASSED) {
            trace_add_step(t, STEP_PASSED, false,
                           arena_printf(a, "%s: %s does not hold", route_label(keep, r), m.failed));
        }
    }
    if (passed > MAX_PASSED) {
        trace_add_step(t, STEP_PASSED, false,
                       arena_printf(a, "and %u more rules", passed - MAX_PASSED));
    }
    return r;
}

static const struct route *choose_route(struct tracing *t)
{
    struct arena *a = t->m->arena;
    const struct route *r = first_match(t);
    if (r == NULL) {
        trace_end(t, TRACE_NO_ROUTE, 404, "NR", true,
                  arena_printf(a,
                               "no rule of virtual host '%s' takes the request; less specific "
                               "hosts are not tried",
                               t->out.vhost->domain));
        return NULL;
    }
    const char *conditions = match_conditions_text(a, r->match);
    trace_add_step(t, STEP_RULE, false,
                   arena_printf(a, "%s: %s", route_label(t->table->mesh->arena, r),
                                *conditions != '\0' ? conditions : "takes every request"));
    t->out.route = r;
    return r;
}

// --- the request

static bool read_request(struct tracing *t)
{
    struct arena *a = t->m->arena;
    const char *path = t->q->path != NULL && *t->q->path != '\0' ? t->q->path : "/";
    const char *authority = str_or_empty(t->q->host);
    struct url_parts p = url_parts_of(path);
    if (p.scheme != NULL) { // absolute form: its authority replaces the Host header
        const char *from = p.userinfo != NULL ? p.userinfo : p.host;
        authority = arena_strndup(a, from, (size_t)(p.rest - from));
        path = *p.rest == '/' ? p.rest : arena_printf(a, "/%s", p.rest);
    }
    if (!authority_valid(authority)) {
        trace_end(t, TRACE_REJECTED, 400, "-", true,
                  "the Host has characters that no host name has");
        return false;
    }
    const char *normal = path_normalize(a, path);
    if (normal == NULL) {
        trace_end(t, TRACE_REJECTED, 400, "-", true, "the path cannot be normalised");
        return false;
    }
    const char *query = strchr(normal, '?');
    t->host = host_of_authority(a, authority);
    t->sni = t->q->sni != NULL ? str_lower(a, t->q->sni) : request_tls_name(a, t->host);
    t->view = (struct request_view){
        .method = t->q->method,
        .scheme = t->q->scheme,
        .authority = authority,
        .path = normal,
        .path_len = query != NULL ? (size_t)(query - normal) : strlen(normal),
        .query = query != NULL ? query + 1 : NULL,
        .headers = t->q->headers,
    };
    return true;
}

// What stands before the routes of a gateway that takes the connection (docs/rules/istio.md#access-policies). Returns
// false if it ends there.
static bool pass_policies(struct tracing *t, bool http)
{
    const struct access_question q = {
        .w = t->table->workload,
        .server = t->out.server,
        .view = http ? &t->view : NULL,
        .sni = t->out.server->family == FAMILY_HTTP || t->out.server->family == FAMILY_TCP ? NULL
                                                                                           : t->sni,
        .source_ip = t->q->source_ip,
    };
    struct access_answer x = access_judge(t->m, &q);
    for (uint32_t i = 0; i < x.n; i++) {
        trace_assume(t, x.assumptions[i]);
    }
    if (x.refused != NULL && http) {
        trace_end(t, TRACE_REJECTED, 403, "-", true,
                  arena_printf(t->m->arena, "403: %s (RBAC)", x.refused));
        return false;
    }
    if (x.refused != NULL) {
        trace_end_closed(t, arena_printf(t->m->arena, "connection closed: %s (RBAC)", x.refused));
        return false;
    }
    uint32_t n;
    const char *const *at = policies_not_evaluated(t->m, t->table->workload, http, &n);
    for (uint32_t i = 0; i < n; i++) {
        trace_assume(t, at[i]);
    }
    return true;
}

static void run(struct tracing *t)
{
    struct arena *a = t->m->arena;
    const struct workload *w = t->table->workload;
    trace_assume(t, w->assumption);
    trace_add_step(t, STEP_WORKLOAD, false,
                   w->name != NULL ? arena_printf(a, "gateway %s/%s", w->ns, w->name)
                                   : arena_printf(a, "a gateway pod in %s", w->ns));
    bool fine = read_request(t);
    if (!fine) {
        return; // Envoy needs a connection to say so; which one makes no difference
    }
    if (!choose_server(t)) {
        return;
    }
    const struct gateway_server *s = t->out.server;
    bool http = s->family != FAMILY_TLS && s->family != FAMILY_TCP;
    if (!t->q->routes_only && !pass_policies(t, http)) {
        return;
    }
    if (!http) {
        trace_pass_on(t, s);
        return;
    }
    if (!choose_vhost(t)) {
        return;
    }
    const struct virtual_host *v = t->out.vhost;
    if (v->https_redirect && strcmp(t->view.scheme, "https") != 0) {
        if (t->balancer != NULL) {
            trace_assume(t, arena_printf(a,
                                         "no proxy before the gateway is trusted with "
                                         "x-forwarded-proto: the redirect leads back to the "
                                         "load balancer of Service %s/%s, in a circle",
                                         t->balancer->o.ns, t->balancer->o.name));
        }
        t->out.gateway_redirect = true;
        t->out.location = arena_printf(a, "https://%s%s", t->view.authority, t->view.path);
        trace_add_step(t, STEP_ACTION, false,
                       arena_printf(a, "httpsRedirect of %s, before any rule",
                                    server_text(a, v->redirect_server)));
        trace_end(t, TRACE_REDIRECT, REDIRECT_CODE_DEFAULT, "-", false,
                  arena_printf(a, "%d to %s", REDIRECT_CODE_DEFAULT, t->out.location));
        return;
    }
    const struct route *r = choose_route(t);
    if (r != NULL) {
        trace_act(t, r);
    }
}

struct trace_result trace_run(struct route_table *table, const struct mesh *m,
                              const struct trace_request *q)
{
    struct tracing t = {.table = table, .m = m, .q = q};
    t.out.workload = table->workload;
    run(&t);
    ASSERT(trace_has_ended(&t)); // every way through says where it led to
    t.out.steps = t.steps;
    t.out.nsteps = t.nsteps;
    t.out.assumptions = t.assumptions;
    t.out.nassumptions = t.nassumptions;
    return t.out;
}
