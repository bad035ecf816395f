// SPDX-License-Identifier: Apache-2.0
// Evaluates AuthorizationPolicies in three values: yes, no, and what a request alone does not show.
#include "kube/mesh/trace/access.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ip_network.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/policies.h"
#include "kube/mesh/trace/path_template_internal.h"

#include <string.h>

// In this order `and` is the least and `or` the greatest of them.
enum truth { NO, MAYBE, YES };

struct access_run {
    const struct mesh *m;
    const struct access_question *q;
    bool token; // the request carries one that a RequestAuthentication may read
    bool deny;  // conditions that need a request are dropped where there is none; else the rule is
    const struct workload_policy *const *policies; // AuthorizationPolicies for the workload
    uint32_t npolicies;
    const char *unknown; // why the last MAYBE was one
    const char **assumptions;
    uint32_t n, cap;
};

static void assume(struct access_run *j, const char *text)
{
    *ARENA_PUSH(j->m->arena, j->assumptions, j->n, j->cap) = text;
}

static enum truth maybe(struct access_run *j, const char *why)
{
    j->unknown = why;
    return MAYBE;
}

static enum truth not(enum truth t) { return t == MAYBE ? MAYBE : t == YES ? NO : YES; }

// --- values

// "*" is any text but none, "*x" an end, "x*" a beginning, anything else the whole text.
static bool text_fits(const char *pattern, const char *text)
{
    size_t n = strlen(pattern), len = strlen(text);
    if (strcmp(pattern, "*") == 0) {
        return len > 0;
    }
    if (pattern[0] == '*') {
        return len >= n - 1 && strncmp(text + len - (n - 1), pattern + 1, n - 1) == 0;
    }
    if (n > 0 && pattern[n - 1] == '*') {
        return len >= n - 1 && strncmp(text, pattern, n - 1) == 0;
    }
    return n == len && strncmp(text, pattern, n) == 0;
}

static enum truth path_fits(struct access_run *j, const char *pattern)
{
    const struct request_view *v = j->q->view;
    const char *path = arena_strndup(j->m->arena, v->path, v->path_len);
    bool template = strstr(pattern, "{*}") != NULL || strstr(pattern, "{**}") != NULL;
    return (template ? path_template_fits(pattern, path) : text_fits(pattern, path)) ? YES : NO;
}

// "request.headers[x-token]" is the header x-token.
static enum truth header_fits(struct access_run *j, const char *key, const char *pattern)
{
    const char *open = strchr(key, '[');
    size_t n = strcspn(open + 1, "]");
    const char *name = arena_strndup(j->m->arena, open + 1, n);
    static const char *const own[] = {"x-forwarded-for", "x-request-id"};
    for (size_t i = 0; i < ARRAY_COUNT(own); i++) {
        if (str_casecmp(own[i], name) == 0) {
            return maybe(j, arena_printf(j->m->arena, "the gateway writes the header %s", name));
        }
    }
    const char *value = request_header(j->m->arena, j->q->view, name);
    return value != NULL && (strcmp(pattern, "*") == 0 || text_fits(pattern, value)) ? YES : NO;
}

static enum truth address_fits(struct access_run *j, const char *block)
{
    if (j->q->source_ip == NULL) {
        return maybe(j, "it depends on the client's address: say --source-ip");
    }
    struct ip_network a = ip_network_of_address(j->q->source_ip);
    struct ip_network net =
        strchr(block, '/') != NULL ? ip_network_parse(block) : ip_network_of_address(block);
    return ip_network_has(&net, &a) ? YES : NO;
}

static enum truth peer_fits(struct access_run *j)
{
    const struct server_tls *tls = j->q->server->server->tls;
    bool asks = tls != NULL && (tls->mode == TLS_MUTUAL || tls->mode == TLS_OPTIONAL_MUTUAL ||
                                tls->mode == TLS_ISTIO_MUTUAL);
    return asks ? maybe(j, "it depends on the client's certificate") : NO;
}

