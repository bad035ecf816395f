// SPDX-License-Identifier: Apache-2.0
// What the chosen rule does with a request.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/host_port.h"
#include "kube/base/regex.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/rule_action.h"
#include "kube/mesh/trace/trace_action_internal.h"

#include <string.h>

static const struct http_rule_more NO_MORE = {.timeout = DURATION_NONE, .mirror_percent = -1};

static const struct http_rule_more *more_of(const struct route *r)
{
    return r->rule->more != NULL ? r->rule->more : &NO_MORE;
}

// --- redirect

static const char *request_host(struct tracing *t, const char *scheme, bool new_port)
{
    const char *host = t->view.authority;
    const char *colon = host_port_colon(host);
    if (colon == NULL) {
        return host;
    }
    bool other_scheme = strcmp(scheme, t->view.scheme) != 0;
    bool default_port = strcmp(t->view.scheme, "https") == 0 ? strcmp(colon, ":443") == 0
                                                             : strcmp(colon, ":80") == 0;
    if (new_port || (other_scheme && default_port)) {
        return arena_strndup(t->m->arena, host, (size_t)(colon - host));
    }
    return host;
}

// Length of the head of the path that the route's prefix took; the whole path for other conditions.
static size_t matched_length(const struct tracing *t, const struct route *r)
{
    if (r->match == NULL || r->match->uri.type == MATCH_ABSENT ||
        r->match->uri.type == MATCH_EMPTY) {
        return 1; // a rule without a path is "prefix /" to Envoy
    }
    if (r->match->uri.type == MATCH_PREFIX) {
        return strlen(r->match->uri.text);
    }
    return t->view.path_len;
}

static const char *redirect_port(struct tracing *t, const struct http_redirect *d,
                                 const struct route *r)
{
    int64_t port = d->port_set                                   ? d->port
                   : str_eq(d->derive_port, "FROM_REQUEST_PORT") ? r->port
                                                                 : 0;
    const char *scheme = !str_empty(d->scheme) ? d->scheme : r->tls ? "https" : "http";
    bool usual = (port == 80 && strcmp(scheme, "http") == 0) ||
                 (port == 443 && strcmp(scheme, "https") == 0);
    return port == 0 || usual ? "" : arena_printf(t->m->arena, ":%lld", (long long)port);
}

static const char *redirect_path(struct tracing *t, const struct http_redirect *d,
                                 const struct route *r)
{
    struct arena *a = t->m->arena;
    const char *path = t->view.path;
    if (!str_empty(d->uri)) {
        bool own_query = strchr(d->uri, '?') != NULL;
        return own_query ? d->uri : arena_printf(a, "%s%s", d->uri, path + t->view.path_len);
    }
    if (!str_empty(d->prefix_rewrite)) {
        return arena_printf(a, "%s%s", d->prefix_rewrite, path + matched_length(t, r));
    }
    return path;
}

// docs/rules/istio.md#redirect-location
static void redirect(struct tracing *t, const struct route *r, const struct http_redirect *d)
{
    struct arena *a = t->m->arena;
    const char *scheme = !str_empty(d->scheme) ? d->scheme : t->view.scheme;
    const char *port = redirect_port(t, d, r);
    const char *host =
        !str_empty(d->authority) ? d->authority : request_host(t, scheme, *port != '\0');
    t->out.location = arena_printf(a, "%s://%s%s%s", scheme, host, port, redirect_path(t, d, r));
    int status = (int)redirect_code(d);
    trace_add_step(t, STEP_ACTION, false, "redirect");
    trace_end(t, TRACE_REDIRECT, status, "-", false,
              arena_printf(a, "%d to %s", status, t->out.location));
}

// --- direct response

// docs/rules/istio.md#direct-response
static void direct(struct tracing *t, const struct http_direct_response *d)
{
    struct arena *a = t->m->arena;
    int status = (int)d->status;
    t->out.body = d->body;
    if (status == 201 || (status >= 300 && status < 400)) { // Envoy adds the request's own URL
        t->out.location =
            arena_printf(a, "%s://%s%s", t->view.scheme, t->view.authority, t->view.path);
    }
    trace_add_step(t, STEP_ACTION, false, "direct response");
    trace_end(t, TRACE_DIRECT, status, "-", false,
              d->body != NULL ? arena_printf(a, "%d with the body \"%.80s\"", status, d->body)
                              : arena_printf(a, "%d", status));
}

