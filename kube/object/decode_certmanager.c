// SPDX-License-Identifier: Apache-2.0
// Decoders of cert-manager's kinds; every version since v0.6 comes out in the words of v1
// (docs/rules/certificates.md#older-spellings).
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/decode_kinds_internal.h"

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

// The word of v1, NULL for NULL.
static const char *respell(const struct spelling *table, size_t n, const char *word)
{
    for (size_t i = 0; word != NULL && i < n; i++) {
        if (strcmp(table[i].old, word) == 0) {
            return table[i].now;
        }
    }
    return word;
}
#define RESPELL(table, word) respell(table, ARRAY_COUNT(table), word)

static struct issuer_ref issuer_ref(struct object_decoder *d, const struct json *j)
{
    struct issuer_ref x = {NULL, NULL, NULL};
    EACH_FIELD(f, j)
    {
        if (field_is(f, "name")) {
            x.name = decode_word(d, f);
        } else if (field_is(f, "kind")) {
            x.kind = decode_word(d, f);
        } else if (field_is(f, "group")) {
            x.group = decode_word(d, f);
        }
    }
    return x;
}

// A whole number, -1 if it is absent or negative.
static int64_t count_or_none(const struct json *j)
{
    int64_t n = json_int(j, -1);
    return n > DECODE_INT_MAX ? DECODE_INT_MAX : n < -1 ? -1 : n;
}

// The names of the Secrets with the passwords of keystores that are to be made.
static struct str_list keystore_secrets(struct object_decoder *d, const struct json *keystores)
{
    static const char *const stores[] = {"pkcs12", "jks"}; // in the order that they are written
    const char **at = decode_alloc(d, ARRAY_COUNT(stores), sizeof *at);
    uint32_t n = 0;
    for (size_t i = 0; i < ARRAY_COUNT(stores); i++) {
        const struct json *store = json_get(keystores, stores[i]);
        const char *name = json_string(json_at(store, "passwordSecretRef", "name", NULL));
        if (json_bool(json_get(store, "create"), false) && name != NULL) {
            at[n++] = decode_copy(d, name);
        }
    }
    return (struct str_list){at, n};
}

static void certificate_spec(struct object_decoder *d, const struct json *spec,
                             struct certificate *x)
{
    EACH_FIELD(f, spec)
    {
        if (field_is(f, "secretName")) {
            x->secret_name = decode_string(d, f);
        } else if (field_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (field_is(f, "dnsNames")) {
            x->dns_names = decode_strings(d, f);
        } else if (field_is(f, "ipAddresses")) {
            x->ip_addresses = decode_strings(d, f);
        } else if (field_is(f, "uris") || field_is(f, "uriSANs")) {
            x->uris = decode_strings(d, f);
        } else if (field_is(f, "emailAddresses") || field_is(f, "emailSANs")) {
            x->email_addresses = decode_strings(d, f);
        } else if (field_is(f, "commonName")) {
            x->common_name = decode_string(d, f);
        } else if (field_is(f, "duration")) {
            x->duration = decode_duration(f);
        } else if (field_is(f, "renewBefore")) {
            x->renew_before = decode_duration(f);
        } else if (field_is(f, "renewBeforePercentage")) {
            x->renew_before_percentage = count_or_none(f);
        } else if (field_is(f, "keyAlgorithm")) {
            x->key_algorithm = decode_copy(d, RESPELL(algorithms, json_string(f)));
        } else if (field_is(f, "keySize")) {
            x->key_size = decode_int(f);
        } else if (field_is(f, "privateKey")) {
            x->key_algorithm = decode_copy(d, RESPELL(algorithms, json_get_string(f, "algorithm")));
            x->key_size = decode_int(json_get(f, "size"));
        } else if (field_is(f, "keystores")) {
            x->keystore_secrets = keystore_secrets(d, f);
        } else if (field_is(f, "renewal")) {
            x->renewal_policy = decode_string(d, json_get(f, "policy"));
        }
    }
}

void decode_certificate(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct certificate *x = (struct certificate *)o;
    x->duration = x->renew_before = DURATION_NONE;
    x->renew_before_percentage = x->revision = x->failed_attempts = -1;
    x->not_before = x->not_after = x->renewal_time = x->last_failure = x->ari_start = TIME_NONE;
    certificate_spec(d, p->spec, x);
    EACH_FIELD(f, p->status)
    {
        if (field_is(f, "conditions")) {
            x->conditions = decode_conditions(d, f);
        } else if (field_is(f, "notBefore")) {
            x->not_before = decode_time(f);
        } else if (field_is(f, "notAfter")) {
            x->not_after = decode_time(f);
        } else if (field_is(f, "renewalTime")) {
            x->renewal_time = decode_time(f);
        } else if (field_is(f, "acme")) {
            x->ari_start = decode_time(json_at(f, "ari", "suggestedWindow", "start", NULL));
        } else if (field_is(f, "lastFailureTime")) {
            x->last_failure = decode_time(f);
        } else if (field_is(f, "revision")) {
            x->revision = count_or_none(f);
        } else if (field_is(f, "failedIssuanceAttempts")) {
            x->failed_attempts = count_or_none(f);
        }
    }
}

void decode_certificaterequest(struct object_decoder *d, const struct object_parts *p,
                               struct object *o)
{
    struct certificaterequest *x = (struct certificaterequest *)o;
    x->failure_time = TIME_NONE;
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (field_is(f, "request") || field_is(f, "csr")) {
            x->request = decode_ascii(d, f);
        } else if (field_is(f, "username")) {
            x->username = decode_string(d, f);
        }
    }
    EACH_FIELD(f, p->status)
    {
        if (field_is(f, "conditions")) {
            x->conditions = decode_conditions(d, f);
        } else if (field_is(f, "certificate")) {
            x->certificate = decode_ascii(d, f);
        } else if (field_is(f, "failureTime")) {
            x->failure_time = decode_time(f);
        }
    }
}

