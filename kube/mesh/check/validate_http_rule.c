// SPDX-License-Identifier: Apache-2.0
// Validation of one http rule of a VirtualService: docs/rules/istio.md#validate-one-action,
// docs/rules/istio.md#validate-match and, at each function, its own.
#include "kube/base/array.h"
#include "kube/base/regex.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/name_syntax_internal.h"
#include "kube/mesh/check/validate_fields_internal.h"
#include "kube/mesh/check/validation_internal.h"
#include "kube/mesh/route/rule_action.h"

#include <stdlib.h>
#include <string.h>

struct rule_place { // the current rule
    struct check *c;
    const struct object *o;
    const struct http_rule *r;
    const char *path;
};

static const char *at(const struct rule_place *x, const char *field)
{
    return check_text(x->c, "%s.%s", x->path, field);
}

#define BAD(x, field, ...) INVALID((x)->c, (x)->o, at(x, field), __VA_ARGS__)
#define HINT(x, f, ...) check_hint((x)->c, f, __VA_ARGS__)

// --- conditions

// docs/rules/istio.md#validate-regex
static void regex(const struct rule_place *x, const char *path, const char *re)
{
    size_t place;
    const char *why;
    if (re[0] == '\0') {
        struct finding *f = INVALID(x->c, x->o, path, "a regex may not be empty");
        HINT(x, f, "write {} for \"present\", or remove the condition");
    } else if (!regex_check(re, &place, &why)) {
        struct finding *f =
            INVALID(x->c, x->o, path, "the regex \"%s\" is refused at character %zu: %s", re,
                    place + 1, why);
        HINT(x, f, "Istio takes RE2 expressions: .* matches everything");
    }
}

static void string_match(const struct rule_place *x, const char *path, const struct string_match *s,
                         bool empty_prefix)
{
    if (s->type == MATCH_REGEX) {
        regex(x, path, s->text);
    } else if (s->type == MATCH_PREFIX && s->text[0] == '\0' && !empty_prefix) {
        struct finding *f = INVALID(x->c, x->o, path, "a prefix may not be empty here");
        HINT(x, f, "write {} for \"present\", or remove the condition");
    }
}

static void headers_match(const struct rule_place *x, const char *path,
                          const struct named_match *list, uint32_t n, bool without)
{
    for (uint32_t i = 0; i < n; i++) {
        const char *place = check_text(x->c, "%s[\"%s\"]", path, list[i].name);
        if (!valid_header_match_name(list[i].name)) {
            INVALID(x->c, x->o, place, "\"%s\" is no name of a header", list[i].name);
        }
        // "regex: *" is no expression, but without headers it is how absence used to be written
        if (!(without && list[i].match.type == MATCH_REGEX && str_eq(list[i].match.text, "*"))) {
            string_match(x, place, &list[i].match, false);
        }
    }
}

static void match(const struct rule_place *x, const struct http_match *m, uint32_t i)
{
    const char *path = check_text(x->c, "%s.match[%u]", x->path, i);
    string_match(x, check_text(x->c, "%s.uri", path), &m->uri, true);
    const struct http_match_more *more = m->more;
    if (more == NULL) {
        return;
    }
    string_match(x, check_text(x->c, "%s.scheme", path), &more->scheme, false);
    string_match(x, check_text(x->c, "%s.method", path), &more->method, false);
    string_match(x, check_text(x->c, "%s.authority", path), &more->authority, false);
    headers_match(x, check_text(x->c, "%s.headers", path), more->headers, more->nheaders, false);
    headers_match(x, check_text(x->c, "%s.withoutHeaders", path), more->without_headers,
                  more->nwithout_headers, true);
    for (uint32_t k = 0; k < more->nquery_params; k++) {
        string_match(x,
                     check_text(x->c, "%s.queryParams[\"%s\"]", path, more->query_params[k].name),
                     &more->query_params[k].match, false);
    }
    if (more->port != 0 && !valid_port(more->port)) {
        INVALID(x->c, x->o, check_text(x->c, "%s.port", path),
                "the port %u is not between 1 and 65535", more->port);
    }
    validate_labels(x->c, x->o, &more->source_labels, check_text(x->c, "%s.sourceLabels", path));
    validate_gateway_names(x->c, x->o, &more->gateways, check_text(x->c, "%s.gateways", path));
    if (!str_empty(more->source_namespace) && !valid_label(more->source_namespace)) {
        INVALID(x->c, x->o, check_text(x->c, "%s.sourceNamespace", path), "\"%s\" is no namespace",
                more->source_namespace);
    }
}