// --- destinations

static struct trace_destination resolve(struct tracing *t, const struct destination *d,
                                        const struct route *r)
{
    struct trace_destination out = {.weight = 100, .percent = 100};
    out.to = destination_resolve(t->m, t->table->workload, d, r->ns, r->port);
    return out;
}

void trace_add_destination(struct tracing *t, enum trace_step_kind kind,
                           const struct trace_destination *d)
{
    struct arena *a = t->m->arena;
    const struct resolved_destination *x = &d->to;
    const char *why = destination_fault_text(t->m, x);
    trace_add_step(t, kind, destination_fails(x),
                   arena_printf(a, "%s port %u (%s)%s%s%s%s, %g %%%s%s", x->host, x->port,
                                port_reason_text(x->port_reason),
                                x->subset != NULL ? " subset " : "", str_or_empty(x->subset),
                                x->rule != NULL ? arena_printf(a, " of DestinationRule %s/%s",
                                                               x->rule->o.ns, x->rule->o.name)
                                                : "",
                                strcmp(x->host, x->name) != 0
                                    ? arena_printf(a, ", the target of ExternalName %s", x->name)
                                    : "",
                                d->percent, why != NULL ? ": " : "", str_or_empty(why)));
}

// docs/rules/istio.md#weights
static void add_destinations(struct tracing *t, const struct route *r)
{
    const struct http_rule *rule = r->rule;
    struct trace_destination *at = arena_calloc(t->m->arena, rule->nroutes, sizeof *at);
    int64_t sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < rule->nroutes; i++) {
        const struct route_destination *d = &rule->routes[i];
        if (rule->nroutes > 1 && d->weight <= 0) {
            continue; // of a list, entries without weight get nothing
        }
        at[n] = resolve(t, &d->destination, r);
        if (rule->nroutes > 1) {
            at[n].weight = d->weight;
            sum += d->weight;
        }
        n++;
    }
    for (uint32_t i = 0; i < n; i++) {
        at[i].percent = rule->nroutes > 1 ? 100.0 * (double)at[i].weight / (double)sum : 100;
    }
    t->out.destinations = at;
    t->out.ndestinations = n;
}

// docs/rules/istio.md#mirrors
static void add_mirrors(struct tracing *t, const struct route *r)
{
    const struct http_rule_more *x = more_of(r);
    struct trace_destination *at = arena_calloc(t->m->arena, (size_t)x->nmirrors + 1, sizeof *at);
    uint32_t n = 0;
    if (x->mirror != NULL && x->mirror->destination.present) {
        double percent = rule_mirror_percent(x);
        if (percent > 0) {
            at[n] = resolve(t, &x->mirror->destination, r);
            at[n++].percent = percent;
        }
    }
    for (uint32_t i = 0; i < x->nmirrors; i++) {
        double percent = x->mirrors[i].percentage.set ? x->mirrors[i].percentage.value : 100;
        if (percent > 0 && x->mirrors[i].destination.present) {
            at[n] = resolve(t, &x->mirrors[i].destination, r);
            at[n++].percent = percent;
        }
    }
    t->out.mirrors = at;
    t->out.nmirrors = n;
}

// --- rewriting

// docs/rules/istio.md#rewrite-path
static const char *rewritten_path(struct tracing *t, const struct route *r)
{
    struct arena *a = t->m->arena;
    const struct http_rewrite *x = more_of(r)->rewrite;
    const char *path = t->view.path;
    if (x == NULL) {
        return path;
    }
    if (!str_empty(x->regex_match) || !str_empty(x->regex_rewrite)) {
        struct buf b;
        buf_init(&b, 0);
        const struct regex *re = regex_compile(a, str_or_empty(x->regex_match));
        const char *with = str_or_empty(x->regex_rewrite);
        const char *out = NULL;
        if (regex_replace(re, path, t->view.path_len, with, &b) == REGEX_UNKNOWN) {
            trace_assume(t, arena_printf(a, "the path that uriRegexRewrite '%s' makes is not known",
                                         str_or_empty(x->regex_match)));
        } else {
            out = arena_printf(a, "%s%s", b.len > 0 ? b.data : "", path + t->view.path_len);
        }
        buf_release(&b);
        return out;
    }
    if (!str_empty(x->uri)) {
        return arena_printf(a, "%s%s", x->uri, path + matched_length(t, r));
    }
    return path;
}

