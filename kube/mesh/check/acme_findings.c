// SPDX-License-Identifier: Apache-2.0
// Compares the names of Certificates with what ACME, the solvers and Let's Encrypt allow.
#include "kube/mesh/check/acme_findings.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/acme_solver.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/check/finding_codes.h"

#include <string.h>

// A profile of Let's Encrypt (docs/rules/certificates.md#profiles).
struct profile {
    const char *name;
    uint32_t names; // at most so many in one certificate
    bool addresses; // IP addresses are allowed
};
static const struct profile profiles[] = {
    {"classic", 100, false},
    {"tlsserver", 25, false},
    {"shortlived", 25, true},
};

// The profile of an issuer's certificates, the default if it names none; NULL if Let's Encrypt does not have it.
static const struct profile *profile_of(const struct issuer *i)
{
    for (size_t k = 0; k < ARRAY_COUNT(profiles); k++) {
        if (strcmp(profiles[k].name, str_empty(i->profile) ? "classic" : i->profile) == 0) {
            return &profiles[k];
        }
    }
    return NULL;
}

static bool is_letsencrypt(const struct issuer *i)
{
    enum acme_environment e = acme_environment_of(i->server);
    return e == ACME_PRODUCTION || e == ACME_STAGING;
}

// Each name of a list has a solver (docs/rules/certificates.md#solver-selection).
static void check_solvers(const struct mesh *m, const struct certificate *c, const struct issuer *i,
                          const char *field, const struct str_list *names, struct findings *f)
{
    for (uint32_t k = 0; k < names->n; k++) {
        const char *name = names->at[k];
        bool wild = str_starts(name, "*."), ip = name_is_ip(name);
        if (!acme_solver_admits(i, name, &c->o.labels)) {
            finding_add_coded(f, m->arena, "GT0206", &c->o,
                              arena_printf(m->arena, "%s[%u]", field, k),
                              arena_printf(m->arena, "no %ssolver of %s admits %s%s",
                                           wild ? "DNS-01 "
                                           : ip ? "HTTP-01 "
                                                : "",
                                           object_title(m->arena, &i->o), name,
                                           wild ? "; wildcards need one"
                                           : ip ? "; IP addresses need one"
                                                : ""),
                              "add a solver to the issuer, or widen its selector");
        }
    }
}

// docs/rules/certificates.md#acme-common-name
static void check_common_name(const struct mesh *m, const struct certificate *c, struct findings *f)
{
    const char *cn = c->common_name;
    if (!str_empty(cn) && strlen(cn) <= 64 && !str_list_has(&c->dns_names, cn) &&
        !str_list_has(&c->ip_addresses, cn)) {
        finding_add_coded(f, m->arena, "GT0207", &c->o, "spec.commonName",
                          arena_printf(m->arena,
                                       "commonName \"%s\" is not among dnsNames or ipAddresses, "
                                       "as ACME requires: the request fails for good",
                                       cn),
                          "drop commonName, or add it to dnsNames");
    }
}

static void refuse(const struct mesh *m, const struct certificate *c, struct findings *f,
                   const char *path, const char *message)
{
    finding_add_coded(f, m->arena, "GT0212", &c->o, path, message,
                      "take it out, or use an issuer of another CA for it");
}

// docs/rules/certificates.md#letsencrypt-names
static void check_letsencrypt(const struct mesh *m, const struct certificate *c,
                              const struct issuer *i, struct findings *f)
{
    struct arena *a = m->arena;
    for (uint32_t k = 0; k < c->dns_names.n; k++) {
        const char *name = c->dns_names.at[k], *path = arena_printf(a, "spec.dnsNames[%u]", k);
        if (!coverage_name_valid(name)) {
            continue; // GT0209
        }
        if (strchr(name, '_') != NULL) {
            refuse(m, c, f, path,
                   arena_printf(a, "Let's Encrypt does not issue for %s: no name of a host has '_'",
                                name));
        } else if (!acme_name_is_public(a, name)) {
            refuse(m, c, f, path,
                   arena_printf(a,
                                "Let's Encrypt does not issue for %s: it does not end in a public "
                                "top-level domain",
                                name));
        }
    }
    if (c->uris.n != 0) {
        refuse(m, c, f, "spec.uris", "Let's Encrypt refuses requests with URIs");
    }
    if (c->email_addresses.n != 0) {
        refuse(m, c, f, "spec.emailAddresses",
               "Let's Encrypt refuses requests with e-mail addresses");
    }
    const struct profile *p = profile_of(i);
    if (p != NULL && c->ip_addresses.n != 0 && !p->addresses) {
        refuse(
            m, c, f, "spec.ipAddresses",
            arena_printf(a,
                         "Let's Encrypt issues for IP addresses with profile shortlived only, %s "
                         "uses %s",
                         object_title(a, &i->o), p->name));
    }
    uint32_t n = c->dns_names.n + c->ip_addresses.n;
    if (p != NULL && n > p->names) {
        refuse(m, c, f, "spec.dnsNames",
               arena_printf(a, "%u names are more than the %u of Let's Encrypt's profile %s", n,
                            p->names, p->name));
    }
}

void acme_certificate_findings(const struct mesh *m, const struct certificate *c,
                               const struct issuer *i, struct findings *f)
{
    check_solvers(m, c, i, "spec.dnsNames", &c->dns_names, f);
    check_solvers(m, c, i, "spec.ipAddresses", &c->ip_addresses, f);
    check_common_name(m, c, f);
    if (is_letsencrypt(i)) {
        check_letsencrypt(m, c, i, f);
    }
}

void acme_issuer_findings(const struct mesh *m, const struct issuer *i, struct findings *f)
{
    if (i->type != ISSUER_ACME || !is_letsencrypt(i) || profile_of(i) != NULL) {
        return;
    }
    finding_add_coded(
        f, m->arena, "GT0210", &i->o, "spec.acme.profile",
        strcmp(i->profile, "tlsclient") == 0
            ? "Let's Encrypt has no profile tlsclient since 2026-07-08: orders fail"
            : arena_printf(m->arena, "Let's Encrypt has no profile %s: orders fail", i->profile),
        "use classic, tlsserver or shortlived");
}
