// SPDX-License-Identifier: Apache-2.0
// A request against the conditions of a route, as Envoy judges them.
#include "kube/mesh/route/route_match.h"

#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/regex.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/match_conditions.h"

#include <string.h>

struct route_regexes {
    const struct regex *uri, *scheme, *method, *authority;
    const struct regex **headers, **without, **query;
};

static const struct regex *compiled(struct arena *a, const struct string_match *s)
{
    return s->type == MATCH_REGEX ? regex_compile(a, s->text) : NULL;
}

static const struct regex **compiled_map(struct arena *a, const struct named_match *at, uint32_t n)
{
    const struct regex **out = arena_calloc(a, n, sizeof *out);
    for (uint32_t i = 0; i < n; i++) {
        out[i] = compiled(a, &at[i].match);
    }
    return out;
}

// What the conditions compile to is kept in the route, once a request needs it: no request reaches most routes.
static const struct route_regexes *regexes_of(struct arena *a, const struct route *r)
{
    if (r->regexes == NULL) {
        struct route_regexes *x = arena_alloc(a, sizeof *x);
        x->uri = compiled(a, &r->match->uri);
        const struct http_match_more *more = r->match->more;
        if (more != NULL) {
            x->scheme = compiled(a, &more->scheme);
            x->method = compiled(a, &more->method);
            x->authority = compiled(a, &more->authority);
            x->headers = compiled_map(a, more->headers, more->nheaders);
            x->without = compiled_map(a, more->without_headers, more->nwithout_headers);
            x->query = compiled_map(a, more->query_params, more->nquery_params);
        }
        struct route *own = unconst(r);
        own->regexes = x;
    }
    return r->regexes;
}

static bool equal_n(const char *a, const char *b, size_t n, bool fold)
{
    return fold ? str_same_case(a, b, n) : memcmp(a, b, n) == 0;
}

static enum regex_answer judge(const struct string_match *s, const struct regex *re,
                               const char *value, size_t n, bool fold)
{
    const char *text = str_or_empty(s->text);
    size_t k = strlen(text);
    switch (s->type) {
    case MATCH_ABSENT:
    case MATCH_EMPTY:
        return REGEX_YES;
    case MATCH_EXACT:
        return k == n && equal_n(text, value, n, fold) ? REGEX_YES : REGEX_NO;
    case MATCH_PREFIX:
        return k <= n && equal_n(text, value, k, fold) ? REGEX_YES : REGEX_NO;
    case MATCH_REGEX:
        return regex_match(re, value, n);
    }
    return REGEX_NO;
}

const char *request_header(struct arena *a, const struct request_view *v, const char *name)
{
    if (*name == ':' || str_casecmp(name, "host") == 0) {
        return str_casecmp(name, ":path") == 0     ? v->path
               : str_casecmp(name, ":method") == 0 ? v->method
               : str_casecmp(name, ":scheme") == 0 ? v->scheme
               : str_casecmp(name, ":authority") == 0 || str_casecmp(name, "host") == 0
                   ? v->authority
                   : NULL;
    }
    // The gateway is the edge: it writes this one itself, whatever the client sent
    // (docs/rules/istio.md#headers-of-the-gateway).
    if (str_casecmp(name, "x-forwarded-proto") == 0) {
        return v->scheme;
    }
    // These two are always there: the gateway writes them where the client did not. Their text is not known.
    bool written =
        str_casecmp(name, "x-request-id") == 0 || str_casecmp(name, "x-forwarded-for") == 0;
    const char *value = NULL;
    for (uint32_t i = 0; i < v->headers.n; i++) {
        if (str_casecmp(v->headers.at[i].key, name) == 0) {
            value = value == NULL ? v->headers.at[i].value
                                  : arena_printf(a, "%s,%s", value, v->headers.at[i].value);
        }
    }
    return value == NULL && written ? "written by the gateway" : value;
}

const char *request_param(const struct request_view *v, const char *name, size_t *n)
{
    size_t k = strlen(name);
    for (const char *p = v->query; p != NULL;) {
        size_t len = strcspn(p, "&");
        const char *eq = memchr(p, '=', len);
        size_t key = eq != NULL ? (size_t)(eq - p) : len;
        if (key == k && memcmp(p, name, k) == 0) {
            *n = eq != NULL ? len - key - 1 : 0;
            return eq != NULL ? eq + 1 : p + len;
        }
        p = p[len] == '&' ? p + len + 1 : NULL;
    }
    return NULL;
}

struct judging {
    struct arena *a;
    const struct request_view *v;
    struct match_result *out;
    bool explain;
};

