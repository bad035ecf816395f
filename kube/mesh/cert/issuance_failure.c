// SPDX-License-Identifier: Apache-2.0
// Which failure a reason means (docs/rules/certificates.md#failure-recognition), and what to do about it.
#include "kube/mesh/cert/issuance_failure.h"

#include "kube/base/text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/issuer.h"

#include <string.h>

// --- failure modes

struct recogniser {
    enum failure_mode mode;
    const char *needle, *also; // both must be there
};

// In this order: what keeps a Challenge before why its cleaning up fails; what a CA says about a limit or
// CAA before what it says about a name.
// clang-format off
static const struct recogniser recognisers[] = {
    {FAILURE_CHALLENGE_DELETING, "stuck deleting: ", NULL},
    {FAILURE_RATE_LIMITED,      "acme:error:rateLimited", NULL},
    {FAILURE_CAA,               "acme:error:caa", NULL},
    {FAILURE_CAA,               "CAA record for", "prevents issuance"},
    {FAILURE_CAA,               "CAA self-check failed", NULL},
    {FAILURE_CAA,               "SERVFAIL", "CAA"},
    {FAILURE_AUTHORIZATION,     "acme: authorization error", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "HTTP-01 self-check for ", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "failed to perform self check GET request", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "wrong status code", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "did not get expected response", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "presented key (", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "cannot present HTTP-01", NULL},
    {FAILURE_DNS01_PROPAGATION, "DNS-01 self-check for ", NULL},
    {FAILURE_DNS_PROVIDER,      "AccessDenied", NULL},
    {FAILURE_DNS_PROVIDER,      "failed to determine Route 53 hosted zone", NULL},
    {FAILURE_DNS_PROVIDER,      "failed to change Route 53 record set", NULL},
    {FAILURE_DNS_PROVIDER,      "not found in Route 53", NULL},
    {FAILURE_DNS_PROVIDER,      "unable to assume role", NULL},
    {FAILURE_DNS_PROVIDER,      "cannot present DNS-01", NULL},
    {FAILURE_DNS01_PROPAGATION, "not yet propagated", NULL},
    {FAILURE_DNS01_PROPAGATION, "returned SERVFAIL", NULL},
    {FAILURE_NO_SOLVER,         "no configured challenge solvers", NULL},
    {FAILURE_APPROVAL,          "is not approved yet", NULL},
    {FAILURE_APPROVAL,          "denied: ", NULL},
    {FAILURE_APPROVAL,          "was denied by an approval controller", NULL},
    {FAILURE_COMMON_NAME,       "commonName", "64"},
    {FAILURE_COMMON_NAME,       "commonName", "not present in the list"},
    {FAILURE_COMMON_NAME,       "common name", "64"},
    {FAILURE_COMMON_NAME,       "CommonName", NULL},
    {FAILURE_COMMON_NAME,       "Common Name", NULL},
    {FAILURE_KEY,               "User intervention required: existing private key", NULL},
    {FAILURE_REQUEST,           "Failed to generate CSR: ", NULL},
    {FAILURE_REQUEST,           "Failed to create CertificateRequest: ", NULL},
    {FAILURE_ISSUER,            "Referenced \"", "not found"},
    {FAILURE_ISSUER,            "does not have a Ready status condition", NULL},
};
// clang-format on

static bool says(const struct recogniser *r, const char *t)
{
    return t != NULL && strstr(t, r->needle) != NULL &&
           (r->also == NULL || strstr(t, r->also) != NULL);
}

static uint32_t recent_requests(const struct mesh *m, const struct certificate *c)
{
    uint32_t n, k = 0;
    const struct certificaterequest *const *all = certificate_requests(m, c, &n);
    for (uint32_t i = 0; i < n; i++) {
        k += all[i]->o.created != TIME_NONE && !mesh_reached(m, all[i]->o.created + 3600);
    }
    return k;
}

