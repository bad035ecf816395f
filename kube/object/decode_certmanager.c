// SPDX-License-Identifier: Apache-2.0
// Decoders of cert-manager's kinds; every version since v0.6 comes out in the words of v1
// (docs/rules/certificates.md#older-spellings).
#include "kube/base/text.h"

#include "kube/object/decode_internal.h"

#include <string.h>

// An old word and the word of v1 for it; a word that is not in the table stays as it is.
struct spelling {
    const char *old, *now;
};

static const struct spelling algorithms[] = {
    {"rsa", "RSA"}, {"ecdsa", "ECDSA"}, {"ed25519", "Ed25519"}};
static const struct spelling challenge_types[] = {{"http-01", "HTTP-01"}, {"dns-01", "DNS-01"}};
static const struct spelling providers[] = {
    {"clouddns", "cloudDNS"}, {"azuredns", "azureDNS"}, {"acmedns", "acmeDNS"}};

static const char *respell(const struct spelling *table, size_t n, const char *word)
{
    for (size_t i = 0; word != NULL && i < n; i++) {
        if (strcmp(table[i].old, word) == 0) {
            return table[i].now;
        }
    }
    return word;
}
#define RESPELL(table, word) respell(table, sizeof(table) / sizeof((table)[0]), word)

static struct issuer_ref issuer_ref(struct decoder *d, const struct json *j)
{
    struct issuer_ref x = {NULL, NULL, NULL};
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "name")) {
            x.name = dec_text(d, f);
        } else if (dec_is(f, "kind")) {
            x.kind = dec_text(d, f);
        } else if (dec_is(f, "group")) {
            x.group = dec_text(d, f);
        }
    }
    return x;
}

// A whole number, -1 where it is absent.
static int64_t count_or_none(const struct json *j)
{
    return json_int(j, -1);
}

static void certificate_spec(struct decoder *d, const struct json *spec, struct certificate *x)
{
    EACH_FIELD(f, spec)
    {
        if (dec_is(f, "secretName")) {
            x->secret_name = dec_text(d, f);
        } else if (dec_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (dec_is(f, "dnsNames")) {
            x->dns_names = dec_texts(d, f);
        } else if (dec_is(f, "ipAddresses")) {
            x->ip_addresses = dec_texts(d, f);
        } else if (dec_is(f, "uris") || dec_is(f, "uriSANs")) {
            x->uris = dec_texts(d, f);
        } else if (dec_is(f, "emailAddresses") || dec_is(f, "emailSANs")) {
            x->email_addresses = dec_texts(d, f);
        } else if (dec_is(f, "commonName")) {
            x->common_name = dec_text(d, f);
        } else if (dec_is(f, "duration")) {
            x->duration = dec_duration(f);
        } else if (dec_is(f, "renewBefore")) {
            x->renew_before = dec_duration(f);
        } else if (dec_is(f, "renewBeforePercentage")) {
            x->renew_before_percentage = count_or_none(f);
        } else if (dec_is(f, "keyAlgorithm")) {
            x->key_algorithm = dec_string(d, RESPELL(algorithms, json_string(f)));
        } else if (dec_is(f, "keySize")) {
            x->key_size = dec_int(f);
        } else if (dec_is(f, "privateKey")) {
            x->key_algorithm = dec_string(d, RESPELL(algorithms, json_get_string(f, "algorithm")));
            x->key_size = dec_int(json_get(f, "size"));
            x->rotation_policy = dec_text(d, json_get(f, "rotationPolicy"));
        } else if (dec_is(f, "renewal")) {
            x->renewal_policy = dec_text(d, json_get(f, "policy"));
        } else if (dec_is(f, "isCA")) {
            x->is_ca = dec_flag(f);
        }
    }
}

void decode_certificate(struct decoder *d, const struct parts *p, struct object *o)
{
    struct certificate *x = (struct certificate *)o;
    x->duration = x->renew_before = DURATION_NONE;
    x->renew_before_percentage = x->revision = x->failed_attempts = -1;
    x->not_before = x->not_after = x->renewal_time = x->last_failure = TIME_NONE;
    certificate_spec(d, p->spec, x);
    EACH_FIELD(f, p->status)
    {
        if (dec_is(f, "conditions")) {
            x->conditions = dec_conditions(d, f);
        } else if (dec_is(f, "notBefore")) {
            x->not_before = dec_time(f);
        } else if (dec_is(f, "notAfter")) {
            x->not_after = dec_time(f);
        } else if (dec_is(f, "renewalTime")) {
            x->renewal_time = dec_time(f);
        } else if (dec_is(f, "lastFailureTime")) {
            x->last_failure = dec_time(f);
        } else if (dec_is(f, "revision")) {
            x->revision = count_or_none(f);
        } else if (dec_is(f, "failedIssuanceAttempts")) {
            x->failed_attempts = count_or_none(f);
        } else if (dec_is(f, "nextPrivateKeySecretName")) {
            x->next_private_key_secret = dec_text(d, f);
        }
    }
}

void decode_certificaterequest(struct decoder *d, const struct parts *p, struct object *o)
{
    struct certificaterequest *x = (struct certificaterequest *)o;
    x->failure_time = TIME_NONE;
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (dec_is(f, "request") || dec_is(f, "csr")) {
            x->request = dec_raw(d, f);
        } else if (dec_is(f, "username")) {
            x->username = dec_text(d, f);
        }
    }
    EACH_FIELD(f, p->status)
    {
        if (dec_is(f, "conditions")) {
            x->conditions = dec_conditions(d, f);
        } else if (dec_is(f, "certificate")) {
            x->certificate = dec_raw(d, f);
        } else if (dec_is(f, "failureTime")) {
            x->failure_time = dec_time(f);
        }
    }
}

