// SPDX-License-Identifier: Apache-2.0
// Redirects that go round in a circle (GT0104): docs/rules/istio.md#redirect-loop.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/rule_names_internal.h"
#include "kube/mesh/check/virtual_host_checks_internal.h"
#include "kube/mesh/route/load_balancer.h"
#include "kube/mesh/route/merged_gateways.h"
#include "kube/mesh/route/workload_services.h"
#include "kube/mesh/trace/trace.h"

#include <string.h>

enum { LOOP_HOPS = 6 };

static const char *simple_text(const struct string_match *s, const char *absent)
{
    switch (s->type) {
    case MATCH_ABSENT:
    case MATCH_EMPTY:
        return absent;
    case MATCH_EXACT:
    case MATCH_PREFIX:
        return s->text;
    default:
        return NULL; // no text can be made up for a regex
    }
}

// A request that the route takes; false if none can be made up.
static bool redirected_request(struct check *c, const struct virtual_host *v, const struct route *r,
                               struct trace_request *q)
{
    static const struct http_match none;
    static const struct http_match_more none_more;
    const struct http_match *m = r->match != NULL ? r->match : &none;
    const struct http_match_more *x = m->more != NULL ? m->more : &none_more;
    const char *host =
        v->domain[0] == '*'
            ? check_text(c, "gatetop%s", v->domain[1] != '\0' ? v->domain + 1 : ".test")
            : v->domain;
    q->scheme = r->tls ? "https" : "http";
    q->method = simple_text(&x->method, "GET");
    q->host = simple_text(&x->authority, host);
    q->path = simple_text(&m->uri, "/");
    const char *scheme = simple_text(&x->scheme, q->scheme);
    if (q->method == NULL || q->host == NULL || q->path == NULL || scheme == NULL ||
        !str_starts(q->scheme, scheme)) {
        return false;
    }
    if (q->path[0] != '/') {
        q->path = "/";
    }
    struct str_pair *headers = arena_calloc(c->a, x->nheaders, sizeof *headers);
    for (uint32_t i = 0; i < x->nheaders; i++) {
        headers[i] = (struct str_pair){x->headers[i].name, simple_text(&x->headers[i].match, "1")};
        if (headers[i].value == NULL || headers[i].key[0] == ':' || headers[i].key[0] == '@') {
            return false;
        }
    }
    q->headers = (struct str_map){headers, x->nheaders};
    for (uint32_t i = 0; i < x->nquery_params; i++) {
        const char *value = simple_text(&x->query_params[i].match, "1");
        if (value == NULL) {
            return false;
        }
        q->path =
            check_text(c, "%s%c%s=%s", q->path, i == 0 ? '?' : '&', x->query_params[i].name, value);
    }
    return true;
}

static void follow(struct virtual_host_checks *h, const struct virtual_host *v,
                   const struct route *r, uint32_t client_port)
{
    struct check *c = h->c;
    struct trace_request q = {.method = "GET"};
    if (!redirected_request(c, v, r, &q)) {
        return;
    }
    q.port = client_port;
    q.gateway_selector = h->table->workload->labels;
    q.selector_set = true;
    bool usual = client_port == (r->tls ? 443U : 80U);
    if (!usual && strchr(q.host, ':') == NULL) {
        q.host = check_text(c, "%s:%u", q.host, client_port);
    }
    const char *visited[LOOP_HOPS + 1] = {check_text(c, "%s://%s%s", q.scheme, q.host, q.path)};
    for (uint32_t hop = 1; hop <= LOOP_HOPS; hop++) {
        q.routes_only = true;
        struct trace_result t = trace_run(h->table, c->m, &q);
        if (t.outcome != TRACE_REDIRECT || t.location == NULL || (hop == 1 && t.route != r)) {
            return;
        }
        for (uint32_t i = 0; i < hop; i++) {
            if (str_eq(visited[i], t.location)) {
                struct finding *f =
                    check_add(c, "GT0104", &rule_owner(r)->o, rule_path(c, r),
                              "%s redirects %s in a circle", rule_name(c, r), visited[0]);
                check_hint(c, f,
                           "let the redirect's target be a request that another rule answers");
                return;
            }
        }
        visited[hop] = t.location;
        struct trace_request next;
        struct err e;
        if (!trace_request_from_url(c->a, t.location, &next, &e)) {
            return;
        }
        next.method = t.status == 303 ? "GET" : q.method;
        next.headers = q.headers;
        next.gateway_selector = q.gateway_selector;
        next.selector_set = true;
        q = next;
    }
}

// A server that redirects to https the plain bytes that a load balancer made of https
// (docs/rules/istio.md#load-balancer-tls).
static void behind_balancer(struct virtual_host_checks *h, const struct virtual_host *v)
{
    const struct gateway_server *s = v->https_redirect ? v->redirect_server : NULL;
    const struct service *b =
        s != NULL ? tls_balancer_before(h->table->gateways->services, s->listen).service : NULL;
    if (b == NULL) {
        return;
    }
    struct finding *f = check_add(
        h->c, "GT0104", &s->gateway->o, check_text(h->c, "spec.servers[%u].tls", s->index),
        "the load balancer of Service %s ends TLS, and httpsRedirect sends what comes from it back, "
        "in a circle",
        object_id(h->c->a, &b->o));
    check_hint(h->c, f,
               "take httpsRedirect out and redirect at the load balancer, or let the gateway "
               "trust its x-forwarded-proto (gatewayTopology.numTrustedProxies)");
    f->severity = SEVERITY_WARNING; // whether proxies are trusted is not known
}

void check_redirect_loops(struct virtual_host_checks *h, const struct virtual_host *v,
                          const struct route *const *routes, uint32_t n)
{
    const struct merged_gateways *g = h->table->gateways;
    behind_balancer(h, v);
    for (uint32_t i = 0; i < n && h->loops > 0; i++) {
        const struct http_rule_more *m = routes[i]->rule->more;
        if (m == NULL || m->redirect == NULL) {
            continue;
        }
        h->loops--;
        uint32_t listen = workload_listen_port(g->services, routes[i]->port);
        uint32_t port = workload_first_client_port(g->services, listen);
        if (port != 0) {
            follow(h, v, routes[i], port);
        }
    }
}
