// SPDX-License-Identifier: Apache-2.0
// Decoders of Gateway, DestinationRule and ServiceEntry, as lax as istiod's own
// (docs/rules/istio.md#lenient-decoding).
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/decode_istio_values_internal.h"
#include "kube/object/decode_kinds_internal.h"
#include "kube/object/istio_enums_internal.h"
#include "kube/object/istio_objects.h"
#include "kube/object/policy_faults_internal.h"

#include <string.h>

// --- Gateway

static enum tls_mode tls_mode(const struct json *j)
{
    if (json_type(j) == JSON_NUMBER) {
        int64_t n = json_int(j, -1);
        return n >= 0 && n < TLS_MODE_UNKNOWN ? (enum tls_mode)n : TLS_MODE_UNKNOWN;
    }
    for (int i = 0; istio_tls_modes[i] != NULL; i++) {
        if (str_eq(json_string(j), istio_tls_modes[i])) {
            return (enum tls_mode)i;
        }
    }
    return TLS_MODE_UNKNOWN;
}

static bool tls_files(struct object_decoder *d, const struct json *f, const char **certificate,
                      const char **key, const char **ca)
{
    if (field_is_proto(f, "serverCertificate")) {
        *certificate = decode_string(d, f);
    } else if (field_is_proto(f, "privateKey")) {
        *key = decode_string(d, f);
    } else if (field_is_proto(f, "caCertificates")) {
        *ca = decode_string(d, f);
    } else {
        return false;
    }
    return true;
}

static void tls_certificates(struct object_decoder *d, const struct json *list,
                             struct server_tls_more *x)
{
    struct tls_certificate_files *at = decode_alloc(d, item_count(list), sizeof *at);
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

// Reads one of the rarer fields.
static void server_tls_more(struct object_decoder *d, const struct json *f,
                            struct server_tls_more *x)
{
    if (tls_files(d, f, &x->server_certificate, &x->private_key, &x->ca_certificates)) {
        return;
    }
    if (field_is_proto(f, "credentialNames")) {
        x->credential_names = decode_strings(d, f);
    } else if (field_is_proto(f, "caCertCredentialName")) {
        x->ca_cert_credential_name = decode_string(d, f);
    } else if (field_is_proto(f, "caCrl")) {
        x->ca_crl = decode_string(d, f);
    } else if (field_is_proto(f, "tlsCertificates")) {
        tls_certificates(d, f, x);
    } else if (field_is_proto(f, "cipherSuites")) {
        x->cipher_suites = decode_strings(d, f);
    } else if (field_is_proto(f, "minProtocolVersion")) {
        x->min_version = decode_enum_word(d, f, istio_tls_versions);
    }
}

static void server_tls_fields(struct object_decoder *d, const struct json *j, struct server_tls *x)
{
    static const struct server_tls_more none;
    struct server_tls_more *more = NULL;
    x->mode_text = istio_tls_modes[TLS_PASSTHROUGH];
    EACH_FIELD(f, j)
    {
        if (field_is_null(f)) {
            continue;
        }
        if (field_is(f, "mode")) {
            x->mode_set = true;
            x->mode = tls_mode(f);
            x->mode_text = decode_enum_word(d, f, istio_tls_modes);
        } else if (field_is_proto(f, "httpsRedirect")) {
            x->https_redirect = decode_bool(f);
        } else if (field_is_proto(f, "credentialName")) {
            x->credential_name = decode_word(d, f);
        } else {
            more = more != NULL ? more : decode_alloc(d, 1, sizeof *more);
            server_tls_more(d, f, more);
        }
    }
    x->more = more != NULL ? more : &none;
}

static const struct server_tls *server_tls(struct object_decoder *d, const struct json *j)
{
    if (field_is_null(j)) {
        return NULL;
    }
    struct decoded_array array;
    struct server_tls *x = decode_array_begin(d, &array, 1, sizeof *x);
    if (x != NULL) {
        server_tls_fields(d, j, x);
    }
    return decode_array_end(d, &array);
}

struct hosts_before {
    const struct json *list; // NULL: there are none
    struct str_list hosts;
};

static void server_port(struct object_decoder *d, const struct json *j, struct server *x)
{
    x->port_present = !field_is_null(j);
    x->port = decode_port_number(j);
    EACH_FIELD(f, j)
    {
        if (field_is(f, "name")) {
            x->port_name = decode_word(d, f);
        } else if (field_is(f, "protocol")) {
            x->protocol = decode_word(d, f);
        } else if (field_is_proto(f, "targetPort")) {
            x->target_port = decode_int(f);
        }
    }
}

// The hosts of a server, shared with the server before if it has the same, as those on ports 80 and 443 mostly do.
static struct str_list server_hosts(struct object_decoder *d, const struct json *list,
                                    struct hosts_before *before)
{
    if (before->list == NULL || !json_equal(list, before->list)) {
        before->hosts = decode_strings(d, list);
        before->list = list;
    }
    return before->hosts;
}

static void server(struct object_decoder *d, const struct json *j, struct hosts_before *before,
                   struct server *x)
{
    EACH_FIELD(f, j)
    {
        if (field_is(f, "port")) {
            server_port(d, f, x);
        } else if (field_is(f, "hosts")) {
            x->hosts = server_hosts(d, f, before);
        } else if (field_is(f, "tls")) {
            x->tls = server_tls(d, f);
        } else if (field_is(f, "name")) {
            x->name = decode_string(d, f);
        } else if (field_is(f, "bind")) {
            x->bind = decode_string(d, f);
        }
    }
}

void decode_gateway(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct gateway *x = (struct gateway *)o;
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "selector")) {
            x->selector = decode_map(d, f);
        } else if (field_is(f, "servers")) {
            struct server *at = decode_alloc(d, item_count(f), sizeof *at);
            struct hosts_before before = {NULL, {NULL, 0}};
            uint32_t n = 0;
            EACH_ITEM(c, f)
            {
                server(d, c, &before, &at[n++]);
            }
            x->servers = at;
            x->nservers = n;
        }
    }
}

