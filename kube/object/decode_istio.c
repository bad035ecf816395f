// SPDX-License-Identifier: Apache-2.0
// Decoders of VirtualService, Gateway, DestinationRule, ServiceEntry and RequestAuthentication, as lenient
// as istiod's own (docs/rules/istio.md#lenient-decoding).
#include "kube/base/text.h"

#include "kube/object/decode_istio_internal.h"

#include <string.h>

const char *dec_enum(struct decoder *d, const struct json *j, const char *const *words)
{
    int64_t n = json_type(j) == JSON_NUMBER ? json_int(j, -1) : -1;
    for (int64_t i = 0; n >= 0 && words[i] != NULL; i++) {
        if (i == n) {
            return words[i];
        }
    }
    return dec_text(d, j);
}

int64_t dec_port(const struct json *j)
{
    if (json_type(j) != JSON_OBJECT) {
        return dec_int(j);
    }
    int64_t n = 0;
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "number")) {
            n = dec_int(f);
        }
    }
    return n;
}

uint32_t dec_uint32(int64_t n)
{
    return n < 0 ? 0 : (n > UINT32_MAX ? UINT32_MAX : (uint32_t)n);
}

// --- VirtualService

static const struct http_rule *http_rules(struct decoder *d, const struct json *j, uint32_t *n,
                                          bool *null_rule)
{
    struct http_rule *at = dec_alloc(d, dec_items_count(j), sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        *null_rule = *null_rule || dec_null(c);
        decode_http_rule(d, c, &at[i++]);
    }
    *n = i;
    return at;
}

static const struct l4_rule *l4_rules(struct decoder *d, const struct json *j, uint32_t *n,
                                      bool *null_rule)
{
    struct l4_rule *at = dec_alloc(d, dec_items_count(j), sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        *null_rule = *null_rule || dec_null(c);
        decode_l4_rule(d, c, &at[i++]);
    }
    *n = i;
    return at;
}

void decode_virtualservice(struct decoder *d, const struct parts *p, struct object *o)
{
    struct virtualservice *x = (struct virtualservice *)o;
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "hosts")) {
            x->hosts = dec_texts(d, f);
        } else if (dec_is(f, "gateways")) {
            x->gateways = dec_texts(d, f);
        } else if (dec_is_proto(f, "exportTo")) {
            x->export_to = dec_texts(d, f);
        } else if (dec_is(f, "http")) {
            x->http = http_rules(d, f, &x->nhttp, &x->null_rule);
        } else if (dec_is(f, "tls")) {
            x->tls = l4_rules(d, f, &x->ntls, &x->null_rule);
        } else if (dec_is(f, "tcp")) {
            x->tcp = l4_rules(d, f, &x->ntcp, &x->null_rule);
        }
    }
    x->gateways_set = x->gateways.n > 0; // an empty list is an absent one to istiod
}

// --- Gateway

static const char *const tls_modes[] = {
    "PASSTHROUGH", "SIMPLE", "MUTUAL", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL", NULL};
static const char *const tls_versions[] = {"TLS_AUTO", "TLSV1_0", "TLSV1_1",
                                           "TLSV1_2",  "TLSV1_3", NULL};

static enum tls_mode tls_mode(const struct json *j)
{
    if (json_type(j) == JSON_NUMBER) {
        int64_t n = json_int(j, -1);
        return n >= 0 && n < TLS_MODE_UNKNOWN ? (enum tls_mode)n : TLS_MODE_UNKNOWN;
    }
    for (int i = 0; tls_modes[i] != NULL; i++) {
        if (str_eq(json_string(j), tls_modes[i])) {
            return (enum tls_mode)i;
        }
    }
    return TLS_MODE_UNKNOWN;
}

static bool tls_files(struct decoder *d, const struct json *f, const char **certificate,
                      const char **key, const char **ca)
{
    if (dec_is_proto(f, "serverCertificate")) {
        *certificate = dec_text(d, f);
    } else if (dec_is_proto(f, "privateKey")) {
        *key = dec_text(d, f);
    } else if (dec_is_proto(f, "caCertificates")) {
        *ca = dec_text(d, f);
    } else {
        return false;
    }
    return true;
}

static void tls_certificates(struct decoder *d, const struct json *list, struct server_tls *x)
{
    struct tls_certificate_files *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        EACH_FIELD(f, c)
        {
            tls_files(d, f, &at[n].server_certificate, &at[n].private_key, &at[n].ca_certificates);
        }
        n++;
    }
    x->tls_certificates = at;
    x->ntls_certificates = n;
}