// --- actions

static void one_action(const struct rule_place *x, bool delegate)
{
    const struct http_rule_more *m = x->r->more;
    bool route = x->r->nroutes > 0;
    if (m == NULL) {
        if (!route) {
            struct finding *f = INVALID(x->c, x->o, x->path, "the rule does nothing");
            HINT(x, f, "give it a route, a redirect, a directResponse or a delegate");
        }
        return;
    }
    if (m->delegate && delegate) {
        BAD(x, "delegate", "a delegate cannot delegate further");
    } else if (m->delegate) {
        if (m->redirect != NULL || route) {
            BAD(x, m->redirect != NULL ? "redirect" : "route",
                "a rule with a delegate has no %s of its own",
                m->redirect != NULL ? "redirect" : "route");
        }
        return;
    }
    if (m->redirect != NULL) {
        const char *other = route                        ? "route"
                            : m->fault != NULL           ? "fault"
                            : m->rewrite != NULL         ? "rewrite"
                            : m->direct_response != NULL ? "directResponse"
                                                         : NULL;
        if (other != NULL) {
            BAD(x, other, "a rule cannot have both a redirect and a %s", other);
        }
    } else if (m->direct_response != NULL) {
        const char *other = route                ? "route"
                            : m->fault != NULL   ? "fault"
                            : m->rewrite != NULL ? "rewrite"
                                                 : NULL;
        if (other != NULL) {
            BAD(x, other, "a rule cannot have both a directResponse and a %s", other);
        }
    } else if (!route) {
        struct finding *f = INVALID(x->c, x->o, x->path, "the rule has no action");
        HINT(x, f, "give it a route, a redirect, a directResponse or a delegate");
    }
    if (m->mirror != NULL && m->nmirrors > 0) {
        BAD(x, "mirror", "a rule cannot have both mirror and mirrors");
    }
}

// docs/rules/istio.md#validate-redirect
static void redirect(const struct rule_place *x, const struct http_redirect *r)
{
    bool uri = !str_empty(r->uri), prefix = !str_empty(r->prefix_rewrite);
    bool port = r->port_set || r->derive_port != NULL;
    if (uri && prefix) {
        BAD(x, "redirect", "a redirect cannot have both uri and prefixRewrite");
    }
    if (!uri && !prefix && str_empty(r->authority) && str_empty(r->scheme) && !port) {
        struct finding *f = BAD(x, "redirect", "the redirect changes nothing");
        HINT(x, f, "give it a uri, an authority, a scheme or a port");
    }
    for (uint32_t i = 0; prefix && i < x->r->nmatches; i++) {
        if (x->r->matches[i].uri.type != MATCH_PREFIX) {
            BAD(x, "redirect.prefixRewrite", "prefixRewrite needs a uri prefix in every match");
            break;
        }
    }
    if (r->code != 0 && (r->code < 300 || r->code > 399)) {
        struct finding *f =
            BAD(x, "redirect.redirectCode", "%lld is no redirect", (long long)r->code);
        HINT(x, f, "write " REDIRECT_CODES);
    }
    if (!str_empty(r->scheme) && !str_eq(r->scheme, "http") && !str_eq(r->scheme, "https")) {
        BAD(x, "redirect.scheme", "the scheme \"%s\" is neither http nor https", r->scheme);
    }
    if (r->port > 0 && !valid_port(r->port)) {
        BAD(x, "redirect.port", "the port %lld is not between 1 and 65535", (long long)r->port);
    }
}

static bool http_status(int64_t n)
{
    return n >= 200 && n <= 600;
}

// docs/rules/istio.md#validate-direct-response
static void direct_response(const struct rule_place *x, const struct http_direct_response *d)
{
    if (!http_status(d->status)) {
        BAD(x, "directResponse.status", "%lld is no HTTP status", (long long)d->status);
    }
    if (d->length > 1048576) {
        BAD(x, "directResponse.body", "the body has more than 1 MB");
    } else if (d->length > 102400) {
        QUESTIONABLE(x->c, x->o, at(x, "directResponse.body"), "the body has more than 100 KB");
    }
}