// --- DestinationRule

static struct client_tls client_tls(struct object_decoder *d, const struct json *j)
{
    struct client_tls x = {NULL, NULL, NULL, NULL, NULL};
    EACH_FIELD(f, j)
    {
        if (field_is(f, "mode")) {
            x.mode = decode_enum_word(d, f, istio_client_modes);
        } else if (field_is_proto(f, "caCertificates")) {
            x.ca_certificates = decode_string(d, f);
        } else if (field_is_proto(f, "credentialName")) {
            x.credential_name = decode_string(d, f);
        } else if (field_is_proto(f, "clientCertificate")) {
            x.client_certificate = decode_string(d, f);
        } else if (field_is_proto(f, "privateKey")) {
            x.private_key = decode_string(d, f);
        }
    }
    return x;
}

static size_t ports_with_tls(const struct json *list)
{
    size_t n = 0;
    EACH_ITEM(c, list)
    {
        n += field_is_null(json_get(c, "tls")) ? 0 : 1;
    }
    return n;
}

static void port_settings(struct object_decoder *d, const struct json *list,
                          struct traffic_policy *x)
{
    struct port_tls *at = decode_alloc(d, ports_with_tls(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        const struct json *tls = json_get(c, "tls");
        if (!field_is_null(tls)) {
            at[n].port = decode_port_number(json_get(c, "port"));
            at[n++].tls = client_tls(d, tls);
        }
    }
    x->ports = at;
    x->nports = n;
}

static void warmup(const struct json *j, struct traffic_policy *x)
{
    x->has_warmup = !field_is_null(j);
    EACH_FIELD(f, j)
    {
        if (field_is(f, "duration")) {
            x->warmup_duration_set = !field_is_null(f);
            x->warmup_duration = decode_duration(f);
        } else if (field_is_proto(f, "minimumPercent")) {
            x->warmup_minimum = json_number(f, 0);
        } else if (field_is(f, "aggression")) {
            x->warmup_aggression = json_number(f, 1);
        }
    }
}

static struct traffic_policy traffic_policy(struct object_decoder *d, const struct json *j)
{
    struct traffic_policy x;
    memset(&x, 0, sizeof x);
    x.empty = true;
    x.warmup_duration = DURATION_NONE;
    x.warmup_aggression = 1;
    EACH_FIELD(f, j)
    {
        if (field_is_null(f)) {
            continue;
        }
        x.empty = x.empty && json_type(f) == JSON_ARRAY && json_count(f) == 0;
        if (field_is(f, "tls")) {
            x.has_tls = true;
            x.tls = client_tls(d, f);
        } else if (field_is_proto(f, "portLevelSettings")) {
            port_settings(d, f, &x);
        } else if (field_is_proto(f, "loadBalancer")) {
            warmup(json_get(f, "warmup"), &x);
        }
    }
    decode_policy_faults(d, j, &x);
    return x;
}

static const struct subset *subsets(struct object_decoder *d, const struct json *list, uint32_t *n)
{
    struct subset *at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, list)
    {
        struct subset *x = &at[i++];
        EACH_FIELD(f, c)
        {
            if (field_is(f, "name")) {
                x->name = decode_string(d, f);
            } else if (field_is(f, "labels")) {
                x->labels = decode_map(d, f);
            } else if (field_is_proto(f, "trafficPolicy")) {
                x->has_policy = !field_is_null(f);
                x->policy = traffic_policy(d, f);
            }
        }
    }
    *n = i;
    return at;
}