static bool two_writers(const struct mesh *m, const struct certificate_status *s,
                        const char **other)
{
    const struct certificate *c = s->certificate;
    uint32_t n = 0;
    const struct object *const *all =
        c->secret_name != NULL
            ? mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, c->o.ns, c->secret_name, &n)
            : NULL;
    *other = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (!str_eq(all[i]->name, c->o.name) &&
            (*other == NULL || strcmp(all[i]->name, *other) < 0)) {
            *other = all[i]->name;
        }
    }
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    bool overwritten =
        ready != NULL && ready->status == CONDITION_FALSE &&
        (str_eq(ready->reason, "SecretMismatch") || str_eq(ready->reason, "IncorrectIssuer"));
    return *other != NULL || (ready != NULL && str_eq(ready->reason, "IncorrectCertificate")) ||
           (overwritten && recent_requests(m, c) >= 3);
}

static bool order_wedged(const struct mesh *m, const struct certificate_status *s)
{
    if (s->order == NULL || !str_eq(s->order->state, "pending") || s->nchallenges == 0 ||
        !challenge_failed(s->challenges[0])) {
        return false;
    }
    return s->order->o.created != TIME_NONE && mesh_reached(m, s->order->o.created + 121);
}

// An issuer that is ready could not sign this request, or what it signed is of no use.
static bool refused_by_issuer(const struct certificate_status *s, const struct deepest_reason *d)
{
    const struct condition *failed = certificate_failure(s->certificate);
    return (failed != NULL && str_eq(failed->reason, "InvalidCertificate")) ||
           (s->stage == STAGE_REQUEST && s->request != NULL && s->order == NULL && d->wrong);
}

enum failure_mode issuance_failure(const struct mesh *m, const struct certificate_status *s,
                                   const struct deepest_reason *d)
{
    const struct certificate *c = s->certificate;
    const char *other;
    if (c->common_name != NULL && strlen(c->common_name) > 64) {
        return FAILURE_COMMON_NAME;
    }
    for (size_t i = 0; d->text != NULL && i < sizeof recognisers / sizeof *recognisers; i++) {
        if (says(&recognisers[i], d->text) || says(&recognisers[i], d->full)) {
            enum failure_mode mode = recognisers[i].mode;
            bool waits = mode == FAILURE_APPROVAL || mode == FAILURE_ISSUER;
            return waits && !d->wrong ? FAILURE_NONE : mode;
        }
    }
    bool gone = s->issuer.known && s->issuer.object == NULL && d->wrong;
    if (s->stage == STAGE_ISSUER || gone || refused_by_issuer(s, d)) {
        return FAILURE_ISSUER;
    }
    if (s->nchallenges != 0 && str_eq(s->challenges[0]->state, "invalid")) {
        return FAILURE_AUTHORIZATION; // only the CA makes a challenge invalid
    }
    if (s->state != CERTIFICATE_READY && s->state != CERTIFICATE_RENEWING &&
        two_writers(m, s, &other)) {
        return FAILURE_TWO_WRITERS;
    }
    bool lost = s->order == NULL && s->stage == STAGE_ORDER && certificate_failure(c) != NULL;
    if (order_wedged(m, s) || lost ||
        (s->order != NULL && order_failed(s->order) && s->state != CERTIFICATE_READY)) {
        return FAILURE_ORDER;
    }
    if ((s->state == CERTIFICATE_EXPIRED && certificate_is_ready(c)) ||
        s->state == CERTIFICATE_OVERDUE) {
        return FAILURE_EXPIRED_READY;
    }
    return s->temporary ? FAILURE_TEMPORARY : FAILURE_NONE;
}

static const char *issuer_elsewhere(const struct mesh *m, const struct certificate_status *s)
{
    const struct issuer_status *i = &s->issuer;
    if (str_eq(i->kind, "Issuer")) {
        if (mesh_get(m, KIND_CLUSTERISSUER, "", i->name) != NULL) {
            return arena_printf(
                m->arena, "a ClusterIssuer named %s exists: set issuerRef.kind to ClusterIssuer",
                i->name);
        }
    }
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_ISSUER, &n);
    for (uint32_t k = 0; k < n; k++) {
        if (str_eq(all[k]->name, i->name) && !str_eq(all[k]->ns, i->ns)) {
            return arena_printf(
                m->arena,
                "namespace %s has an Issuer named %s, but an Issuer works only in its "
                "own namespace: create it here or use a ClusterIssuer",
                all[k]->ns, i->name);
        }
    }
    return arena_printf(m->arena, "create %s or correct spec.issuerRef", issuer_title(m->arena, i));
}