static const char *authority_of(const struct headers *h)
{
    const char *found = NULL;
    if (h == NULL) {
        return NULL;
    }
    const struct str_map *maps[] = {&h->request.add, &h->request.set}; // "set" goes before "add"
    for (int i = 0; i < 2; i++) {
        for (uint32_t j = 0; j < maps[i]->n; j++) {
            const char *k = maps[i]->at[j].key;
            if (str_casecmp(k, "host") == 0 || str_casecmp(k, ":authority") == 0) {
                found = !str_empty(maps[i]->at[j].value) ? maps[i]->at[j].value : found;
            }
        }
    }
    return found;
}

// docs/rules/istio.md#rewrite-authority
static const char *rewritten_authority(struct tracing *t, const struct route *r)
{
    const struct http_rule_more *x = more_of(r);
    if (x->rewrite != NULL && !str_empty(x->rewrite->authority)) {
        return x->rewrite->authority;
    }
    const char *whole = authority_of(x->headers);
    if (whole != NULL) {
        return whole;
    }
    const char *first = NULL;
    bool differ = false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->rule->nroutes; i++) {
        const struct route_destination *d = &r->rule->routes[i];
        if (r->rule->nroutes > 1 && d->weight <= 0) {
            continue;
        }
        const char *own = authority_of(d->headers);
        differ |= n > 0 && !str_eq(own, first);
        first = n == 0 ? own : first;
        n++;
    }
    if (differ) {
        trace_assume(t, "the destinations set different authorities: the first one's is shown");
    }
    return first != NULL ? first : t->view.authority;
}

static void forward(struct tracing *t, const struct route *r, bool delayed)
{
    struct arena *a = t->m->arena;
    uint32_t missing = 0, failing = 0;
    for (uint32_t i = 0; i < t->out.ndestinations; i++) {
        trace_add_destination(t, STEP_DESTINATION, &t->out.destinations[i]);
        missing += destination_missing(&t->out.destinations[i].to);
        failing += destination_fails(&t->out.destinations[i].to);
    }
    add_mirrors(t, r);
    for (uint32_t i = 0; i < t->out.nmirrors; i++) {
        trace_add_destination(t, STEP_MIRROR, &t->out.mirrors[i]);
    }
    t->out.rewritten_path = rewritten_path(t, r);
    t->out.rewritten_authority = rewritten_authority(t, r);
    if (missing == t->out.ndestinations) {
        const char *unusable = rule_unusable(r->rule);
        trace_end(t, TRACE_ROUTE, 503, delayed ? "DI,NC" : "NC", true,
                  unusable != NULL ? arena_printf(a, "503: the rule %s", unusable)
                                   : "503: no destination exists (Envoy's flag NC)");
        return;
    }
    if (failing == t->out.ndestinations) { // docs/rules/istio.md#ready-endpoints
        trace_end(t, TRACE_ROUTE, 503, delayed ? "DI,UH" : "UH", true,
                  "503: no destination has a ready endpoint (Envoy's flag UH)");
        return;
    }
    const char *path = t->out.rewritten_path != NULL ? t->out.rewritten_path : "a rewritten path";
    trace_end(t, TRACE_ROUTE, 200, delayed ? "DI" : "-", failing > 0,
              failing > missing
                  ? arena_printf(a,
                                 "%u of %u destinations do not exist or have no ready endpoint: "
                                 "their share gets 503",
                                 failing, t->out.ndestinations)
              : missing > 0
                  ? arena_printf(a, "%u of %u destinations do not exist: their share gets 503",
                                 missing, t->out.ndestinations)
                  : arena_printf(a, "the service gets %s with Host %s", path,
                                 t->out.rewritten_authority));
}

// --- faults

static double abort_percent(const struct http_fault *f)
{
    bool kind = f->http_status > 0 || !str_empty(f->grpc_status);
    return f->has_abort && kind && f->abort_percentage.set ? f->abort_percentage.value : 0;
}

static double delay_percent(const struct http_fault *f)
{
    if (!f->has_delay || f->fixed_delay == DURATION_NONE) {
        return 0;
    }
    return f->delay_percentage.set ? f->delay_percentage.value : (double)f->delay_percent;
}

// A share that Envoy counts in millionths.
static bool always(double percent)
{
    return percent * 10000 >= 1000000;
}