static enum truth value_fits(struct access_run *j, const struct authz_condition *c,
                             const char *value)
{
    const struct request_view *v = j->q->view;
    int64_t port;
    switch (c->attribute) {
    case AUTHZ_PATH:
        return path_fits(j, value);
    case AUTHZ_METHOD:
        return text_fits(value, v->method) ? YES : NO;
    case AUTHZ_HOST:
        return text_fits(str_lower(j->m->arena, value), str_lower(j->m->arena, v->authority)) ? YES
                                                                                              : NO;
    case AUTHZ_PORT:
        return number_parse(value, strlen(value), 65535, &port) && port == j->q->server->listen
                   ? YES
                   : NO;
    case AUTHZ_SNI:
        return j->q->sni != NULL && text_fits(value, j->q->sni) ? YES : NO;
    case AUTHZ_CLIENT_IP:
        return address_fits(j, value);
    case AUTHZ_HEADER:
        return header_fits(j, c->name, value);
    case AUTHZ_PEER:
        return peer_fits(j);
    case AUTHZ_TOKEN:
        return j->token ? maybe(j, "it depends on the request's token") : NO;
    case AUTHZ_OTHER:
        return maybe(j, arena_printf(j->m->arena, "it depends on %s", c->name));
    case AUTHZ_UNKNOWN:
        break;
    }
    return NO;
}

static enum truth any_fits(struct access_run *j, const struct authz_condition *c,
                           const struct str_list *values)
{
    enum truth t = NO;
    for (uint32_t i = 0; i < values->n && t != YES; i++) {
        enum truth v = value_fits(j, c, values->at[i]);
        t = v > t ? v : t;
    }
    return t;
}

// --- rules

static bool needs_request(enum authz_attribute a)
{
    return a == AUTHZ_PATH || a == AUTHZ_METHOD || a == AUTHZ_HOST || a == AUTHZ_HEADER ||
           a == AUTHZ_TOKEN;
}

static enum truth condition_holds(struct access_run *j, const struct authz_condition *c)
{
    if (j->q->view == NULL && needs_request(c->attribute)) {
        return j->deny ? YES : NO;
    }
    if (c->attribute == AUTHZ_UNKNOWN) {
        return NO; // istiod leaves the rule out
    }
    enum truth is = c->values.n > 0 ? any_fits(j, c, &c->values) : YES;
    enum truth others = c->not_values.n > 0 ? not(any_fits(j, c, &c->not_values)) : YES;
    return is < others ? is : others;
}

static enum truth all_hold(struct access_run *j, const struct authz_group *g)
{
    enum truth t = YES;
    for (uint32_t i = 0; i < g->n && t != NO; i++) {
        enum truth c = condition_holds(j, &g->at[i]);
        t = c < t ? c : t;
    }
    return t;
}

static enum truth one_holds(struct access_run *j, const struct authz_group *at, uint32_t n)
{
    enum truth t = n == 0 ? YES : NO;
    for (uint32_t i = 0; i < n && t != YES; i++) {
        enum truth g = all_hold(j, &at[i]);
        t = g > t ? g : t;
    }
    return t;
}

static enum truth rule_holds(struct access_run *j, const struct authz_rule *r)
{
    enum truth t = all_hold(j, &r->when);
    enum truth from = t != NO ? one_holds(j, r->from, r->nfrom) : NO;
    t = from < t ? from : t;
    enum truth to = t != NO ? one_holds(j, r->to, r->nto) : NO;
    return to < t ? to : t;
}

// Whether a rule of the policy holds; *which is the first that does.
static enum truth policy_holds(struct access_run *j, const struct workload_policy *p,
                               uint32_t *which)
{
    enum truth t = NO;
    *which = 0;
    for (uint32_t i = 0; i < p->nrules && t != YES; i++) {
        enum truth r = rule_holds(j, &p->rules[i]);
        *which = r > t ? i : *which;
        t = r > t ? r : t;
    }
    return t;
}

// --- policies

enum { NAMES_SHOWN = 6 };

static bool has_action(const struct workload_policy *p, const char *action)
{
    return str_eq(str_empty(p->action) ? "ALLOW" : p->action, action);
}

// The next policy of the action; NULL: no more.
static const struct workload_policy *next(const struct access_run *j, const char *action,
                                          uint32_t *at)
{
    while (*at < j->npolicies) {
        const struct workload_policy *p = j->policies[(*at)++];
        if (has_action(p, action)) {
            return p;
        }
    }
    return NULL;
}

static void ask_providers(struct access_run *j)
{
    const struct workload_policy *p;
    uint32_t which;
    j->deny = true;
    for (uint32_t at = 0; (p = next(j, "CUSTOM", &at)) != NULL;) {
        if (policy_holds(j, p, &which) != NO) {
            assume(j,
                   arena_printf(j->m->arena,
                                "AuthorizationPolicy %s/%s asks provider %s: taken is that it lets "
                                "the request through",
                                p->o.ns, p->o.name, str_or_empty(p->provider)));
        }
    }
}

