// SPDX-License-Identifier: Apache-2.0
// Counts orders and failed challenges against the limits of Let's Encrypt.
#include "kube/mesh/cert/letsencrypt_limit.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/core/mesh_objects.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600, WEEK = 7 * 86400 }; // in seconds

static struct str_list sorted_names(struct arena *a, const struct str_list *l)
{
    const char **out = arena_calloc(a, l->n, sizeof *out);
    for (uint32_t i = 0; i < l->n; i++) {
        out[i] = str_lower(a, l->at[i]);
    }
    qsort(out, l->n, sizeof *out, str_order);
    return (struct str_list){out, l->n};
}

// Whether the lists have the same names, in any order and case.
static bool same_names(struct arena *a, const struct str_list *x, const struct str_list *y)
{
    if (x->n != y->n) {
        return false;
    }
    struct str_list p = sorted_names(a, x), q = sorted_names(a, y);
    for (uint32_t i = 0; i < p.n; i++) {
        if (strcmp(p.at[i], q.at[i]) != 0) {
            return false;
        }
    }
    return true;
}

// Whether one of the names has that registered domain.
static bool names_in_domain(struct arena *a, const struct str_list *l, const char *domain)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (str_eq(acme_registered_domain(a, l->at[i]), domain)) {
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

int64_t letsencrypt_limit_next_slot(int64_t *at, uint32_t n, int limit, int64_t period, int64_t now)
{
    ASSERT(limit > 0 && period > 0);
    // The bucket as one instant: when it is full again.
    int64_t cost = period / limit, full = now - period;
    if (n > 1) {
        qsort(at, n, sizeof *at, earliest_first);
    }
    for (uint32_t i = 0; i < n; i++) {
        full = i == 0 || full < at[i] ? at[i] : full;
        full += cost;
        if (full > at[i] + period) { // beyond the limit (an exemption): it cannot be emptier
            full = at[i] + period;
        }
    }
    int64_t slot = full - period + cost;
    return slot > now ? slot : now;
}

// What counts against one limit: all instants that are known, and how many of them are in its period.
struct limit_usage {
    int64_t *at;
    uint32_t n, cap;
    int recent;
};

static void add_usage(struct arena *a, struct limit_usage *u, int64_t when, int64_t period,
                      int64_t now)
{
    *ARENA_PUSH(a, u->at, u->n, u->cap) = when;
    u->recent += when > now - period;
}

static struct letsencrypt_limit use_of(const struct limit_usage *u, const char *name, int limit,
                                       int64_t period, int64_t now)
{
    int64_t slot = limit > 0 ? letsencrypt_limit_next_slot(u->at, u->n, limit, period, now) : now;
    return (struct letsencrypt_limit){
        .name = name, .taken = u->recent, .limit = limit, .next_slot = slot};
}

// The directory that an issuer's orders go to, NULL if it is not known.
static const char *server_of(const struct mesh *m, const struct issuer_ref *ref, const char *ns)
{
    struct issuer_status i;
    issuer_status_fill(m, ref, ns, &i);
    return i.object != NULL ? i.object->server : NULL;
}

// Whether an issuerRef leads to that directory, as far as is known.
static bool same_server(const struct mesh *m, const char *server, const struct issuer_ref *ref,
                        const char *ns)
{
    const char *other = server != NULL ? server_of(m, ref, ns) : NULL;
    return other == NULL || str_casecmp(server, other) == 0;
}

// The limits of each environment (docs/rules/certificates.md#rate-limits). 0: not published.
static const struct {
    int domain, identical, failures;
} limits[] = {
    [ACME_OTHER] = {0, 0, 0},
    [ACME_PRODUCTION] = {50, 5, 5},
    [ACME_STAGING] = {0, 30000, 200},
    [ACME_DEAD] = {0, 0, 0},
};
static_assert(ARRAY_COUNT(limits) == ACME_ENVIRONMENT_COUNT, "limits for each environment");

// Whether an Order or Challenge counts against the limits of `server`.
static bool counts(const struct mesh *m, const char *server, const struct object *o,
                   const struct issuer_ref *ref)
{
    return o->created != TIME_NONE && o->created <= m->now && same_server(m, server, ref, o->ns);
}

// The valid orders of a week that have a name of a registered domain; with `domain` NULL those for exactly these names.
static struct letsencrypt_limit of_orders(const struct mesh *m, const char *server,
                                          const char *domain, const struct str_list *names,
                                          int limit)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_ORDER, &n);
    struct limit_usage u = {0};
    for (uint32_t i = 0; i < n; i++) {
        const struct order *o = OBJECT_AS(order, all[i]);
        // The names first: they cost less than finding the issuer.
        if (str_eq(o->state, "valid") &&
            (domain != NULL ? names_in_domain(m->arena, &o->dns_names, domain)
                            : same_names(m->arena, &o->dns_names, names)) &&
            counts(m, server, &o->o, &o->issuer)) {
            add_usage(m->arena, &u, o->o.created, WEEK, m->now);
        }
    }
    return use_of(&u, domain, limit, WEEK, m->now);
}

// The failed authorizations of a name in an hour.
static struct letsencrypt_limit of_failures(const struct mesh *m, const char *server,
                                            const char *name, int limit)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_CHALLENGE, &n);
    struct limit_usage u = {0};
    for (uint32_t i = 0; i < n; i++) {
        const struct challenge *h = OBJECT_AS(challenge, all[i]);
        if (str_eq(h->state, "invalid") && h->dns_name != NULL &&
            str_casecmp(h->dns_name, name) == 0 && counts(m, server, &h->o, &h->issuer)) {
            add_usage(m->arena, &u, h->o.created, HOUR, m->now);
        }
    }
    return use_of(&u, name, limit, HOUR, m->now);
}

static bool has_domain(const struct letsencrypt_limit *at, uint32_t n, const char *domain)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(at[i].name, domain) == 0) {
            return true;
        }
    }
    return false;
}

void letsencrypt_limits_of(const struct mesh *m, const struct certificate *c,
                           struct letsencrypt_limits *out)
{
    const char *server = server_of(m, &c->issuer, c->o.ns);
    memset(out, 0, sizeof *out);
    out->ca = acme_environment_of(server);
    out->identical = of_orders(m, server, NULL, &c->dns_names, limits[out->ca].identical);
    out->next_slot = out->identical.next_slot;
    struct letsencrypt_limit *domains = arena_calloc(m->arena, c->dns_names.n, sizeof *domains);
    for (uint32_t i = 0; i < c->dns_names.n; i++) {
        const char *name = c->dns_names.at[i];
        const char *domain = acme_registered_domain(m->arena, name);
        if (domain != NULL && !has_domain(domains, out->ndomains, domain)) {
            struct letsencrypt_limit *d = &domains[out->ndomains++];
            *d = of_orders(m, server, domain, &c->dns_names, limits[out->ca].domain);
            out->next_slot = d->next_slot > out->next_slot ? d->next_slot : out->next_slot;
        }
        struct letsencrypt_limit f = of_failures(
            m, server, str_starts(name, "*.") ? name + 2 : name, limits[out->ca].failures);
        if (i == 0 || f.taken > out->failures.taken) {
            out->failures = f;
        }
        out->next_slot = f.next_slot > out->next_slot ? f.next_slot : out->next_slot;
    }
    out->domains = domains;
}
