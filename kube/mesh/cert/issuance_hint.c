// SPDX-License-Identifier: Apache-2.0
// Writes the sentences that say what to do about each failure.
#include "kube/mesh/cert/issuance_hint.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/controller_flags.h"
#include "kube/mesh/cert/issuance_failure.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/gateway_hosts.h"

#include <string.h>

// The issuer does not exist: another kind or namespace may have one of that name.
static const char *missing_issuer(const struct mesh *m, const struct certificate_status *s)
{
    const struct issuer_status *i = &s->issuer;
    if (str_eq(i->kind, "Issuer") && mesh_get(m, KIND_CLUSTERISSUER, "", i->name) != NULL) {
        return arena_printf(m->arena,
                            "a ClusterIssuer named %s exists: set issuerRef.kind to ClusterIssuer",
                            i->name);
    }
    const char *own = s->certificate->o.ns;
    if (str_eq(i->kind, "ClusterIssuer") && mesh_get(m, KIND_ISSUER, own, i->name) != NULL) {
        return arena_printf(m->arena,
                            "namespace %s has an Issuer named %s: set issuerRef.kind to Issuer",
                            own, i->name);
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

// What to do about an error of the ACME server, by its type; NULL if only its text says something.
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
    // docs/rules/certificates.md#profiles
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
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        if (strcmp(table[i].type, e.type) == 0) {
            return table[i].advice;
        }
    }
    return NULL;
}

// The name in "secret \"NAME\" not found", also "secrets"; NULL if the text has none. In the arena.
static const char *missing_secret(struct arena *a, const char *text)
{
    const char *head = text != NULL ? strstr(text, "ecret \"") : NULL;
    head = head == NULL && text != NULL ? strstr(text, "ecrets \"") : head;
    const char *name = head != NULL ? strchr(head, '"') + 1 : NULL;
    const char *end = name != NULL ? strchr(name, '"') : NULL;
    return end != NULL && strstr(end, "not found") != NULL
               ? arena_strndup(a, name, (size_t)(end - name))
               : NULL;
}

// The Secret that an issuer lacks, and where it must be (docs/rules/certificates.md#clusterissuer-secrets); NULL if the
// text names none.
static const char *issuer_secret_hint(const struct mesh *m, const struct certificate_status *s,
                                      const char *text)
{
    struct arena *a = m->arena;
    const char *name = missing_secret(a, text);
    if (name == NULL || issuer_is_foreign(&s->issuer)) {
        return NULL;
    }
    bool cluster = str_eq(s->issuer.kind, "ClusterIssuer");
    const char *ns = cluster ? controller_flags_of(m)->resource_ns : s->issuer.ns;
    const char *where = "";
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_SECRET, &n);
    for (uint32_t i = 0; i < n && where[0] == '\0'; i++) {
        if (str_eq(all[i]->name, name) && !str_eq(all[i]->ns, ns)) {
            where = arena_printf(a, ", not in %s", all[i]->ns);
        }
    }
    return cluster ? arena_printf(a,
                                  "Secret %s must be in the cluster resource namespace, %s%s: that "
                                  "is where a ClusterIssuer reads it",
                                  name, ns, where)
                   : arena_printf(a, "Secret %s must be in namespace %s%s", name, ns, where);
}

static const char *repair_issuer(const struct mesh *m, const struct certificate_status *s)
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
    if (advice == NULL) {
        advice = issuer_secret_hint(m, s, s->issuer.message);
    }
    return arena_printf(m->arena, "repair %s%s%s%s", title, advice != NULL ? ": " : "",
                        str_or_empty(advice),
                        refused ? "; what the server refused (4xx) is tried again only when the "
                                  "issuer changes"
                                : "; issuing goes on by itself once it is ready");
}

static const char *issuer_hint(const struct mesh *m, const struct certificate_status *s,
                               const struct deepest_reason *d)
{
    if (issuer_is_foreign(&s->issuer) && strstr(d->text, "has not answered") != NULL) {
        return arena_printf(
            m->arena, "see whether the controller of %s runs, and what it says of the request",
            str_empty(s->issuer.group) ? s->issuer.kind : s->issuer.group);
    }
    bool missing =
        s->issuer.object == NULL && (s->issuer.known || strstr(d->text, "Referenced \"") != NULL);
    return missing ? missing_issuer(m, s) : repair_issuer(m, s);
}