static const char *denied(struct access_run *j)
{
    struct arena *a = j->m->arena;
    const struct workload_policy *p;
    uint32_t which = 0;
    j->deny = true;
    for (uint32_t at = 0; (p = next(j, "DENY", &at)) != NULL;) {
        enum truth t = p->dry_run ? NO : policy_holds(j, p, &which);
        if (t == YES) {
            return arena_printf(a, "rule %u of AuthorizationPolicy %s/%s denies it", which, p->o.ns,
                                p->o.name);
        }
        if (t == MAYBE) {
            assume(j, arena_printf(a, "rule %u of AuthorizationPolicy %s/%s does not deny it: %s",
                                   which, p->o.ns, p->o.name, j->unknown));
        }
    }
    return NULL;
}

static const char *not_allowed(struct access_run *j)
{
    struct arena *a = j->m->arena;
    const struct workload_policy *p, *open = NULL;
    const char *names = "", *why = NULL;
    uint32_t which = 0, found = 0;
    j->deny = false;
    for (uint32_t at = 0; (p = next(j, "ALLOW", &at)) != NULL;) {
        if (p->dry_run) {
            continue;
        }
        enum truth t = policy_holds(j, p, &which);
        if (t == YES) {
            return NULL;
        }
        if (t == MAYBE && open == NULL) {
            open = p;
            why = j->unknown;
        }
        if (found++ < NAMES_SHOWN) {
            names = arena_concat(a, names, found > 1 ? ", " : "", p->o.ns, "/", p->o.name, NULL);
        }
    }
    if (open != NULL) {
        assume(j, arena_printf(a, "AuthorizationPolicy %s/%s allows it: %s", open->o.ns,
                               open->o.name, why));
        return NULL;
    }
    return found > 0 ? arena_printf(a, "no rule of AuthorizationPolicy %s%s allows it", names,
                                    found > NAMES_SHOWN ? " and others" : "")
                     : NULL;
}

// --- tokens

static bool has_header(const struct access_run *j, const char *name)
{
    return request_header(j->m->arena, j->q->view, name) != NULL;
}

static bool has_param(const struct access_run *j, const char *name)
{
    size_t n;
    return request_param(j->q->view, name, &n) != NULL;
}

static bool carries_token(struct access_run *j, const struct workload_policy *p)
{
    if (p->token_default && (has_header(j, "authorization") || has_param(j, "access_token"))) {
        return true;
    }
    for (uint32_t i = 0; i < p->token_headers.n; i++) {
        if (has_header(j, p->token_headers.at[i])) {
            return true;
        }
    }
    for (uint32_t i = 0; i < p->token_params.n; i++) {
        if (has_param(j, p->token_params.at[i])) {
            return true;
        }
    }
    return false;
}

static void read_tokens(struct access_run *j)
{
    uint32_t n;
    const struct workload_policy *const *all =
        policies_for(j->m, KIND_REQUESTAUTHENTICATION, j->q->w, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct workload_policy *p = all[i];
        if (carries_token(j, p)) {
            j->token = true;
            assume(j, arena_printf(j->m->arena,
                                   "the request's token is one that RequestAuthentication %s/%s "
                                   "takes; another is answered 401",
                                   p->o.ns, p->o.name));
        }
    }
    // One that is not known may read a token all the same.
    j->token = j->token ||
               (!mesh_complete(j->m, KIND_REQUESTAUTHENTICATION) && has_header(j, "authorization"));
}

// From a cluster, nothing is silently taken for absent.
static void note_unread(struct access_run *j)
{
    static const enum kind sorts[] = {KIND_AUTHORIZATIONPOLICY, KIND_REQUESTAUTHENTICATION};
    for (size_t i = 0; i < ARRAY_COUNT(sorts); i++) {
        const char *why = absence_reason(j->m, sorts[i]);
        if (why != NULL && !absence_in_excerpt(j->m, sorts[i]) &&
            mesh_state(j->m, sorts[i])->state != SYNC_NOT_INSTALLED) {
            assume(j, arena_printf(j->m->arena, "no %s refuses it: %s", kinds[sorts[i]].kind, why));
        }
    }
}

struct access_answer access_judge(const struct mesh *m, const struct access_question *q)
{
    struct access_run j = {.m = m, .q = q};
    j.policies = policies_for(m, KIND_AUTHORIZATIONPOLICY, q->w, &j.npolicies);
    note_unread(&j);
    if (q->view != NULL) {
        read_tokens(&j);
    }
    ask_providers(&j);
    const char *refused = denied(&j);
    if (refused == NULL) {
        refused = not_allowed(&j);
    }
    return (struct access_answer){refused, j.assumptions, j.n};
}