// What to do about an error of the ACME server, by its type; NULL where the text has to do.
static const char *acme_advice(struct arena *a, const char *text)
{
    static const char names[] = "the CA does not issue for a name of the request: take it out, or "
                                "use an issuer that does";
    static const char account[] =
        "the CA does not know the account any more: delete the Secret of the issuer's "
        "privateKeySecretRef, so that another is registered";
    static const char own[] = "trouble of the server's own";
    static const char email[] = "correct spec.acme.email of the issuer";
    static const char key[] = "change spec.privateKey or the names to what the CA accepts";
    static const char profile[] = "correct spec.acme.profile of the issuer";
    static const struct {
        const char *type, *advice;
    } table[] = {
        {"rejectedIdentifier", names},
        {"unsupportedIdentifier", names},
        {"unauthorized", account},
        {"accountDoesNotExist", account},
        {"externalAccountRequired",
         "set spec.acme.externalAccountBinding of the issuer to the key id and key of the CA"},
        {"userActionRequired",
         "the CA wants something done by a person: follow the link that it names"},
        {"badNonce", own},
        {"serverInternal", own},
        {"invalidContact", email},
        {"unsupportedContact", email},
        {"badCSR", key},
        {"badPublicKey", key},
        {"invalidProfile", profile},
    };
    struct acme_error e;
    if (!acme_error_parse(a, text, &e)) {
        return text != NULL && strstr(text, "certificate authority does not ") != NULL &&
                       strstr(text, "profile") != NULL
                   ? profile
                   : NULL;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].type, e.type) == 0) {
            return table[i].advice;
        }
    }
    return NULL;
}

static const char *issuer_hint(const struct mesh *m, const struct certificate_status *s)
{
    const char *title = issuer_title(m->arena, &s->issuer);
    const struct condition *ready =
        s->request != NULL ? condition_find(&s->request->conditions, "Ready") : NULL;
    if (s->issuer.ready || s->issuer.object == NULL) {
        bool ended = certificate_failure(s->certificate) != NULL ||
                     (ready != NULL && str_eq(ready->reason, "Failed"));
        return arena_printf(m->arena, "see what %s needs (its Secret, its CA, what it allows); %s",
                            title,
                            ended ? "an edit is tried at once, else the next try comes by itself"
                                  : "the request is tried again by itself");
    }
    struct acme_error e;
    bool refused =
        acme_error_parse(m->arena, s->issuer.message, &e) && e.code >= 400 && e.code < 500;
    const char *advice = acme_advice(m->arena, s->issuer.message);
    return arena_printf(m->arena, "repair %s%s%s%s", title, advice != NULL ? ": " : "",
                        advice != NULL ? advice : "",
                        refused ? "; what the server refused (4xx) is tried again only when the "
                                  "issuer changes"
                                : "; issuing goes on by itself once it is ready");
}

static const char *http_hint(const struct mesh *m, const struct certificate_status *s,
                             const struct deepest_reason *d)
{
    const char *host = s->nchallenges != 0 ? s->challenges[0]->dns_name : NULL;
    uint32_t n = 0;
    if (strstr(d->text, "cannot present ") != NULL) {
        return "the solver's pod, Service or Ingress could not be made: see what refuses it";
    }
    const struct object *const *gateways =
        host != NULL ? mesh_index(m, INDEX_GATEWAY_BY_HOST, str_lower(m->arena, host), "", &n)
                     : NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, gateways[i]);
        for (uint32_t k = 0; k < g->nservers; k++) {
            if (g->servers[k].port == 80 && g->servers[k].tls != NULL &&
                g->servers[k].tls->https_redirect) {
                return arena_printf(
                    m->arena,
                    "Gateway %s/%s redirects port 80 (httpsRedirect) for this host: let "
                    "/.well-known/acme-challenge/ through, or use DNS-01",
                    g->o.ns, g->o.name);
            }
        }
    }
    return arena_printf(
        m->arena,
        "make http://%s/.well-known/acme-challenge/ reach the solver: the name must "
        "point at the load balancer and port 80 must route to it",
        host != NULL ? host : "the host");
}