// docs/rules/certificates.md#request-approval
static const char *approval_hint(const struct mesh *m, const struct certificate_status *s,
                                 const struct deepest_reason *d)
{
    if (strstr(d->text, "denied") == NULL && issuer_is_foreign(&s->issuer)) {
        return arena_printf(m->arena,
                            "approve it (cmctl approve), or give cert-manager's approver the verb "
                            "approve on signers of %s",
                            str_empty(s->issuer.group) ? s->issuer.kind : s->issuer.group);
    }
    return strstr(d->text, "denied") != NULL
               ? "change the Certificate to what the policy allows, or the policy; then renew"
               : "approve it (cmctl approve), or see why the approver does not run";
}

// The name that the first challenge is about, NULL if there is none.
static const char *challenged_name(const struct certificate_status *s)
{
    return s->nchallenges != 0 ? s->challenges[0]->dns_name : NULL;
}

// The first Gateway that lists `listed`, with a server that redirects plain requests for the host to https; NULL: none.
static const struct gateway *redirecting_at(const struct mesh *m, const char *listed,
                                            const char *host)
{
    uint32_t n;
    const struct object *const *all = mesh_index(m, INDEX_GATEWAY_BY_HOST, listed, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        struct server_list l = gateway_hosts_covering(gateway_hosts_find(m, g), m->arena, host);
        for (uint32_t k = 0; k < l.n; k++) {
            const struct server *s = &g->servers[l.at[k]];
            if (s->port == 80 && s->tls != NULL && s->tls->https_redirect) {
                return g;
            }
        }
    }
    return NULL;
}

// A Gateway that redirects plain requests for the host to https, by the host or a wildcard; NULL: none
// (docs/rules/certificates.md#failure-http01-self-check).
static const struct gateway *redirecting_gateway(const struct mesh *m, const char *host)
{
    const char *low = str_lower(m->arena, host);
    const struct gateway *g = redirecting_at(m, low, low);
    for (const char *dot = strchr(low, '.'); g == NULL && dot != NULL; dot = strchr(dot + 1, '.')) {
        g = redirecting_at(m, arena_printf(m->arena, "*%s", dot), low);
    }
    return g != NULL ? g : redirecting_at(m, "*", low);
}

static const char *http_hint(const struct mesh *m, const struct certificate_status *s,
                             const struct deepest_reason *d)
{
    const char *host = challenged_name(s);
    if (strstr(d->text, "cannot present ") != NULL) {
        return "the solver's pod, Service or Ingress could not be made: see what refuses it";
    }
    const struct gateway *redirecting = host != NULL ? redirecting_gateway(m, host) : NULL;
    if (redirecting != NULL) {
        return arena_printf(m->arena,
                            "Gateway %s/%s redirects port 80 (httpsRedirect) for this host: let "
                            "/.well-known/acme-challenge/ through, or use DNS-01",
                            redirecting->o.ns, redirecting->o.name);
    }
    return arena_printf(
        m->arena,
        "make http://%s/.well-known/acme-challenge/ reach the solver: the name must point at the "
        "load balancer and port 80 must route to it",
        host != NULL ? host : "the host");
}

static const char *writers_hint(const struct mesh *m, const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    const char *other = certificate_other_writer(m, c);
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
        c->o.ns, c->secret_name != NULL ? c->secret_name : "?", certificate_recent_requests(m, c));
}

static const char *rate_hint(const struct mesh *m, const struct certificate_status *s,
                             const struct deepest_reason *d)
{
    const char *text = d->full != NULL ? d->full : d->text;
    int64_t written = s->order != NULL && s->order->failure_time != TIME_NONE
                          ? s->order->failure_time
                          : s->certificate->last_failure;
    int64_t slot = acme_retry_after(text, written);
    enum acme_environment ca =
        acme_environment_of(s->issuer.object != NULL ? s->issuer.object->server : NULL);
    const char *whose = ca == ACME_PRODUCTION || ca == ACME_STAGING ? "Let's Encrypt" : "the CA's";
    const char *limit = acme_limit_name(acme_limit_of(text), ca);
    if (acme_limit_of(text) == ACME_LIMIT_PAUSED) {
        return arena_printf(m->arena, "%s rate limit: %s; visit the link that it names to go on",
                            whose, limit);
    }
    return arena_printf(m->arena, "%s rate limit: %s; next slot %s; do not renew before", whose,
                        limit, slot != TIME_NONE ? time_format(m->arena, slot) : "unknown");
}

