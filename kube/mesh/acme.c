// SPDX-License-Identifier: Apache-2.0
// What an ACME server says, read from text.
#include "kube/mesh/acme.h"

#include "kube/base/text.h"

#include "kube/mesh/issuance.h"

#include <ctype.h>
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

#define URN "urn:ietf:params:acme:error:"

enum acme_environment acme_environment(const char *url)
{
    static const struct {
        const char *host;
        enum acme_environment env;
    } hosts[] = {
        {"acme-v02.api.letsencrypt.org", ACME_PRODUCTION},
        {"acme-staging-v02.api.letsencrypt.org", ACME_STAGING},
        {"acme-v01.api.letsencrypt.org", ACME_DEAD},
        {"acme-staging.api.letsencrypt.org", ACME_DEAD},
    };
    if (url == NULL) {
        return ACME_OTHER;
    }
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t n = strcspn(host, "/:?#");
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        if (strlen(hosts[i].host) == n) {
            size_t k = 0;
            while (k < n && tolower((unsigned char)host[k]) == hosts[i].host[k]) {
                k++;
            }
            if (k == n) {
                return hosts[i].env;
            }
        }
    }
    return ACME_OTHER;
}

const char *acme_environment_name(enum acme_environment e)
{
    static const char *const names[] = {"other CA", "production", "staging", "retired v1 server"};
    return names[e];
}

bool acme_error_parse(struct arena *a, const char *text, struct acme_error *out)
{
    memset(out, 0, sizeof *out);
    const char *urn = text != NULL ? strstr(text, URN) : NULL;
    if (urn == NULL) {
        return false;
    }
    const char *p = urn;
    if (p > text && p[-1] == ' ') {
        const char *digits = p - 1;
        while (digits > text && isdigit((unsigned char)digits[-1])) {
            digits--;
        }
        size_t n = (size_t)(p - 1 - digits);
        if (n == 3 && (digits == text || !isalnum((unsigned char)digits[-1]))) {
            out->code = atoi(digits);
        }
    }
    const char *type = urn + sizeof URN - 1;
    size_t n = 0;
    while (isalnum((unsigned char)type[n])) {
        n++;
    }
    out->type = arena_strndup(a, type, n);
    const char *detail = type + n;
    if (strncmp(detail, " :: ", 4) == 0) { // the older spelling
        detail += 4;
    } else {
        detail += *detail == ':' ? 1 : 0;
        detail += *detail == ' ' ? 1 : 0;
    }
    const char *end = strstr(detail, "; subproblems:");
    out->detail =
        end != NULL ? arena_strndup(a, detail, (size_t)(end - detail)) : arena_strdup(a, detail);
    return true;
}

int64_t acme_retry_after(const char *text)
{
    static const char mark[] = "retry after ";
    const char *at = text;
    while (at != NULL && (at = strstr(at, mark)) != NULL) {
        at += sizeof mark - 1;
        char stamp[32] = "";
        size_t n = 0;
        while (n < 25 && at[n] != '\0' && strchr("0123456789-:TZ+. ", at[n]) != NULL) {
            stamp[n] = at[n];
            n++;
        }
        stamp[n] = '\0';
        if (n >= 19 && stamp[10] == ' ') { // "2026-09-01 10:00:00 UTC"
            stamp[10] = 'T';
            stamp[19] = 'Z';
            stamp[20] = '\0';
        } else if (n >= 20) {
            char *z = strchr(stamp, 'Z');
            if (z != NULL) {
                z[1] = '\0';
            } else if (strlen(stamp) >= 25) {
                stamp[25] = '\0';
            }
        }
        int64_t t = time_parse(stamp);
        if (t != TIME_NONE) {
            return t;
        }
    }
    return TIME_NONE;
}

enum acme_limit acme_limit(const char *text)
{
    static const struct {
        const char *needle;
        enum acme_limit limit;
    } table[] = {
        {"exact set of", ACME_LIMIT_IDENTICAL},
        {"too many failed authorizations", ACME_LIMIT_FAILURES},
        {"paused", ACME_LIMIT_PAUSED},
        {"too many new orders", ACME_LIMIT_ORDERS},
        {"too many new registrations", ACME_LIMIT_ACCOUNTS},
        {"too many registrations", ACME_LIMIT_ACCOUNTS},
        {"already issued for", ACME_LIMIT_DOMAIN},
    };
    for (size_t i = 0; text != NULL && i < sizeof table / sizeof *table; i++) {
        if (str_contains_case(text, table[i].needle)) {
            return table[i].limit;
        }
    }
    return ACME_LIMIT_UNKNOWN;
}

const char *acme_limit_name(enum acme_limit l)
{
    static const char *const names[] = {
        "a limit it does not name",
        "identical certificates (5 in 7 days)",
        "certificates of the registered domain (50 in 7 days)",
        "new orders of the account (300 in 3 hours)",
        "failed authorizations of the name (5 in an hour)",
        "new accounts of the address",
        "the name is paused after too many failures in a row",
    };
    return names[l];
}

const char *acme_registered_domain(struct arena *a, const char *host)
{
    if (host == NULL) {
        return NULL;
    }
    if (strncmp(host, "*.", 2) == 0) {
        host += 2;
    }
    char *lower = str_lower(a, host);
    size_t n = strlen(lower);
    if (n != 0 && lower[n - 1] == '.') {
        lower[n - 1] = '\0';
    }
    const psl_ctx_t *psl = psl_builtin();
    return psl != NULL ? psl_registrable_domain(psl, lower) : NULL;
}

// --- the budget