static const char *writers_hint(const struct mesh *m, const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    const char *other;
    two_writers(m, s, &other);
    if (other != NULL) {
        return arena_printf(m->arena,
                            "Secret %s/%s is claimed by Certificates %s and %s: give one of them "
                            "another secretName",
                            c->o.ns, c->secret_name, c->o.name, other);
    }
    return arena_printf(
        m->arena,
        "Secret %s/%s keeps being overwritten (%u requests in an hour): find who else "
        "writes it",
        c->o.ns, c->secret_name != NULL ? c->secret_name : "?", recent_requests(m, c));
}

static const char *rate_hint(const struct mesh *m, const struct certificate_status *s,
                             const struct deepest_reason *d)
{
    const char *text = d->full != NULL ? d->full : d->text;
    int64_t said = s->order != NULL && s->order->failure_time != TIME_NONE
                       ? s->order->failure_time
                       : s->certificate->last_failure;
    int64_t slot = acme_retry_after(text, said);
    enum acme_environment ca =
        acme_environment(s->issuer.object != NULL ? s->issuer.object->server : NULL);
    const char *whose = ca == ACME_PRODUCTION || ca == ACME_STAGING ? "Let's Encrypt" : "the CA's";
    const char *limit = acme_limit_name(acme_limit(text), ca);
    if (acme_limit(text) == ACME_LIMIT_PAUSED) {
        return arena_printf(m->arena, "%s rate limit: %s; visit the link that it names to go on",
                            whose, limit);
    }
    return arena_printf(m->arena, "%s rate limit: %s; next slot %s; do not renew before", whose,
                        limit, slot != TIME_NONE ? time_format(m->arena, slot) : "unknown");
}

static const char *last_clause(const char *t)
{
    // What AWS refuses reads "AccessDenied: User: {arn} is not authorized to perform: {action}".
    static const char denied[] = "AccessDenied: ";
    const char *last = t != NULL ? strstr(t, denied) : NULL;
    if (last != NULL) {
        return last + sizeof denied - 1;
    }
    last = t;
    for (const char *p = t; p != NULL && (p = strstr(p, ": ")) != NULL; p += 2) {
        last = p + 2;
    }
    return last;
}

static const char *order_hint(const struct mesh *m, const struct certificate_status *s,
                              const struct deepest_reason *d)
{
    if (order_wedged(m, s)) {
        return "order wedged: delete the Order and its CertificateRequest, or renew";
    }
    const char *advice = s->stage == STAGE_CHALLENGE
                             ? NULL // "unauthorized" is about the name there
                             : acme_advice(m->arena, d->full != NULL ? d->full : d->text);
    return arena_printf(m->arena, "%s; an edit is tried at once, else the next try comes by itself",
                        advice != NULL ? advice : "correct what the server refuses");
}

static const char *provider_hint(const struct mesh *m, const struct deepest_reason *d)
{
    static const char *const busy[] = {"Throttling", "Rate exceeded", "rateLimitExceeded",
                                       "PriorRequestNotComplete"};
    for (size_t i = 0; i < sizeof busy / sizeof *busy; i++) {
        if (strstr(d->text, busy[i]) != NULL) {
            return "the DNS provider gets too many calls: it is tried again by itself";
        }
    }
    if (strstr(d->text, "<redacted ") != NULL) {
        return "the DNS provider refused (in what words, cert-manager's events and log say); check "
               "the solver's credentials and zone";
    }
    return arena_printf(m->arena,
                        "DNS provider refused: %s; check the solver's credentials and zone",
                        last_clause(d->text));
}