// --- Order

static void authorization(struct decoder *d, const struct json *j, struct order_authorization *x)
{
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "identifier")) {
            x->identifier = dec_text(d, f);
        } else if (dec_is(f, "initialState")) {
            x->initial_state = dec_text(d, f);
        } else if (dec_is(f, "url")) {
            x->url = dec_text(d, f);
        } else if (dec_is(f, "wildcard")) {
            x->wildcard = dec_flag(f);
        } else if (dec_is(f, "challenges")) {
            struct order_challenge *at = dec_alloc(d, dec_items_count(f), sizeof *at);
            uint32_t n = 0;
            EACH_ITEM(c, f)
            {
                at[n].type = dec_text(d, json_get(c, "type"));
                at[n++].url = dec_text(d, json_get(c, "url"));
            }
            x->challenges = at;
            x->nchallenges = n;
        }
    }
}

// v1alpha1 kept the challenges of an Order in status.challenges[], one for each name.
static void legacy_challenges(struct decoder *d, const struct json *list, struct order *x)
{
    struct order_authorization *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        at[n].identifier = dec_text(d, json_get(c, "dnsName"));
        at[n].url = dec_text(d, json_get(c, "authzURL"));
        at[n].wildcard = json_get_bool(c, "wildcard", false);
        struct order_challenge *one = dec_alloc(d, 1, sizeof *one);
        one->type = dec_text(d, json_get(c, "type"));
        one->url = dec_text(d, json_get(c, "url"));
        at[n].challenges = one;
        at[n++].nchallenges = 1;
    }
    x->authorizations = at;
    x->nauthorizations = n;
}

static void order_status(struct decoder *d, const struct json *status, struct order *x)
{
    EACH_FIELD(f, status)
    {
        if (dec_is(f, "state")) {
            x->state = dec_text(d, f);
        } else if (dec_is(f, "reason")) {
            x->reason = dec_text(d, f);
        } else if (dec_is(f, "url")) {
            x->url = dec_text(d, f);
        } else if (dec_is(f, "failureTime")) {
            x->failure_time = dec_time(f);
        } else if (dec_is(f, "certificate")) {
            x->has_certificate = !str_empty(json_string(f));
        } else if (dec_is(f, "authorizations")) {
            struct order_authorization *at = dec_alloc(d, dec_items_count(f), sizeof *at);
            uint32_t n = 0;
            EACH_ITEM(c, f)
            {
                authorization(d, c, &at[n++]);
            }
            x->authorizations = at;
            x->nauthorizations = n;
        } else if (dec_is(f, "challenges") && dec_null(json_get(status, "authorizations"))) {
            legacy_challenges(d, f, x);
        }
    }
}

void decode_order(struct decoder *d, const struct parts *p, struct object *o)
{
    struct order *x = (struct order *)o;
    x->failure_time = TIME_NONE;
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (dec_is(f, "commonName")) {
            x->common_name = dec_text(d, f);
        } else if (dec_is(f, "dnsNames")) {
            x->dns_names = dec_texts(d, f);
        } else if (dec_is(f, "profile")) {
            x->profile = dec_text(d, f);
        }
    }
    order_status(d, p->status, x);
}

// --- solvers

// The provider of a dns01 block: the one key that is neither a name nor a strategy.
static const char *dns01_provider(const struct json *dns01)
{
    EACH_FIELD(f, dns01)
    {
        if (!dec_is(f, "cnameStrategy") && !dec_is(f, "name") && !dec_is(f, "provider")) {
            return RESPELL(providers, json_key(f));
        }
    }
    const char *named =
        json_get_string(dns01, "provider"); // v1alpha1: the name of an entry of the Issuer
    return named != NULL ? named : "dns01";
}

static const char *http01_provider(const struct json *http01)
{
    EACH_FIELD(f, http01)
    {
        return dec_is(f, "gatewayHTTPRoute") ? "gatewayHTTPRoute" : "ingress";
    }
    return "ingress";
}