#define WEEK (7 * 86400)

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const char **sorted_names(struct arena *a, const struct str_list *l)
{
    const char **out = arena_alloc(a, (l->n + 1) * sizeof *out);
    for (uint32_t i = 0; i < l->n; i++) {
        out[i] = str_lower(a, l->at[i]);
    }
    qsort(out, l->n, sizeof *out, by_text);
    return out;
}

static bool same_names(struct arena *a, const struct str_list *x, const struct str_list *y)
{
    if (x->n != y->n) {
        return false;
    }
    const char **p = sorted_names(a, x), **q = sorted_names(a, y);
    for (uint32_t i = 0; i < x->n; i++) {
        if (strcmp(p[i], q[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool names_in_domain(struct arena *a, const struct str_list *l, const char *domain)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (str_eq(acme_registered_domain(a, l->at[i]), domain)) {
            return true;
        }
    }
    return false;
}

static bool shares_name(const struct str_list *l, const char *name)
{
    for (uint32_t i = 0; i < l->n; i++) {
        const char *n = strncmp(l->at[i], "*.", 2) == 0 ? l->at[i] + 2 : l->at[i];
        if (str_casecmp(n, name) == 0) {
            return true;
        }
    }
    return false;
}

static int earliest_first(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

int64_t acme_next_slot(int64_t *at, uint32_t n, int limit, int64_t period, int64_t now)
{
    // The bucket as one instant: when it will be full again.
    int64_t cost = period / limit, full = now - period;
    qsort(at, n, sizeof *at, earliest_first);
    for (uint32_t i = 0; i < n; i++) {
        full = i == 0 || full < at[i] ? at[i] : full;
        full += cost;
        if (full > at[i] + period) { // more than the limit, by an exemption: empty is empty
            full = at[i] + period;
        }
    }
    int64_t slot = full - period + cost;
    return slot > now ? slot : now;
}

// What took from one limit: all instants that are known, and how many of them are in its period.
struct taken {
    int64_t *at;
    uint32_t n;
    int recent;
};

static void take(struct taken *t, int64_t when, int64_t period, int64_t now)
{
    t->at[t->n++] = when;
    t->recent += when > now - period;
}

// The directory that an issuer's orders go to, NULL where it is not known.
static const char *server_of(const struct mesh *m, const struct issuer_ref *ref, const char *ns)
{
    struct issuer_status i;
    issuer_status(m, ref, ns, &i);
    return i.object != NULL ? i.object->server : NULL;
}

static bool same_server(const struct mesh *m, const char *server, const struct issuer_ref *ref,
                        const char *ns)
{
    const char *other = server != NULL ? server_of(m, ref, ns) : NULL;
    return other == NULL || str_casecmp(server, other) == 0;
}

static bool happened(const struct mesh *m, const struct object *o)
{
    return o->created != TIME_NONE && o->created <= m->now;
}

void acme_budget(const struct mesh *m, const struct certificate *c, struct acme_budget *out)
{
    memset(out, 0, sizeof *out);
    out->issued_limit = 50;
    out->identical_limit = 5;
    out->failures_limit = 5;
    for (uint32_t i = 0; i < c->dns_names.n && out->domain == NULL; i++) {
        out->domain = acme_registered_domain(m->arena, c->dns_names.at[i]);
    }
    const char *server = server_of(m, &c->issuer, c->o.ns);
    uint32_t n, k;
    const struct object *const *orders = mesh_all(m, KIND_ORDER, &n);
    const struct object *const *challenges = mesh_all(m, KIND_CHALLENGE, &k);
    struct taken issued = {arena_alloc(m->arena, ((size_t)n + 1) * sizeof(int64_t)), 0, 0};
    struct taken same = {arena_alloc(m->arena, ((size_t)n + 1) * sizeof(int64_t)), 0, 0};
    struct taken failed = {arena_alloc(m->arena, ((size_t)k + 1) * sizeof(int64_t)), 0, 0};
    for (uint32_t i = 0; i < n; i++) {
        const struct order *o = OBJECT_AS(order, orders[i]);
        if (!str_eq(o->state, "valid") || !happened(m, &o->o)) {
            continue;
        }
        bool near = out->domain != NULL && names_in_domain(m->arena, &o->dns_names, out->domain);
        bool alike = same_names(m->arena, &o->dns_names, &c->dns_names);
        if ((!near && !alike) || !same_server(m, server, &o->issuer, o->o.ns)) {
            continue; // the names first: they cost less than finding the issuer
        }
        if (near) {
            take(&issued, o->o.created, WEEK, m->now);
        }
        if (alike) {
            take(&same, o->o.created, WEEK, m->now);
        }
    }
    for (uint32_t i = 0; i < k; i++) {
        const struct challenge *h = OBJECT_AS(challenge, challenges[i]);
        if (str_eq(h->state, "invalid") && h->dns_name != NULL && happened(m, &h->o) &&
            shares_name(&c->dns_names, h->dns_name) &&
            same_server(m, server, &h->issuer, h->o.ns)) {
            take(&failed, h->o.created, 3600, m->now);
        }
    }
    out->issued = issued.recent;
    out->identical = same.recent;
    out->failures = failed.recent;
    const int64_t slots[] = {
        acme_next_slot(issued.at, issued.n, out->issued_limit, WEEK, m->now),
        acme_next_slot(same.at, same.n, out->identical_limit, WEEK, m->now),
        acme_next_slot(failed.at, failed.n, out->failures_limit, 3600, m->now),
    };
    out->next_slot = m->now;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        out->next_slot = slots[i] > out->next_slot ? slots[i] : out->next_slot;
    }
}