void decode_destinationrule(struct object_decoder *d, const struct object_parts *p,
                            struct object *o)
{
    struct destinationrule *x = (struct destinationrule *)o;
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "host")) {
            x->host = decode_string(d, f);
        } else if (field_is_proto(f, "exportTo")) {
            x->export_to = decode_strings(d, f);
        } else if (field_is(f, "subsets")) {
            x->subsets = subsets(d, f, &x->nsubsets);
        } else if (field_is_proto(f, "trafficPolicy")) {
            x->has_policy = !field_is_null(f);
            x->policy = traffic_policy(d, f);
        } else if (field_is_proto(f, "workloadSelector")) {
            x->has_workload_selector = !field_is_null(f);
            x->selector_empty = json_count(json_get(f, "matchLabels")) == 0;
        }
    }
}

// --- ServiceEntry

static void entry_ports(struct object_decoder *d, const struct json *list, struct serviceentry *x)
{
    struct serviceentry_port *at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        EACH_FIELD(f, c)
        {
            if (field_is(f, "name")) {
                at[n].name = decode_string(d, f);
            } else if (field_is(f, "protocol")) {
                at[n].protocol = decode_string(d, f);
            } else if (field_is(f, "number")) {
                at[n].number = decode_int(f);
            } else if (field_is_proto(f, "targetPort")) {
                at[n].target_port = decode_int(f);
            }
        }
        n++;
    }
    x->ports = at;
    x->nports = n;
}

static void entry_endpoints(struct object_decoder *d, const struct json *list,
                            struct serviceentry *x)
{
    struct serviceentry_endpoint *at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        at[n].address = decode_string(d, json_get(c, "address"));
        at[n].network = decode_string(d, json_get(c, "network"));
        at[n].ports = decode_map(d, json_get(c, "ports"));
        at[n++].labels = decode_map(d, json_get(c, "labels"));
    }
    x->endpoints = at;
    x->nendpoints = n;
}

void decode_serviceentry(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct serviceentry *x = (struct serviceentry *)o;
    x->conditions = decode_conditions(d, json_get(p->status, "conditions"));
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "hosts")) {
            x->hosts = decode_strings(d, f);
        } else if (field_is(f, "addresses")) {
            x->addresses = decode_strings(d, f);
        } else if (field_is_proto(f, "exportTo")) {
            x->export_to = decode_strings(d, f);
        } else if (field_is(f, "ports")) {
            entry_ports(d, f, x);
        } else if (field_is(f, "location")) {
            x->location = decode_enum_word(d, f, istio_locations);
        } else if (field_is(f, "resolution")) {
            x->resolution = decode_enum_word(d, f, istio_resolutions);
        } else if (field_is(f, "endpoints")) {
            entry_endpoints(d, f, x);
        } else if (field_is_proto(f, "workloadSelector")) {
            x->has_workload_selector = !field_is_null(f);
            x->workload_selector = decode_map(d, json_get(f, "labels"));
        }
    }
    x->status_addresses = decode_member_strings(d, json_get(p->status, "addresses"), "value");
}