static const char *caa_hint(const struct mesh *m, const struct certificate_status *s,
                            const struct deepest_reason *d)
{
    if (strstr(d->text, "SERVFAIL") != NULL) {
        return "CAA lookup failed: the zone's servers must answer CAA queries";
    }
    const char *name = s->nchallenges != 0                ? s->challenges[0]->dns_name
                       : s->certificate->dns_names.n != 0 ? s->certificate->dns_names.at[0]
                                                          : "the name";
    return arena_printf(m->arena,
                        "the CAA record at or above %s does not allow this CA: add 'issue "
                        "\"letsencrypt.org\"' (and issuewild for a wildcard)",
                        name);
}

const char *issuance_hint(const struct mesh *m, const struct certificate_status *s,
                          const struct deepest_reason *d)
{
    struct arena *a = m->arena;
    const struct certificate *c = s->certificate;
    const char *name = s->nchallenges != 0 && s->challenges[0]->dns_name != NULL
                           ? s->challenges[0]->dns_name
                           : "the name";
    switch (s->mode) {
    case FAILURE_NONE:
        return NULL;
    case FAILURE_HTTP01_SELF_CHECK:
        return http_hint(m, s, d);
    case FAILURE_DNS01_PROPAGATION:
        return arena_printf(
            a,
            "_acme-challenge.%s is not visible yet: check the zone's servers and that "
            "no wildcard CNAME captures _acme-challenge",
            name);
    case FAILURE_DNS_PROVIDER:
        return provider_hint(m, d);
    case FAILURE_RATE_LIMITED:
        return rate_hint(m, s, d);
    case FAILURE_CAA:
        return caa_hint(m, s, d);
    case FAILURE_ISSUER:
        if (s->issuer.object == NULL &&
            (s->issuer.known || strstr(d->text, "Referenced \"") != NULL)) {
            return issuer_elsewhere(m, s);
        }
        return issuer_hint(m, s);
    case FAILURE_NO_SOLVER:
        return arena_printf(a,
                            "add a solver to %s whose selector admits the name; a wildcard needs "
                            "dns01",
                            issuer_title(a, &s->issuer));
    case FAILURE_SECRET_NAMESPACE:
        return NULL; // secret_placement_check says it
    case FAILURE_CHALLENGE_DELETING:
        return arena_printf(a,
                            "cleaning up fails and its finalizer blocks deletion (of namespace %s "
                            "too): repair the solver, or remove the finalizer",
                            c->o.ns);
    case FAILURE_TWO_WRITERS:
        return writers_hint(m, s);
    case FAILURE_ORDER:
        return order_hint(m, s, d);
    case FAILURE_EXPIRED_READY:
        return "conditions are not updated: is cert-manager running?";
    case FAILURE_TEMPORARY:
        return "browsers refuse it until the issuer's certificate replaces it; look at the "
               "issuance";
    case FAILURE_APPROVAL:
        return strstr(d->text, "denied") != NULL
                   ? "change the Certificate to what the policy allows, or the policy; then renew"
                   : "approve it (cmctl approve), or see why the approver does not run";
    case FAILURE_AUTHORIZATION:
        return arena_printf(a,
                            "the CA could not validate %s from its side: check what the public "
                            "internet sees %s",
                            name,
                            s->nchallenges != 0 && str_eq(s->challenges[0]->type, "DNS-01")
                                ? arena_printf(a, "as TXT of _acme-challenge.%s", name)
                                : "(DNS, port 80)");
    case FAILURE_COMMON_NAME:
        return "commonName is at most 64 bytes and must be among dnsNames: shorten or drop it";
    case FAILURE_KEY:
        return arena_printf(a,
                            "set spec.privateKey.rotationPolicy to Always, or delete Secret %s/%s "
                            "to let another key be made",
                            c->o.ns, c->secret_name != NULL ? c->secret_name : "?");
    case FAILURE_REQUEST:
        return "edit the Certificate so that the request can be made, or the policy that refuses "
               "it";
    }
    return NULL;
}