// The innermost error of a chain "outer: inner: ...". AWS writes "AccessDenied: User: {arn} is not authorized to
// perform: {action}": there it is all after the first colon.
static const char *last_clause(const char *t)
{
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
    if (issuance_order_wedged(m, s)) {
        return "order wedged: delete the Order and its CertificateRequest, or renew";
    }
    const char *advice = s->stage == STAGE_CHALLENGE
                             ? NULL // "unauthorized" is about the name there
                             : acme_advice(m->arena, d->full != NULL ? d->full : d->text);
    return arena_printf(m->arena, "%s; an edit is tried at once, else the next try comes by itself",
                        advice != NULL ? advice : "correct what the server refuses");
}

// The self-check of DNS-01 does not pass. An error of the connection says nothing of the record
// (docs/rules/certificates.md#failure-dns01-propagation).
static const char *propagation_hint(const struct mesh *m, const struct deepest_reason *d,
                                    const char *name)
{
    static const char *const unreachable[] = {"i/o timeout",      "connection refused",
                                              "no route to host", "network is unreachable",
                                              "connection reset", "deadline exceeded"};
    for (size_t i = 0; i < ARRAY_COUNT(unreachable); i++) {
        if (strstr(d->text, unreachable[i]) != NULL) {
            return controller_flags_of(m)->nameservers
                       ? "cert-manager cannot reach the name server: open port 53 (UDP and TCP) to "
                         "those of --dns01-recursive-nameservers"
                       : "cert-manager cannot reach the name server: open port 53 (UDP and TCP) for "
                         "it, or give it reachable ones (--dns01-recursive-nameservers and "
                         "--dns01-recursive-nameservers-only)";
        }
    }
    return arena_printf(m->arena,
                        "_acme-challenge.%s is not visible yet: check the zone's servers and "
                        "that no wildcard CNAME captures _acme-challenge",
                        name);
}

