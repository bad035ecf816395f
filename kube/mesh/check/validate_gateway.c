// SPDX-License-Identifier: Apache-2.0
// Validation of Gateways: docs/rules/istio.md#validate-gateway, docs/rules/istio.md#validate-gateway-tls.
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/name_syntax_internal.h"
#include "kube/mesh/check/validate_fields_internal.h"
#include "kube/mesh/check/validation_internal.h"

#include <string.h>

struct server_place { // the current server
    struct check *c;
    const struct object *o;
    const struct server *s;
    const char *path;
};

static const char *at(const struct server_place *x, const char *field)
{
    return check_text(x->c, "%s.%s", x->path, field);
}

#define BAD(x, field, ...) INVALID((x)->c, (x)->o, at(x, field), __VA_ARGS__)
#define WARN(x, field, ...) QUESTIONABLE((x)->c, (x)->o, at(x, field), __VA_ARGS__)
#define HINT(x, f, ...) check_hint((x)->c, f, __VA_ARGS__)

static void host(const struct server_place *x, uint32_t i)
{
    const char *text = x->s->hosts.at[i];
    const char *field = check_text(x->c, "hosts[%u]", i);
    const char *ns, *dns = name_split(x->c->a, text, "*", &ns);
    if (!str_eq(ns, "*") && !str_eq(ns, ".") && !valid_label(ns)) {
        BAD(x, field, "\"%s\" before the slash is no namespace", ns);
    }
    bool wild = dns[0] == '*';
    if (str_eq(dns, "*") || (!wild && name_is_ip(dns))) {
        return;
    }
    if (wild && dns[1] != '.') {
        struct finding *f =
            BAD(x, field, "\"%s\" has a star that does not stand for a whole label", dns);
        HINT(x, f, "write * or *.<domain>");
    } else if (!valid_wildcard_domain(dns)) {
        BAD(x, field, "\"%s\" is no host", dns);
    } else if (strchr(dns, '.') == NULL) {
        struct finding *f = BAD(x, field, "the short name \"%s\" is not allowed on a Gateway", dns);
        HINT(x, f, "write the whole DNS name");
    }
}

// True if the port itself is valid: only then TLS is compared with its protocol.
static bool port(const struct server_place *x)
{
    const struct server *s = x->s;
    if (!s->port_present) {
        struct finding *f = BAD(x, "port", "the server has no port");
        HINT(x, f, "write port: {number: 443, name: https, protocol: HTTPS}");
        return false;
    }
    bool ok = true;
    bool unix_socket = str_starts(str_or_empty(s->bind), "unix://");
    if (protocol_class_of(s->protocol) == PROTOCOL_UNKNOWN) {
        struct finding *f =
            BAD(x, "port.protocol", "the protocol \"%s\" is unknown", str_or_empty(s->protocol));
        HINT(x, f, "write HTTP, HTTPS, HTTP2, GRPC, TLS or TCP");
        ok = false;
    }
    if ((s->port > 0 || !unix_socket) && !valid_port(s->port)) {
        BAD(x, "port.number", "the port %lld is not between 1 and 65535", (long long)s->port);
        ok = false;
    }
    if (s->target_port > 0) {
        BAD(x, "port.targetPort", "targetPort has no effect on a Gateway");
        ok = false;
    }
    if (str_empty(s->port_name)) {
        struct finding *f = BAD(x, "port.name", "the port has no name");
        HINT(x, f, "give it one that no other server of this Gateway has");
        ok = false;
    }
    return ok;
}

static void bind(const struct server_place *x)
{
    const char *b = x->s->bind;
    if (str_empty(b)) {
        return;
    }
    if (str_starts(b, "unix://")) {
        if (!valid_unix_path(b + strlen("unix://"))) {
            BAD(x, "bind", "\"%s\" is no path of a socket", b);
        }
        if (x->s->port_present && x->s->port != 0) {
            BAD(x, "port.number", "the port must be 0 for a socket");
        }
    } else if (!name_is_ip(b)) {
        BAD(x, "bind", "\"%s\" is no IP address", b);
    }
}

static bool known_cipher(const char *s)
{
    static const char *const words[] = {"ECDHE-ECDSA-AES256-GCM-SHA384",
                                        "ECDHE-RSA-AES256-GCM-SHA384",
                                        "ECDHE-ECDSA-AES128-GCM-SHA256",
                                        "ECDHE-RSA-AES128-GCM-SHA256",
                                        "AES256-GCM-SHA384",
                                        "AES128-GCM-SHA256",
                                        "ECDHE-ECDSA-CHACHA20-POLY1305",
                                        "ECDHE-RSA-CHACHA20-POLY1305",
                                        "ECDHE-ECDSA-AES256-SHA",
                                        "ECDHE-RSA-AES256-SHA",
                                        "ECDHE-ECDSA-AES128-SHA",
                                        "ECDHE-RSA-AES128-SHA",
                                        "AES256-SHA",
                                        "AES128-SHA",
                                        "DES-CBC3-SHA"};
    if (!ascii_alnum(s[0]) || str_eq(s, "ALL")) {
        return true; // an expression of the TLS library
    }
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (str_eq(words[i], s)) {
            return true;
        }
    }
    return false;
}

