// SPDX-License-Identifier: Apache-2.0
// Compares the names of Certificates with what ACME, the solvers and Let's Encrypt allow.
#include "kube/mesh/check/acme_findings.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ip_network.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"
#include "kube/base/url.h"

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

// Whether an address is none of the internet. Those of documentation (RFC 5737) stand for others.
static bool is_private(const char *address)
{
    static const char *const networks[] = {"10.0.0.0/8",  "172.16.0.0/12",  "192.168.0.0/16",
                                           "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
                                           "::1/128",     "fc00::/7",       "fe80::/10"};
    const struct ip_network ip = ip_network_of_address(address);
    return ip_network_among(networks, ARRAY_COUNT(networks), &ip);
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
        } else if (acme_name_is_suffix(a, name)) {
            refuse(m, c, f, path,
                   arena_printf(a, "Let's Encrypt does not issue for %s: it is a public suffix",
                                name));
        }
    }
    for (uint32_t k = 0; k < c->ip_addresses.n; k++) {
        if (is_private(c->ip_addresses.at[k])) {
            refuse(m, c, f, arena_printf(a, "spec.ipAddresses[%u]", k),
                   arena_printf(a, "Let's Encrypt does not issue for %s: it is a private address",
                                c->ip_addresses.at[k]));
        }
    }
    if (c->duration != DURATION_NONE && i->sends_duration) {
        refuse(m, c, f, "spec.duration",
               arena_printf(a,
                            "Let's Encrypt refuses orders with a duration, and %s sends it "
                            "(enableDurationFeature)",
                            object_title(a, &i->o)));
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

// CAs that register accounts only with an external binding (docs/rules/certificates.md#account-binding).
static const char *binding_ca(const struct issuer *i)
{
    static const struct {
        const char *host, *name;
    } all[] = {
        {"acme.zerossl.com", "ZeroSSL"},
        {"dv.acme-v02.api.pki.goog", "Google Trust Services"},
        {"dv.acme-v02.test-api.pki.goog", "Google Trust Services"},
        {"acme.ssl.com", "SSL.com"},
        {"acme.sectigo.com", "Sectigo"},
        {"acme.digicert.com", "DigiCert"},
    };
    for (size_t k = 0; !str_empty(i->server) && k < ARRAY_COUNT(all); k++) {
        if (acme_server_is(i->server, all[k].host)) {
            return all[k].name;
        }
    }
    return NULL;
}

static void check_account(const struct mesh *m, const struct issuer *i, struct findings *f)
{
    const struct condition *ready = condition_find(&i->conditions, "Ready");
    const char *ca = binding_ca(i);
    if (ready == NULL && ca != NULL && !i->account_binding) {
        finding_add_coded(f, m->arena, "GT0210", &i->o, "spec.acme.externalAccountBinding",
                          arena_printf(m->arena,
                                       "%s registers accounts only with an "
                                       "externalAccountBinding: the issuer will not get ready",
                                       ca),
                          "set keyID and keySecretRef to what the CA gave you");
    }
    const char *path = str_empty(i->server) ? NULL : strstr(i->server, "://");
    path = path != NULL ? strchr(path + 3, '/') : NULL;
    if (ready == NULL && is_letsencrypt(i) && !str_eq(path, "/directory")) {
        finding_add_coded(
            f, m->arena, "GT0210", &i->o, "spec.acme.server",
            arena_printf(m->arena, "%s is not the directory of Let's Encrypt", i->server),
            "its path is /directory");
    }
}

void acme_issuer_findings(const struct mesh *m, const struct issuer *i, struct findings *f)
{
    if (i->type != ISSUER_ACME) {
        return;
    }
    check_account(m, i, f);
    if (!is_letsencrypt(i) || profile_of(i) != NULL) {
        return;
    }
    finding_add_coded(
        f, m->arena, "GT0210", &i->o, "spec.acme.profile",
        strcmp(i->profile, "tlsclient") == 0
            ? "Let's Encrypt has no profile tlsclient since 2026-07-08: orders fail"
            : arena_printf(m->arena, "Let's Encrypt has no profile %s: orders fail", i->profile),
        "use classic, tlsserver or shortlived");
}