// docs/rules/istio.md#validate-rewrite
static void rewrite(const struct rule_place *x, const struct http_rewrite *w)
{
    if (!str_empty(w->uri) && w->regex_set) {
        BAD(x, "rewrite", "a rewrite cannot have both uri and uriRegexRewrite");
    } else if (str_empty(w->uri) && !w->regex_set && str_empty(w->authority)) {
        struct finding *f = BAD(x, "rewrite", "the rewrite changes nothing");
        HINT(x, f, "give it a uri, a uriRegexRewrite or an authority");
    } else if (w->regex_set && (str_empty(w->regex_match) || str_empty(w->regex_rewrite))) {
        BAD(x, "rewrite.uriRegexRewrite", "uriRegexRewrite needs both match and rewrite");
    } else if (w->regex_set) {
        regex(x, at(x, "rewrite.uriRegexRewrite.match"), w->regex_match);
    }
}

// --- policies

static void duration(const struct rule_place *x, const char *field, int64_t ms)
{
    if (ms != DURATION_NONE && ms < 1) {
        struct finding *f = BAD(x, field, "%s must be at least 1ms", field);
        HINT(x, f, "remove it to have none");
    }
}

static void percentage(const struct rule_place *x, const char *field, const struct percent *p)
{
    if (p->set && (p->value < 0 || p->value > 100 || (p->value > 0 && p->value < 0.0001))) {
        BAD(x, field, "%s is neither 0 nor between 0.0001 and 100", field);
    }
}

static bool grpc_status(const char *s)
{
    static const char *const words[] = {"OK",
                                        "CANCELLED",
                                        "UNKNOWN",
                                        "INVALID_ARGUMENT",
                                        "DEADLINE_EXCEEDED",
                                        "NOT_FOUND",
                                        "ALREADY_EXISTS",
                                        "PERMISSION_DENIED",
                                        "RESOURCE_EXHAUSTED",
                                        "FAILED_PRECONDITION",
                                        "ABORTED",
                                        "OUT_OF_RANGE",
                                        "UNIMPLEMENTED",
                                        "INTERNAL",
                                        "UNAVAILABLE",
                                        "DATA_LOSS",
                                        "UNAUTHENTICATED"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (str_eq(words[i], s)) {
            return true;
        }
    }
    return false;
}

// docs/rules/istio.md#validate-fault
static void fault(const struct rule_place *x, const struct http_fault *f)
{
    if (!f->has_abort && !f->has_delay) {
        BAD(x, "fault", "a fault needs an abort or a delay");
    }
    if (f->has_abort) {
        percentage(x, "fault.abort.percentage", &f->abort_percentage);
        if (f->grpc_status != NULL && !grpc_status(f->grpc_status)) {
            BAD(x, "fault.abort.grpcStatus", "\"%s\" is no status of gRPC", f->grpc_status);
        } else if (f->http2_error != NULL) {
            BAD(x, "fault.abort.http2Error", "http2Error is not supported");
        } else if (f->grpc_status == NULL && f->http_status == 0) {
            QUESTIONABLE(x->c, x->o, at(x, "fault.abort"), "the abort has no status");
        } else if (f->grpc_status == NULL && !http_status(f->http_status)) {
            BAD(x, "fault.abort.httpStatus", "%lld is no HTTP status", (long long)f->http_status);
        }
    }
    if (f->has_delay) {
        percentage(x, "fault.delay.percentage", &f->delay_percentage);
        duration(x, "fault.delay.fixedDelay", f->fixed_delay);
        if (f->exponential_delay) {
            BAD(x, "fault.delay.exponentialDelay", "exponentialDelay is not supported");
        }
    }
}

static bool retry_word(const char *s, size_t n)
{
    static const char *const words[] = {"5xx",
                                        "gateway-error",
                                        "reset",
                                        "reset-before-request",
                                        "connect-failure",
                                        "retriable-4xx",
                                        "refused-stream",
                                        "retriable-status-codes",
                                        "retriable-headers",
                                        "envoy-ratelimited",
                                        "http3-post-connect-failure",
                                        "cancelled",
                                        "deadline-exceeded",
                                        "internal",
                                        "resource-exhausted",
                                        "unavailable"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (str_is(s, n, words[i])) {
            return true;
        }
    }
    // a status code that HTTP knows
    static const struct {
        int from, to;
    } codes[] = {{100, 103}, {200, 208}, {226, 226}, {300, 305}, {307, 308}, {400, 418},
                 {421, 426}, {428, 429}, {431, 431}, {451, 451}, {500, 508}, {510, 511}};
    if (n != 3 || strspn(s, "0123456789") < 3) {
        return false;
    }
    int code = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
    for (size_t i = 0; i < ARRAY_COUNT(codes); i++) {
        if (code >= codes[i].from && code <= codes[i].to) {
            return true;
        }
    }
    return false;
}