static void ciphers(const struct server_place *x, const struct server_tls *t)
{
    for (uint32_t i = 0; i < t->more->cipher_suites.n; i++) {
        const char *field = check_text(x->c, "tls.cipherSuites[%u]", i);
        if (!known_cipher(t->more->cipher_suites.at[i])) {
            WARN(x, field, "the cipher suite \"%s\" is unknown and is ignored",
                 t->more->cipher_suites.at[i]);
        }
        for (uint32_t k = 0; k < i && k < 64; k++) {
            if (str_eq(t->more->cipher_suites.at[i], t->more->cipher_suites.at[k])) {
                WARN(x, field, "the cipher suite \"%s\" stands there twice",
                     t->more->cipher_suites.at[i]);
                break;
            }
        }
    }
    bool old = str_eq(t->more->min_version, "TLSV1_0") || str_eq(t->more->min_version, "TLSV1_1");
    if (old && t->more->cipher_suites.n == 0) {
        struct finding *f =
            WARN(x, "tls.minProtocolVersion", "TLS below 1.2 needs cipherSuites that fit it");
        HINT(x, f, "name them, or use TLSV1_2");
    }
}

static bool has_credential(const struct server_tls *t)
{
    return !str_empty(t->credential_name) || t->more->credential_names.n > 0;
}

static void istio_mutual(const struct server_place *x, const struct server_tls *t)
{
    const char *field = !str_empty(t->more->server_certificate) ? "serverCertificate"
                        : !str_empty(t->more->private_key)      ? "privateKey"
                        : !str_empty(t->more->ca_certificates)  ? "caCertificates"
                        : t->more->ntls_certificates > 0        ? "tlsCertificates"
                        : !str_empty(t->credential_name)        ? "credentialName"
                        : t->more->credential_names.n > 0       ? "credentialNames"
                                                                : NULL;
    if (field != NULL) {
        BAD(x, check_text(x->c, "tls.%s", field), "the mode ISTIO_MUTUAL has no %s", field);
    }
}

static void files(const struct server_place *x, const struct server_tls *t, bool mutual)
{
    const char *mode = mutual ? "MUTUAL" : "SIMPLE";
    if (mutual && str_empty(t->more->ca_certificates)) {
        BAD(x, "tls.caCertificates", "the mode MUTUAL needs caCertificates");
    }
    if (t->more->ntls_certificates > 2) {
        WARN(x, "tls.tlsCertificates", "only two of the tlsCertificates are used");
    }
    struct tls_certificate_files one = {t->more->server_certificate, t->more->private_key, NULL};
    const struct tls_certificate_files *list =
        t->more->ntls_certificates > 0 ? t->more->tls_certificates : &one;
    uint32_t n = t->more->ntls_certificates > 0 ? t->more->ntls_certificates : 1;
    for (uint32_t i = 0; i < n; i++) {
        if (str_empty(list[i].server_certificate) || str_empty(list[i].private_key)) {
            struct finding *f = BAD(x, "tls", "the mode %s needs a certificate and a key", mode);
            HINT(x, f, "write credentialName: <Secret in the namespace of the gateway's pods>");
        }
    }
}