static bool fail(struct judging *j, const char *what, const char *name,
                 const struct string_match *s, enum regex_answer answer)
{
    struct arena *a = j->a;
    if (answer == REGEX_UNKNOWN) {
        const char *why = "it takes too long to decide";
        if (s->type == MATCH_REGEX) {
            (void)regex_check(s->text, NULL, &why);
        }
        j->out->unknown =
            arena_printf(a, "%s%s%s %s could not be decided%s%s and was taken as not met", what,
                         *name != '\0' ? " " : "", name, string_match_text(a, s),
                         why != NULL ? ": " : "", str_or_empty(why));
    }
    if (j->explain) {
        j->out->failed = arena_printf(a, "%s%s%s %s", what, *name != '\0' ? " " : "", name,
                                      string_match_text(a, s));
    }
    return false;
}

// A condition on method, scheme or authority (docs/rules/istio.md#method-scheme-authority).
static bool simple(struct judging *j, const char *what, const struct string_match *s,
                   const struct regex *re, const char *value)
{
    if (string_match_is_present(s)) {
        return true;
    }
    enum regex_answer answer = judge(s, re, value, strlen(value), false);
    return answer == REGEX_YES || fail(j, what, "", s, answer);
}

// docs/rules/istio.md#jwt-claims
static void assume_no_claim(struct judging *j, const char *claim)
{
    j->out->unknown =
        arena_printf(j->a, "the JWT claim %s is in no object; it was taken as not met", claim);
}

static bool headers_hold(struct judging *j, const struct http_match_more *x,
                         const struct route_regexes *re)
{
    for (uint32_t i = 0; i < x->nheaders; i++) {
        const struct named_match *h = &x->headers[i];
        if (header_is_claim(h->name)) {
            assume_no_claim(j, h->name);
            return fail(j, "claim", h->name, &h->match, REGEX_NO);
        }
        const char *value = request_header(j->a, j->v, h->name);
        if (value == NULL) {
            return fail(j, "header", h->name, &h->match, REGEX_NO);
        }
        enum regex_answer answer =
            string_match_is_present(&h->match)
                ? REGEX_YES
                : judge(&h->match, re->headers[i], value, strlen(value), false);
        if (answer != REGEX_YES) {
            return fail(j, "header", h->name, &h->match, answer);
        }
    }
    for (uint32_t i = 0; i < x->nwithout_headers; i++) {
        const struct named_match *h = &x->without_headers[i];
        if (header_is_claim(h->name)) {
            assume_no_claim(j, h->name);
            continue;
        }
        const char *value = request_header(j->a, j->v, h->name);
        enum regex_answer answer = string_match_is_present(&h->match)
                                       ? (value != NULL ? REGEX_YES : REGEX_NO)
                                       : judge(&h->match, re->without[i], str_or_empty(value),
                                               value != NULL ? strlen(value) : 0, false);
        if (answer != REGEX_NO) {
            return fail(j, "without header", h->name, &h->match, answer);
        }
    }
    return true;
}

static bool query_holds(struct judging *j, const struct http_match_more *x,
                        const struct route_regexes *re)
{
    for (uint32_t i = 0; i < x->nquery_params; i++) {
        const struct named_match *q = &x->query_params[i];
        size_t n = 0;
        const char *value = request_param(j->v, q->name, &n);
        if (value == NULL) {
            return fail(j, "query", q->name, &q->match, REGEX_NO);
        }
        enum regex_answer answer = string_match_is_present(&q->match)
                                       ? REGEX_YES
                                       : judge(&q->match, re->query[i], value, n, false);
        if (answer != REGEX_YES) {
            return fail(j, "query", q->name, &q->match, answer);
        }
    }
    return true;
}

struct match_result route_match(struct arena *keep, struct arena *scratch, const struct route *r,
                                const struct request_view *v, bool explain)
{
    struct match_result out = {0};
    struct judging j = {scratch, v, &out, explain};
    if (r->match == NULL) {
        out.passes = true;
        return out;
    }
    const struct http_match_more *x = r->match->more;
    const struct route_regexes *re = regexes_of(keep, r);
    bool fold = x != NULL && x->ignore_uri_case;
    enum regex_answer path = judge(&r->match->uri, re->uri, v->path, v->path_len, fold);
    if (path != REGEX_YES) {
        (void)fail(&j, "path", "", &r->match->uri, path);
        return out;
    }
    out.passes =
        x == NULL || (simple(&j, "method", &x->method, re->method, v->method) &&
                      simple(&j, "authority", &x->authority, re->authority, v->authority) &&
                      simple(&j, "scheme", &x->scheme, re->scheme, v->scheme) &&
                      headers_hold(&j, x, re) && query_holds(&j, x, re));
    return out;
}