static void assume_no_fault(struct tracing *t, const char *does, double percent)
{
    if (percent > 0 && !always(percent)) {
        trace_assume(t,
                     arena_printf(t->m->arena,
                                  "the fault that %s %g %% of the requests does not hit this one",
                                  does, percent));
    }
}

// docs/rules/istio.md#fault-injection
static bool fault_fires(struct tracing *t, const struct route *r, bool *delayed)
{
    struct arena *a = t->m->arena;
    const struct http_fault *f = more_of(r)->fault;
    *delayed = false;
    if (f == NULL) {
        return false;
    }
    double delay = delay_percent(f);
    double abort = abort_percent(f);
    *delayed = always(delay);
    if (delay > 0) {
        trace_add_step(
            t, STEP_ACTION, false,
            arena_printf(a, "fault: %g %% wait %lld ms", delay, (long long)f->fixed_delay));
    }
    assume_no_fault(t, "aborts", abort);
    assume_no_fault(t, "delays", delay);
    if (!always(abort)) {
        return false;
    }
    int status = f->http_status > 0 ? (int)f->http_status : 200;
    const char *grpc =
        f->http_status > 0 ? "" : arena_printf(a, " with grpc-status %s", f->grpc_status);
    trace_add_step(t, STEP_ACTION, false, "fault: every request is aborted");
    trace_end(t, TRACE_FAULT, status, *delayed ? "DI,FI" : "FI", false,
              arena_printf(a, "%d%s", status, grpc));
    return true;
}

// --- cors

static const char *header(const struct tracing *t, const char *name)
{
    for (uint32_t i = 0; i < t->view.headers.n; i++) {
        if (str_casecmp(t->view.headers.at[i].key, name) == 0) {
            return t->view.headers.at[i].value;
        }
    }
    return "";
}

static bool origin_allowed(struct tracing *t, const struct http_cors *c, const char *origin)
{
    for (uint32_t i = 0; i < c->nallow_origins; i++) {
        const struct string_match *s = &c->allow_origins[i];
        const char *text = str_or_empty(s->text);
        if ((s->type == MATCH_EXACT && (strcmp(text, origin) == 0 || strcmp(text, "*") == 0)) ||
            (s->type == MATCH_PREFIX && str_starts(origin, text)) ||
            (s->type == MATCH_REGEX &&
             regex_match(regex_compile(t->m->arena, text), origin, strlen(origin)) == REGEX_YES)) {
            return true;
        }
    }
    for (uint32_t i = 0; c->nallow_origins == 0 && i < c->allow_origin.n; i++) {
        if (strcmp(c->allow_origin.at[i], origin) == 0 || strcmp(c->allow_origin.at[i], "*") == 0) {
            return true;
        }
    }
    return false;
}

// A preflight request (OPTIONS with Origin and Access-Control-Request-Method) that the gateway answers itself
// (docs/rules/istio.md#cors-preflight).
static bool preflight(struct tracing *t, const struct http_cors *c)
{
    const char *origin = header(t, "origin");
    if (c == NULL || strcmp(t->view.method, "OPTIONS") != 0 || *origin == '\0' ||
        *header(t, "access-control-request-method") == '\0') {
        return false;
    }
    if (!origin_allowed(t, c, origin) && !str_eq(c->unmatched_preflights, "IGNORE")) {
        return false; // goes on to the service
    }
    trace_add_step(t, STEP_ACTION, false, "corsPolicy answers the preflight request");
    trace_end(t, TRACE_DIRECT, 200, "-", false, "200 from the gateway, for the browser");
    return true;
}

void trace_act(struct tracing *t, const struct route *r)
{
    const struct http_rule_more *x = more_of(r);
    bool delayed;
    bool routed = x->redirect == NULL && x->direct_response == NULL;
    if (routed) {
        add_destinations(t, r);
    }
    if (fault_fires(t, r, &delayed) || preflight(t, x->cors)) {
        return;
    }
    if (x->redirect != NULL) {
        redirect(t, r, x->redirect);
    } else if (x->direct_response != NULL) {
        direct(t, x->direct_response);
    } else {
        trace_add_step(t, STEP_ACTION, false, "route");
        forward(t, r, delayed);
    }
    if (delayed && t->out.outcome != TRACE_ROUTE) {
        t->out.flags = "DI";
    }
}