// docs/rules/istio.md#validate-retries
static void retries(const struct rule_place *x, const struct http_retries *r)
{
    if (r->attempts < 0) {
        BAD(x, "retries.attempts", "the attempts cannot be negative");
    }
    if (r->attempts == 0 &&
        (r->per_try_timeout != DURATION_NONE || !str_empty(r->retry_on) || r->remote_localities)) {
        struct finding *f =
            BAD(x, "retries", "retries are configured, but attempts is 0: they are off");
        HINT(x, f, "set attempts, or remove the rest");
    }
    duration(x, "retries.perTryTimeout", r->per_try_timeout);
    duration(x, "retries.backoff", r->backoff);
    for (const char *p = r->retry_on; !str_empty(p);) {
        size_t n = strcspn(p, ",");
        if (!retry_word(p, n)) {
            struct finding *f =
                BAD(x, "retries.retryOn", "\"%.*s\" is no condition for a retry", (int)n, p);
            HINT(x, f, "write words such as 5xx,connect-failure without spaces");
        }
        if (p[n] == ',' && p[n + 1] == '\0') {
            BAD(x, "retries.retryOn", "retryOn ends with a comma");
        }
        p += n + (p[n] == ',' ? 1 : 0);
    }
}

// docs/rules/istio.md#validate-mirrors
static void mirrors(const struct rule_place *x, const struct http_rule_more *m)
{
    if (m->mirror_percent >= 0) {
        struct finding *f =
            QUESTIONABLE(x->c, x->o, at(x, "mirrorPercent"), "mirrorPercent is deprecated");
        HINT(x, f, "write mirrorPercentage: {value: %lld}", (long long)m->mirror_percent);
        if (m->mirror_percent > 100) {
            BAD(x, "mirrorPercent", "mirrorPercent is over 100");
        }
    }
    if (m->mirror_percentage.set &&
        (m->mirror_percentage.value < 0 || m->mirror_percentage.value > 100)) {
        BAD(x, "mirrorPercentage", "mirrorPercentage is not between 0 and 100");
    }
    if (m->mirror != NULL) {
        validate_destination(x->c, x->o, &m->mirror->destination, at(x, "mirror"));
    }
    for (uint32_t i = 0; i < m->nmirrors; i++) {
        const char *field = check_text(x->c, "mirrors[%u].destination", i);
        if (!m->mirrors[i].destination.present) {
            BAD(x, field, "an entry of mirrors has no destination");
            continue;
        }
        validate_destination(x->c, x->o, &m->mirrors[i].destination, at(x, field));
        if (m->mirrors[i].percentage.set &&
            (m->mirrors[i].percentage.value < 0 || m->mirrors[i].percentage.value > 100)) {
            BAD(x, check_text(x->c, "mirrors[%u].percentage", i),
                "the percentage is not between 0 and 100");
        }
    }
}

// docs/rules/istio.md#validate-cors
static void cors(const struct rule_place *x, const struct http_cors *p)
{
    static const char *const methods[] = {"GET",    "HEAD",    "POST",    "PUT",   "PATCH",
                                          "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"};
    for (uint32_t i = 0; i < p->nallow_origins; i++) {
        const char *field = check_text(x->c, "corsPolicy.allowOrigins[%u]", i);
        const struct string_match *s = &p->allow_origins[i];
        if (str_empty(s->text)) {
            BAD(x, field, "an allowed origin is empty");
        } else if (s->type == MATCH_REGEX) {
            regex(x, at(x, field), s->text);
        }
    }
    for (uint32_t i = 0; i < p->allow_methods.n; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_COUNT(methods); k++) {
            known = known || str_eq(methods[k], p->allow_methods.at[i]);
        }
        if (!known) {
            BAD(x, check_text(x->c, "corsPolicy.allowMethods[%u]", i), "\"%s\" is no HTTP method",
                p->allow_methods.at[i]);
        }
    }
    const struct str_list *lists[2] = {&p->allow_headers, &p->expose_headers};
    for (size_t l = 0; l < 2; l++) {
        for (uint32_t i = 0; i < lists[l]->n; i++) {
            if (!valid_http_token(lists[l]->at[i])) { // "*" is a token too
                BAD(x,
                    check_text(x->c, "corsPolicy.%s[%u]", l == 0 ? "allowHeaders" : "exposeHeaders",
                               i),
                    "\"%s\" is no name of a header", lists[l]->at[i]);
            }
        }
    }
    duration(x, "corsPolicy.maxAge", p->max_age);
    if (p->max_age != DURATION_NONE && p->max_age % 1000 != 0) {
        BAD(x, "corsPolicy.maxAge", "maxAge must be whole seconds");
    }
}