static void tls(const struct server_place *x, const struct server_tls *t)
{
    ciphers(x, t);
    if (t->mode == TLS_ISTIO_MUTUAL) {
        istio_mutual(x, t);
        return;
    }
    bool passed = t->mode == TLS_PASSTHROUGH || t->mode == TLS_AUTO_PASSTHROUGH;
    bool pair = !str_empty(t->more->server_certificate) && !str_empty(t->more->private_key);
    if (passed && (!str_empty(t->more->ca_crl) || !str_empty(t->more->server_certificate) ||
                   !str_empty(t->more->private_key) || !str_empty(t->more->ca_certificates) ||
                   t->more->ntls_certificates > 0 || has_credential(t))) {
        struct finding *f =
            WARN(x, "tls", "the mode %s does not use certificates: they are ignored",
                 t->mode == TLS_PASSTHROUGH ? "PASSTHROUGH" : "AUTO_PASSTHROUGH");
        HINT(x, f,
             t->mode_set ? "use the mode SIMPLE to terminate TLS at the gateway"
                         : "PASSTHROUGH is what an omitted mode means: write mode: SIMPLE");
    }
    int sources = (pair ? 1 : 0) + (!str_empty(t->credential_name) ? 1 : 0) +
                  (t->more->credential_names.n > 0 ? 1 : 0) +
                  (t->more->ntls_certificates > 0 ? 1 : 0);
    if (sources > 1) {
        BAD(x, "tls", "the certificate is given in more than one way");
    }
    bool mutual = t->mode == TLS_MUTUAL || t->mode == TLS_OPTIONAL_MUTUAL;
    if ((t->mode == TLS_SIMPLE || mutual) && has_credential(t)) {
        return;
    }
    if (t->mode == TLS_SIMPLE || mutual) {
        files(x, t, mutual);
    }
    if (!str_empty(t->more->ca_crl) && !str_empty(t->credential_name)) {
        BAD(x, "tls.caCrl",
            "caCrl does not work with credentialName: put the list into the Secret");
    }
    if (!str_empty(t->more->ca_crl) && t->mode == TLS_SIMPLE) {
        BAD(x, "tls.caCrl", "caCrl does not work with the mode SIMPLE");
    }
}

static void tls_and_protocol(const struct server_place *x)
{
    const struct server_tls *t = x->s->tls;
    enum protocol_class p = protocol_class_of(x->s->protocol);
    if (p == PROTOCOL_TLS && t == NULL) {
        struct finding *f = BAD(x, "tls", "the protocol %s needs tls", x->s->protocol);
        HINT(x, f, "write tls: {mode: SIMPLE, credentialName: <Secret>}");
    } else if (p == PROTOCOL_HTTP && t != NULL) {
        bool passed = t->mode == TLS_PASSTHROUGH || t->mode == TLS_AUTO_PASSTHROUGH;
        if (!passed || !str_empty(t->more->ca_certificates) || !str_empty(t->more->private_key) ||
            !str_empty(t->more->server_certificate)) {
            struct finding *f =
                BAD(x, "tls", "a server of protocol %s cannot terminate TLS", x->s->protocol);
            HINT(x, f, "use the protocol HTTPS, or keep only httpsRedirect");
        }
    } else if (p != PROTOCOL_TLS && p != PROTOCOL_UNKNOWN && t != NULL) {
        BAD(x, "tls", "a server of protocol %s cannot have tls", x->s->protocol);
    }
}

static void one_server(struct check *c, const struct gateway *g, uint32_t i)
{
    const struct server *s = &g->servers[i];
    struct server_place x = {c, &g->o, s, check_text(c, "spec.servers[%u]", i)};
    if (s->hosts.n == 0) {
        struct finding *f = BAD(&x, "hosts", "the server has no hosts");
        HINT(&x, f, "write hosts: [<DNS name>]");
    }
    for (uint32_t h = 0; h < s->hosts.n; h++) {
        host(&x, h);
    }
    bool port_ok = port(&x);
    bind(&x);
    if (s->tls != NULL) {
        tls(&x, s->tls);
    }
    if (port_ok) {
        tls_and_protocol(&x);
    }
    if (s->port_present && s->tls != NULL && s->tls->https_redirect &&
        protocol_class_of(s->protocol) != PROTOCOL_HTTP) {
        WARN(&x, "tls.httpsRedirect", "httpsRedirect has an effect on plain HTTP servers only");
    }
}

static void unique_names(struct check *c, const struct gateway *g)
{
    struct string_map names;
    string_map_init(&names, c->a);
    for (uint32_t i = 0; i < g->nservers; i++) {
        if (!g->servers[i].port_present) {
            continue;
        }
        const char *name = str_or_empty(g->servers[i].port_name);
        void **there = string_map_at(&names, name);
        if (*there != NULL) {
            struct finding *f = INVALID(c, &g->o, check_text(c, "spec.servers[%u].port.name", i),
                                        "two servers have a port named \"%s\"", name);
            check_hint(c, f, "give each port of a Gateway a name of its own");
        }
        *there = &names;
    }
}

void validate_gateway(struct check *c, const struct gateway *g)
{
    if (!valid_label(g->o.name)) {
        INVALID(c, &g->o, "metadata.name", "a Gateway's name can have no dot: \"%s\"", g->o.name);
    }
    validate_annotations(c, &g->o);
    if (g->nservers == 0) {
        INVALID(c, &g->o, "spec.servers", "the Gateway has no server");
    }
    for (uint32_t i = 0; i < g->nservers; i++) {
        one_server(c, g, i);
    }
    unique_names(c, g);
}