static const char *solver_text(const struct json *solver)
{
    const struct json *dns01 = json_get(solver, "dns01");
    if (!dec_null(dns01)) {
        return dns01_provider(dns01);
    }
    const struct json *http01 = json_get(solver, "http01");
    if (dec_null(http01)) {
        return NULL;
    }
    return str_eq(http01_provider(http01), "ingress") ? "http01/ingress"
                                                      : "http01/gatewayHTTPRoute";
}

void decode_challenge(struct decoder *d, const struct parts *p, struct object *o)
{
    struct challenge *x = (struct challenge *)o;
    x->presented_at = TIME_NONE;
    const struct json *solver = NULL;
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (dec_is(f, "dnsName")) {
            x->dns_name = dec_text(d, f);
        } else if (dec_is(f, "type")) {
            x->type = dec_string(d, RESPELL(challenge_types, json_string(f)));
        } else if (dec_is(f, "wildcard")) {
            x->wildcard = dec_flag(f);
        } else if (dec_is(f, "solver") || (dec_is(f, "config") && solver == NULL)) {
            solver = f; // `config` is the spelling before solvers (v1alpha1)
        }
    }
    x->solver = dec_string(d, solver_text(solver));
    EACH_FIELD(f, p->status)
    {
        if (dec_is(f, "state")) {
            x->state = dec_text(d, f);
        } else if (dec_is(f, "reason")) {
            x->reason = dec_text(d, f);
        } else if (dec_is(f, "processing")) {
            x->processing = dec_flag(f);
        } else if (dec_is(f, "presented")) {
            x->presented = dec_flag(f);
        } else if (dec_is(f, "presentedAt")) {
            x->presented_at = dec_time(f);
        }
    }
    x->finalizers = dec_texts(d, json_get(p->metadata, "finalizers"));
}

static void acme_solver(struct decoder *d, const struct json *j, struct acme_solver *x)
{
    const struct json *selector = json_get(j, "selector");
    const struct json *dns01 = json_get(j, "dns01");
    const struct json *http01 = json_get(j, "http01");
    x->dns_names = dec_texts(d, json_get(selector, "dnsNames"));
    x->dns_zones = dec_texts(d, json_get(selector, "dnsZones"));
    x->match_labels = dec_map(d, json_get(selector, "matchLabels"));
    x->dns01 = !dec_null(dns01);
    x->http01 = !dec_null(http01);
    x->cname_strategy = dec_text(d, json_get(dns01, "cnameStrategy"));
    x->provider = x->dns01 ? dec_string(d, dns01_provider(dns01))
                           : (x->http01 ? dec_string(d, http01_provider(http01)) : NULL);
}

// spec.acme.solvers[], or what came before it: spec.acme.http01 and spec.acme.dns01.providers[].
static void acme_solvers(struct decoder *d, const struct json *acme, struct issuer *x)
{
    const struct json *list = json_get(acme, "solvers");
    const struct json *http01 = json_get(acme, "http01");
    const struct json *old = json_at(acme, "dns01", "providers", NULL);
    size_t most = dec_items_count(list) + (dec_null(http01) ? 0 : 1) + dec_items_count(old);
    struct acme_solver *at = dec_alloc(d, most, sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        acme_solver(d, c, &at[n++]);
    }
    if (!dec_null(http01)) {
        at[n].http01 = true;
        at[n++].provider = "ingress";
    }
    EACH_ITEM(c, old)
    {
        at[n].dns01 = true;
        at[n].cname_strategy = dec_text(d, json_get(c, "cnameStrategy"));
        at[n++].provider = dec_string(d, dns01_provider(c));
    }
    x->solvers = at;
    x->nsolvers = n;
}

void decode_issuer(struct decoder *d, const struct parts *p, struct object *o)
{
    struct issuer *x = (struct issuer *)o;
    EACH_FIELD(f, p->spec)
    {
        if (dec_null(f)) {
            continue;
        }
        if (dec_is(f, "acme")) {
            x->type = ISSUER_ACME;
            x->server = dec_text(d, json_get(f, "server"));
            x->email = dec_text(d, json_get(f, "email"));
            x->account_key_secret = dec_text(d, json_at(f, "privateKeySecretRef", "name", NULL));
            x->profile = dec_text(d, json_get(f, "profile"));
            x->preferred_chain = dec_text(d, json_get(f, "preferredChain"));
            acme_solvers(d, f, x);
        } else if (dec_is(f, "ca")) {
            x->type = ISSUER_CA;
            x->ca_secret = dec_text(d, json_get(f, "secretName"));
        } else if (dec_is(f, "selfSigned")) {
            x->type = ISSUER_SELFSIGNED;
        } else if (dec_is(f, "vault")) {
            x->type = ISSUER_VAULT;
        } else if (dec_is(f, "venafi")) {
            x->type = ISSUER_VENAFI;
        }
    }
    x->conditions = dec_conditions(d, json_get(p->status, "conditions"));
    const struct json *account = json_get(p->status, "acme");
    x->account_uri = dec_text(d, json_get(account, "uri"));
    x->registered_email = dec_text(d, json_get(account, "lastRegisteredEmail"));
}