static const struct server_tls *server_tls(struct decoder *d, const struct json *j)
{
    if (dec_null(j)) {
        return NULL;
    }
    struct server_tls *x = dec_alloc(d, 1, sizeof *x);
    EACH_FIELD(f, j)
    {
        if (dec_null(f) ||
            tls_files(d, f, &x->server_certificate, &x->private_key, &x->ca_certificates)) {
            continue;
        }
        if (dec_is(f, "mode")) {
            x->mode_set = true;
            x->mode = tls_mode(f);
            x->mode_text = dec_enum(d, f, tls_modes);
        } else if (dec_is_proto(f, "httpsRedirect")) {
            x->https_redirect = dec_flag(f);
        } else if (dec_is_proto(f, "credentialName")) {
            x->credential_name = dec_text(d, f);
        } else if (dec_is_proto(f, "credentialNames")) {
            x->credential_names = dec_texts(d, f);
        } else if (dec_is_proto(f, "caCertCredentialName")) {
            x->ca_cert_credential_name = dec_text(d, f);
        } else if (dec_is_proto(f, "caCrl")) {
            x->ca_crl = dec_text(d, f);
        } else if (dec_is_proto(f, "tlsCertificates")) {
            tls_certificates(d, f, x);
        } else if (dec_is_proto(f, "subjectAltNames")) {
            x->subject_alt_names = dec_texts(d, f);
        } else if (dec_is_proto(f, "cipherSuites")) {
            x->cipher_suites = dec_texts(d, f);
        } else if (dec_is_proto(f, "verifyCertificateSpki")) {
            x->verify_spki = dec_texts(d, f);
        } else if (dec_is_proto(f, "verifyCertificateHash")) {
            x->verify_hash = dec_texts(d, f);
        } else if (dec_is_proto(f, "minProtocolVersion")) {
            x->min_version = dec_enum(d, f, tls_versions);
        } else if (dec_is_proto(f, "maxProtocolVersion")) {
            x->max_version = dec_enum(d, f, tls_versions);
        }
    }
    return x;
}

static void server_port(struct decoder *d, const struct json *j, struct server *x)
{
    x->port_present = !dec_null(j);
    x->port = dec_port(j);
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "name")) {
            x->port_name = dec_text(d, f);
        } else if (dec_is(f, "protocol")) {
            x->protocol = dec_text(d, f);
        } else if (dec_is_proto(f, "targetPort")) {
            x->target_port = dec_int(f);
        }
    }
}

static void server(struct decoder *d, const struct json *j, struct server *x)
{
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "port")) {
            server_port(d, f, x);
        } else if (dec_is(f, "hosts")) {
            x->hosts = dec_texts(d, f);
        } else if (dec_is(f, "tls")) {
            x->tls = server_tls(d, f);
        } else if (dec_is(f, "name")) {
            x->name = dec_text(d, f);
        } else if (dec_is(f, "bind")) {
            x->bind = dec_text(d, f);
        } else if (dec_is_proto(f, "defaultEndpoint")) {
            x->default_endpoint = dec_text(d, f);
        }
    }
}

void decode_gateway(struct decoder *d, const struct parts *p, struct object *o)
{
    struct gateway *x = (struct gateway *)o;
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "selector")) {
            x->selector = dec_map(d, f);
        } else if (dec_is(f, "servers")) {
            struct server *at = dec_alloc(d, dec_items_count(f), sizeof *at);
            uint32_t n = 0;
            EACH_ITEM(c, f)
            {
                server(d, c, &at[n++]);
            }
            x->servers = at;
            x->nservers = n;
        }
    }
}

// --- DestinationRule

static const char *const client_modes[] = {"DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL", NULL};

static struct client_tls client_tls(struct decoder *d, const struct json *j)
{
    struct client_tls x = {NULL, NULL, NULL, NULL, NULL};
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "mode")) {
            x.mode = dec_enum(d, f, client_modes);
        } else if (dec_is_proto(f, "caCertificates")) {
            x.ca_certificates = dec_text(d, f);
        } else if (dec_is_proto(f, "credentialName")) {
            x.credential_name = dec_text(d, f);
        } else if (dec_is_proto(f, "clientCertificate")) {
            x.client_certificate = dec_text(d, f);
        } else if (dec_is_proto(f, "privateKey")) {
            x.private_key = dec_text(d, f);
        }
    }
    return x;
}

static size_t ports_with_tls(const struct json *list)
{
    size_t n = 0;
    EACH_ITEM(c, list)
    {
        n += dec_null(json_get(c, "tls")) ? 0 : 1;
    }
    return n;
}