// --- header operations

static bool is_authority(const char *name)
{
    return str_casecmp(name, ":authority") == 0 || str_casecmp(name, "host") == 0;
}

// docs/rules/istio.md#validate-headers
static void header_name(const struct rule_place *x, const char *path, const char *name,
                        bool may_set_authority)
{
    if (name[0] == '\0') {
        INVALID(x->c, x->o, path, "the name of a header is empty");
    } else if ((name[0] == ':' || is_authority(name)) &&
               !(may_set_authority && is_authority(name))) {
        struct finding *f =
            INVALID(x->c, x->o, path, "the header \"%s\" cannot be changed here", name);
        HINT(x, f, "only headers.request.set or add may change host and :authority");
    }
}

static void header_values(const struct rule_place *x, const char *path, const struct str_map *map,
                          bool request)
{
    for (uint32_t i = 0; i < map->n; i++) {
        header_name(x, path, map->at[i].key, request);
        if (!valid_header_value(map->at[i].value)) {
            struct finding *f = INVALID(x->c, x->o, path, "the value of header \"%s\" is not valid",
                                        map->at[i].key);
            HINT(x, f, "double a percent sign: %%%%");
        }
    }
}

static void header_ops(const struct rule_place *x, const struct headers *h, const char *path)
{
    if (h == NULL) {
        return;
    }
    const struct header_ops *ops[2] = {&h->request, &h->response};
    for (int i = 0; i < 2; i++) {
        const char *side = check_text(x->c, "%s.headers.%s", path, i == 0 ? "request" : "response");
        header_values(x, check_text(x->c, "%s.set", side), &ops[i]->set, i == 0);
        header_values(x, check_text(x->c, "%s.add", side), &ops[i]->add, i == 0);
        for (uint32_t k = 0; k < ops[i]->remove.n; k++) {
            header_name(x, check_text(x->c, "%s.remove[%u]", side, k), ops[i]->remove.at[k], false);
        }
    }
}

// docs/rules/istio.md#validate-rewrite
static void one_authority(const struct rule_place *x, const struct http_rule_more *m)
{
    int set = m->rewrite != NULL && !str_empty(m->rewrite->authority) ? 1 : 0;
    const struct str_map *maps[2] = {m->headers != NULL ? &m->headers->request.set : NULL,
                                     m->headers != NULL ? &m->headers->request.add : NULL};
    for (int i = 0; i < 2; i++) {
        for (uint32_t k = 0; maps[i] != NULL && k < maps[i]->n; k++) {
            set += is_authority(maps[i]->at[k].key) && maps[i]->at[k].value[0] != '\0' ? 1 : 0;
        }
    }
    if (set > 1) {
        struct finding *f = BAD(x, "headers", "the authority is set in more than one place");
        HINT(x, f, "keep one of rewrite.authority and headers.request");
    }
}

void validate_http_rule(struct check *c, const struct virtualservice *vs, const struct http_rule *r,
                        const char *path)
{
    struct rule_place x = {c, &vs->o, r, path};
    one_action(&x, vs->hosts.n == 0);
    for (uint32_t i = 0; i < r->nmatches; i++) {
        match(&x, &r->matches[i], i);
    }
    validate_weights(c, &vs->o, r->routes, r->nroutes, path);
    for (uint32_t i = 0; i < r->nroutes; i++) {
        header_ops(&x, r->routes[i].headers, check_text(c, "%s.route[%u]", path, i));
    }
    const struct http_rule_more *m = r->more;
    if (m == NULL) {
        return;
    }
    header_ops(&x, m->headers, path);
    one_authority(&x, m);
    if (m->redirect != NULL) {
        redirect(&x, m->redirect);
    }
    if (m->direct_response != NULL) {
        direct_response(&x, m->direct_response);
    }
    if (m->rewrite != NULL) {
        rewrite(&x, m->rewrite);
    }
    if (m->fault != NULL) {
        fault(&x, m->fault);
    }
    if (m->retries != NULL) {
        retries(&x, m->retries);
    }
    if (m->cors != NULL) {
        cors(&x, m->cors);
    }
    mirrors(&x, m);
    duration(&x, "timeout", m->timeout);
}