static const char *provider_hint(const struct mesh *m, const struct certificate_status *s,
                                 const struct deepest_reason *d)
{
    const char *secret = issuer_secret_hint(m, s, d->text);
    if (secret != NULL) {
        return secret;
    }
    static const char *const busy[] = {"Throttling", "Rate exceeded", "rateLimitExceeded",
                                       "PriorRequestNotComplete"};
    for (size_t i = 0; i < ARRAY_COUNT(busy); i++) {
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

// What CAA calls a CA, by the host of its ACME server (docs/rules/certificates.md#failure-caa); NULL if not known.
static const char *caa_name(const struct issuer *i)
{
    static const struct {
        const char *host, *name;
    } cas[] = {
        {"letsencrypt.org/", "letsencrypt.org"}, {"acme.zerossl.com/", "sectigo.com"},
        {"acme.sectigo.com/", "sectigo.com"},    {"pki.goog/", "pki.goog"},
        {"api.buypass.com/", "buypass.com"},     {"acme.ssl.com/", "ssl.com"},
    };
    for (size_t k = 0; i != NULL && i->server != NULL && k < ARRAY_COUNT(cas); k++) {
        if (strstr(i->server, cas[k].host) != NULL) {
            return cas[k].name;
        }
    }
    return NULL;
}

static const char *caa_hint(const struct mesh *m, const struct certificate_status *s,
                            const struct deepest_reason *d)
{
    if (strstr(d->text, "SERVFAIL") != NULL) {
        return "CAA lookup failed: the zone's servers must answer CAA queries";
    }
    const struct str_list *names = &s->certificate->dns_names;
    const char *name = challenged_name(s);
    const char *ca = caa_name(s->issuer.object);
    return arena_printf(
        m->arena,
        "the CAA record at or above %s does not allow this CA: add %s (and issuewild for a "
        "wildcard)",
        name != NULL    ? name
        : names->n != 0 ? names->at[0]
                        : "the name",
        ca != NULL ? arena_printf(m->arena, "'issue \"%s\"'", ca)
                   : "'issue' with the name that the CA's documentation gives");
}

static const char *authorization_hint(const struct mesh *m, const struct certificate_status *s,
                                      const char *name)
{
    const char *where = s->nchallenges != 0 && str_eq(s->challenges[0]->type, "DNS-01")
                            ? arena_printf(m->arena, "as TXT of _acme-challenge.%s", name)
                            : "(DNS, port 80)";
    return arena_printf(
        m->arena,
        "the CA could not validate %s from its side: check what the public internet sees %s", name,
        where);
}

// The webhook in 'failed calling webhook "NAME"' (docs/rules/certificates.md#failure-webhook).
static const char *webhook_hint(const struct mesh *m, const struct deepest_reason *d)
{
    const char *text = strstr(d->text, "failed calling webhook");
    const char *name = text != NULL ? strchr(text, '"') : NULL;
    const char *end = name != NULL ? strchr(name + 1, '"') : NULL;
    if (end == NULL || strstr(text, "cert-manager") != NULL) {
        return "the API server cannot call cert-manager's webhook: see the pods, Service and "
               "endpoints of cert-manager-webhook, and whether the API server reaches them (10250)";
    }
    return arena_printf(m->arena, "the API server cannot call webhook %.*s: repair what serves it",
                        (int)(end - name - 1), name + 1);
}

static const char *store_hint(const struct mesh *m, const struct certificate_status *s,
                              const struct deepest_reason *d)
{
    const char *ns = s->certificate->o.ns;
    const char *name = missing_secret(m->arena, d->text);
    return name != NULL
               ? arena_printf(m->arena,
                              "create Secret %s/%s with the keystore's password under the key that "
                              "spec.keystores names",
                              ns, name)
               : "see cert-manager's log for what keeps it from writing the Secret";
}

// What to do where the mode alone says it.
static const char *const fixed_hints[FAILURE_MODE_COUNT] = {
    [FAILURE_EXPIRED_READY] = "conditions are not updated: is cert-manager running?",
    [FAILURE_TEMPORARY] =
        "browsers refuse it until the issuer's certificate replaces it; look at the issuance",
    [FAILURE_COMMON_NAME] =
        "commonName is at most 64 bytes and must be among dnsNames: shorten or drop it",
    [FAILURE_REQUEST] =
        "edit the Certificate so that the request can be made, or the policy that refuses it",
};

const char *issuance_hint(const struct mesh *m, const struct certificate_status *s,
                          const struct deepest_reason *d)
{
    struct arena *a = m->arena;
    const struct certificate *c = s->certificate;
    const char *name = challenged_name(s) != NULL ? challenged_name(s) : "the name";
    switch (s->mode) {
    case FAILURE_HTTP01_SELF_CHECK:
        return http_hint(m, s, d);
    case FAILURE_DNS01_PROPAGATION:
        return propagation_hint(m, d, name);
    case FAILURE_DNS_PROVIDER:
        return provider_hint(m, s, d);
    case FAILURE_RATE_LIMITED:
        return rate_hint(m, s, d);
    case FAILURE_CAA:
        return caa_hint(m, s, d);
    case FAILURE_ISSUER:
        return issuer_hint(m, s, d);
    case FAILURE_NO_SOLVER:
        return arena_printf(
            a, "add a solver to %s whose selector admits the name; a wildcard needs dns01",
            issuer_title(a, &s->issuer));
    case FAILURE_CHALLENGE_DELETING:
        return arena_printf(a,
                            "cleaning up fails and its finalizer blocks deletion (of namespace %s "
                            "too): repair the solver, or remove the finalizer",
                            c->o.ns);
    case FAILURE_TWO_WRITERS:
        return writers_hint(m, s);
    case FAILURE_ORDER:
        return order_hint(m, s, d);
    case FAILURE_APPROVAL:
        return approval_hint(m, s, d);
    case FAILURE_AUTHORIZATION:
        return authorization_hint(m, s, name);
    case FAILURE_WEBHOOK:
        return webhook_hint(m, d);
    case FAILURE_STORE:
        return store_hint(m, s, d);
    case FAILURE_NOTHING:
        return "see the controller's log, and whether it runs with leader election";
    case FAILURE_KEY:
        return arena_printf(a,
                            "set spec.privateKey.rotationPolicy to Always, or delete Secret %s/%s "
                            "to let another key be made",
                            c->o.ns, c->secret_name != NULL ? c->secret_name : "?");
    case FAILURE_EXPIRED_READY:
    case FAILURE_TEMPORARY:
    case FAILURE_COMMON_NAME:
    case FAILURE_REQUEST:
    case FAILURE_NONE:
    case FAILURE_SECRET_NAMESPACE: // secret_placement_check says what to do
        return fixed_hints[s->mode];
    case FAILURE_MODE_COUNT:
        break;
    }
    return NULL;
}