// --- Order

static void order_status(struct object_decoder *d, const struct json *status, struct order *x)
{
    EACH_FIELD(f, status)
    {
        if (field_is(f, "state")) {
            x->state = decode_word(d, f);
        } else if (field_is(f, "reason")) {
            x->reason = decode_string(d, f);
        } else if (field_is(f, "failureTime")) {
            x->failure_time = decode_time(f);
        }
    }
}

void decode_order(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct order *x = (struct order *)o;
    x->failure_time = TIME_NONE;
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (field_is(f, "commonName")) {
            x->common_name = decode_string(d, f);
        } else if (field_is(f, "dnsNames")) {
            x->dns_names = decode_strings(d, f);
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
        if (!field_is(f, "cnameStrategy") && !field_is(f, "name") && !field_is(f, "provider")) {
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
        return field_is(f, "gatewayHTTPRoute") ? "gatewayHTTPRoute" : "ingress";
    }
    return "ingress";
}

void decode_challenge(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct challenge *x = (struct challenge *)o;
    x->presented_at = TIME_NONE;
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "issuerRef")) {
            x->issuer = issuer_ref(d, f);
        } else if (field_is(f, "dnsName")) {
            x->dns_name = decode_string(d, f);
        } else if (field_is(f, "type")) {
            x->type = decode_copy(d, RESPELL(challenge_types, json_string(f)));
        } else if (field_is(f, "wildcard")) {
            x->wildcard = decode_bool(f);
        }
    }
    EACH_FIELD(f, p->status)
    {
        if (field_is(f, "state")) {
            x->state = decode_word(d, f);
        } else if (field_is(f, "reason")) {
            x->reason = decode_string(d, f);
        } else if (field_is(f, "processing")) {
            x->processing = decode_bool(f);
        } else if (field_is(f, "presented")) {
            x->presented = decode_bool(f);
        } else if (field_is(f, "presentedAt")) {
            x->presented_at = decode_time(f);
        }
    }
    x->finalizers = decode_strings(d, json_get(p->metadata, "finalizers"));
}

static void acme_solver(struct object_decoder *d, const struct json *j, struct acme_solver *x)
{
    const struct json *selector = json_get(j, "selector");
    const struct json *dns01 = json_get(j, "dns01");
    const struct json *http01 = json_get(j, "http01");
    x->dns_names = decode_strings(d, json_get(selector, "dnsNames"));
    x->dns_zones = decode_strings(d, json_get(selector, "dnsZones"));
    x->match_labels = decode_map(d, json_get(selector, "matchLabels"));
    x->dns01 = !field_is_null(dns01);
    x->http01 = !field_is_null(http01);
    x->provider = x->dns01 ? decode_copy(d, dns01_provider(dns01))
                           : (x->http01 ? decode_copy(d, http01_provider(http01)) : NULL);
}

// spec.acme.solvers[], or what came before it: spec.acme.http01 and spec.acme.dns01.providers[].
static void acme_solvers(struct object_decoder *d, const struct json *acme, struct issuer *x)
{
    const struct json *list = json_get(acme, "solvers");
    const struct json *http01 = json_get(acme, "http01");
    const struct json *old = json_at(acme, "dns01", "providers", NULL);
    size_t most = item_count(list) + (field_is_null(http01) ? 0 : 1) + item_count(old);
    struct acme_solver *at = decode_alloc(d, most, sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        acme_solver(d, c, &at[n++]);
    }
    if (!field_is_null(http01)) {
        at[n].http01 = true;
        at[n++].provider = "ingress";
    }
    EACH_ITEM(c, old)
    {
        at[n].dns01 = true;
        at[n++].provider = decode_copy(d, dns01_provider(c));
    }
    x->solvers = at;
    x->nsolvers = n;
}

void decode_issuer(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct issuer *x = (struct issuer *)o;
    EACH_FIELD(f, p->spec)
    {
        if (field_is_null(f)) {
            continue;
        }
        if (field_is(f, "acme")) {
            x->type = ISSUER_ACME;
            x->server = decode_string(d, json_get(f, "server"));
            x->account_key_secret =
                decode_string(d, json_at(f, "privateKeySecretRef", "name", NULL));
            x->profile = decode_string(d, json_get(f, "profile"));
            x->account_binding = !field_is_null(json_get(f, "externalAccountBinding"));
            x->sends_duration = decode_bool(json_get(f, "enableDurationFeature"));
            acme_solvers(d, f, x);
        } else if (field_is(f, "ca")) {
            x->type = ISSUER_CA;
            x->ca_secret = decode_string(d, json_get(f, "secretName"));
        } else if (field_is(f, "selfSigned")) {
            x->type = ISSUER_SELFSIGNED;
        } else if (field_is(f, "vault")) {
            x->type = ISSUER_VAULT;
        } else if (field_is(f, "venafi")) {
            x->type = ISSUER_VENAFI;
        }
    }
    x->conditions = decode_conditions(d, json_get(p->status, "conditions"));
    x->account_uri = decode_string(d, json_at(p->status, "acme", "uri", NULL));
}