static void port_settings(struct decoder *d, const struct json *list, struct traffic_policy *x)
{
    struct port_tls *at = dec_alloc(d, ports_with_tls(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        const struct json *tls = json_get(c, "tls");
        if (!dec_null(tls)) {
            at[n].port = dec_port(json_get(c, "port"));
            at[n++].tls = client_tls(d, tls);
        }
    }
    x->ports = at;
    x->nports = n;
}

static struct traffic_policy traffic_policy(struct decoder *d, const struct json *j)
{
    struct traffic_policy x;
    memset(&x, 0, sizeof x);
    x.empty = true;
    EACH_FIELD(f, j)
    {
        if (dec_null(f)) {
            continue;
        }
        x.empty = x.empty && json_type(f) == JSON_ARRAY && json_count(f) == 0;
        if (dec_is(f, "tls")) {
            x.has_tls = true;
            x.tls = client_tls(d, f);
        } else if (dec_is_proto(f, "portLevelSettings")) {
            port_settings(d, f, &x);
        }
    }
    return x;
}

static const struct subset *subsets(struct decoder *d, const struct json *list, uint32_t *n)
{
    struct subset *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, list)
    {
        struct subset *x = &at[i++];
        EACH_FIELD(f, c)
        {
            if (dec_is(f, "name")) {
                x->name = dec_text(d, f);
            } else if (dec_is(f, "labels")) {
                x->labels = dec_map(d, f);
            } else if (dec_is_proto(f, "trafficPolicy")) {
                x->has_policy = !dec_null(f);
                x->policy = traffic_policy(d, f);
            }
        }
    }
    *n = i;
    return at;
}

void decode_destinationrule(struct decoder *d, const struct parts *p, struct object *o)
{
    struct destinationrule *x = (struct destinationrule *)o;
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "host")) {
            x->host = dec_text(d, f);
        } else if (dec_is_proto(f, "exportTo")) {
            x->export_to = dec_texts(d, f);
        } else if (dec_is(f, "subsets")) {
            x->subsets = subsets(d, f, &x->nsubsets);
        } else if (dec_is_proto(f, "trafficPolicy")) {
            x->has_policy = !dec_null(f);
            x->policy = traffic_policy(d, f);
        } else if (dec_is_proto(f, "workloadSelector")) {
            x->has_workload_selector = !dec_null(f);
        }
    }
}

// --- ServiceEntry

static const char *const locations[] = {"MESH_EXTERNAL", "MESH_INTERNAL", NULL};
static const char *const resolutions[] = {"NONE",        "STATIC", "DNS", "DNS_ROUND_ROBIN",
                                          "DYNAMIC_DNS", NULL};

static void entry_ports(struct decoder *d, const struct json *list, struct serviceentry *x)
{
    struct se_port *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        EACH_FIELD(f, c)
        {
            if (dec_is(f, "name")) {
                at[n].name = dec_text(d, f);
            } else if (dec_is(f, "protocol")) {
                at[n].protocol = dec_text(d, f);
            } else if (dec_is(f, "number")) {
                at[n].number = dec_int(f);
            } else if (dec_is_proto(f, "targetPort")) {
                at[n].target_port = dec_int(f);
            }
        }
        n++;
    }
    x->ports = at;
    x->nports = n;
}

static void entry_endpoints(struct decoder *d, const struct json *list, struct serviceentry *x)
{
    struct se_endpoint *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        at[n].address = dec_text(d, json_get(c, "address"));
        at[n++].labels = dec_map(d, json_get(c, "labels"));
    }
    x->endpoints = at;
    x->nendpoints = n;
}

static struct str_list status_addresses(struct decoder *d, const struct json *list)
{
    const char **at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        const char *s = dec_text(d, json_get(c, "value"));
        at[n++] = s != NULL ? s : "";
    }
    return (struct str_list){at, n};
}

void decode_serviceentry(struct decoder *d, const struct parts *p, struct object *o)
{
    struct serviceentry *x = (struct serviceentry *)o;
    x->conditions = dec_conditions(d, json_get(p->status, "conditions"));
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "hosts")) {
            x->hosts = dec_texts(d, f);
        } else if (dec_is(f, "addresses")) {
            x->addresses = dec_texts(d, f);
        } else if (dec_is_proto(f, "exportTo")) {
            x->export_to = dec_texts(d, f);
        } else if (dec_is(f, "ports")) {
            entry_ports(d, f, x);
        } else if (dec_is(f, "location")) {
            x->location = dec_enum(d, f, locations);
        } else if (dec_is(f, "resolution")) {
            x->resolution = dec_enum(d, f, resolutions);
        } else if (dec_is(f, "endpoints")) {
            entry_endpoints(d, f, x);
        } else if (dec_is_proto(f, "workloadSelector")) {
            x->has_workload_selector = !dec_null(f);
            x->workload_selector = dec_map(d, json_get(f, "labels"));
        }
    }
    x->status_addresses = status_addresses(d, json_get(p->status, "addresses"));
}

void decode_requestauthentication(struct decoder *d, const struct parts *p, struct object *o)
{
    struct requestauthentication *x = (struct requestauthentication *)o;
    const struct json *selector = json_get(p->spec, "selector");
    const struct json *labels = json_get(selector, "matchLabels");
    if (labels == NULL) {
        labels = json_get(selector, "match_labels");
    }
    x->selector = dec_map(d, labels);
    x->has_selector = x->selector.n > 0; // an empty selector selects like none
}
