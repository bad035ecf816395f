// SPDX-License-Identifier: Apache-2.0
// What cert-manager's webhook refuses about Issuers and ClusterIssuers (docs/rules/certificates.md#webhook-issuer).
#include "kube/base/array.h"
#include "kube/base/host_port.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_lint_internal.h"
#include "kube/object/json_fields_internal.h"
#include "kube/object/spec_part_internal.h"

#include <string.h>

static void check_http01(const struct spec_part *http01)
{
    static const char *const ways[] = {"ingress", "gatewayHTTPRoute"};
    static const char *const names[] = {"ingressClassName", "class", "name"};
    PART_EXACTLY_ONE(http01, ways, "kind of HTTP-01 solver");
    struct spec_part ingress = part_below(http01, "ingress");
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        n += part_has(&ingress, names[i]) ? 1 : 0;
    }
    if (n > 1) {
        part_refuse(&ingress, NULL, "has more than one of ingressClassName, class and name");
    }
    part_check_name(&ingress, "ingressClassName");
    struct spec_part route = part_below(http01, "gatewayHTTPRoute");
    struct spec_part parents = part_below(&route, "parentRefs");
    size_t i = 0;
    EACH_ITEM(c, parents.j)
    {
        struct spec_part at = part_item(&parents, c, i++);
        if (!part_has_text(&at, "name")) {
            part_refuse(&at, "name", "is required");
        }
    }
}

static void check_cloudflare(const struct spec_part *p)
{
    bool key = part_has(p, "apiKeySecretRef"), token = part_has(p, "apiTokenSecretRef");
    if (key == token) {
        part_refuse(p, NULL, "needs %s of apiTokenSecretRef and apiKeySecretRef",
                    key ? "only one" : "one");
    } else if (key && !part_has_text(p, "email")) {
        part_refuse(p, "email", "is required beside apiKeySecretRef");
    }
}

static void check_azure(const struct spec_part *p)
{
    static const char *const fields[] = {"clientID", "clientSecretSecretRef", "tenantID"};
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
        n += part_has(p, fields[i]) ? 1 : 0;
    }
    for (size_t i = 0; n != 0 && i < ARRAY_COUNT(fields); i++) {
        if (!part_has(p, fields[i])) {
            part_refuse(p, fields[i],
                        "is required beside the others of clientID, "
                        "clientSecretSecretRef and tenantID");
        }
    }
    struct spec_part identity = part_below(p, "managedIdentity");
    if (n != 0 && part_has(p, "managedIdentity")) {
        part_refuse(p, "managedIdentity", "excludes clientID, clientSecretSecretRef and tenantID");
    } else if (part_has_text(&identity, "resourceID") &&
               (part_has_text(&identity, "clientID") || part_has_text(&identity, "tenantID"))) {
        part_refuse(&identity, "resourceID", "excludes clientID and tenantID");
    } else if (part_has_text(&identity, "tenantID") && !part_has_text(&identity, "clientID")) {
        part_refuse(&identity, "clientID", "is required beside tenantID");
    }
}

// "host", "host:port", "[address]:port"; without a port an IPv6 address needs no brackets for Go, but has two readings.
static bool is_name_server(const char *s)
{
    struct host_port parts;
    return host_port_split(s, &parts) && parts.host_len > 0 &&
           (parts.brackets || memchr(parts.host, ':', parts.host_len) == NULL);
}

static void check_rfc2136(const struct spec_part *p)
{
    static const char *const algorithms[] = {"HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"};
    const char *algorithm = part_text(p, "tsigAlgorithm");
    bool known = str_empty(algorithm);
    for (size_t i = 0; i < ARRAY_COUNT(algorithms) && !known; i++) {
        known = str_casecmp(algorithm, algorithms[i]) == 0;
    }
    if (!known) {
        part_refuse(p, "tsigAlgorithm",
                    "\"%s\" is none of HMACMD5, HMACSHA1, HMACSHA256, HMACSHA512", algorithm);
    }
    const char *server = part_text(p, "nameserver");
    if (!str_empty(server) && !is_name_server(server)) {
        part_refuse(p, "nameserver",
                    "\"%s\" must be HOST, HOST:PORT, or an IPv6 address in brackets", server);
    }
    bool secret = part_has_name(p, "tsigSecretSecretRef");
    if (part_has_text(p, "tsigKeyName") != secret) {
        part_refuse(p, secret ? "tsigKeyName" : "tsigSecretSecretRef", "is required beside %s",
                    secret ? "tsigSecretSecretRef" : "tsigKeyName");
    } else if (secret) {
        struct spec_part reference = part_below(p, "tsigSecretSecretRef");
        if (!part_has_text(&reference, "key")) {
            part_refuse(&reference, "key", "is required");
        }
    }
}

static void check_dns01(const struct spec_part *dns01)
{
    static const char *const providers[] = {"acmeDNS",  "akamai",     "azureDNS",
                                            "cloudDNS", "cloudflare", "digitalocean",
                                            "rfc2136",  "route53",    "webhook"};
    PART_EXACTLY_ONE(dns01, providers, "DNS-01 provider");
    struct spec_part p = part_below(dns01, "cloudflare");
    if (part_exists(&p)) {
        check_cloudflare(&p);
    }
    p = part_below(dns01, "azureDNS");
    if (part_exists(&p)) {
        check_azure(&p);
    }
    p = part_below(dns01, "rfc2136");
    if (part_exists(&p)) {
        check_rfc2136(&p);
    }
    p = part_below(dns01, "route53");
    if (part_has_text(&p, "accessKeyID") && part_has(&p, "accessKeyIDSecretRef")) {
        part_refuse(&p, "accessKeyID", "excludes accessKeyIDSecretRef");
    }
}

static void check_solver(const struct spec_part *solver)
{
    static const char *const types[] = {"http01", "dns01"};
    PART_EXACTLY_ONE(solver, types, "type of solver");
    struct spec_part p = part_below(solver, "http01");
    if (part_exists(&p)) {
        check_http01(&p);
    }
    p = part_below(solver, "dns01");
    if (part_exists(&p)) {
        check_dns01(&p);
    }
    const char *wait = part_text(solver, "waitInsteadOfSelfCheck");
    if (wait != NULL && wait[0] == '-') {
        part_refuse(solver, "waitInsteadOfSelfCheck", "must not be negative");
    }
}

static void check_acme(const struct spec_part *acme)
{
    if (part_has_text(acme, "caBundle") && json_bool(json_get(acme->j, "skipTLSVerify"), false)) {
        part_refuse(acme, "skipTLSVerify", "excludes caBundle");
    }
    part_check_ca_bundle(acme);
    const char *chain = part_text(acme, "preferredChain");
    if (chain != NULL && strlen(chain) > 64) {
        part_refuse(acme, "preferredChain", "must not be longer than 64 bytes");
    }
    struct spec_part list = part_below(acme, "solvers");
    size_t i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = part_item(&list, c, i++);
        check_solver(&at);
    }
}

static void refuse_dots(const struct spec_part *p, const char *key)
{
    const char *path = part_text(p, key);
    const char *at = path != NULL ? strstr(path, "..") : NULL;
    for (; at != NULL; at = strstr(at + 1, "..")) {
        if ((at == path || at[-1] == '/') && (at[2] == '\0' || at[2] == '/')) {
            part_refuse(p, key, "must not have the part '..'");
            return;
        }
    }
}

// The parts of the ways to log in.
static void check_vault_logins(const struct spec_part *auth)
{
    struct spec_part kubernetes = part_below(auth, "kubernetes");
    if (part_exists(&kubernetes) &&
        part_has_name(&kubernetes, "secretRef") == part_has(&kubernetes, "serviceAccountRef")) {
        part_refuse(&kubernetes, NULL, "needs exactly one of secretRef and serviceAccountRef");
    }
    struct spec_part role = part_below(auth, "appRole");
    struct spec_part certificate = part_below(auth, "clientCertificate");
    struct spec_part aws = part_below(auth, "aws");
    refuse_dots(&role, "path");
    refuse_dots(&kubernetes, "mountPath");
    refuse_dots(&certificate, "mountPath");
    refuse_dots(&aws, "mountPath");
    if (part_has(&aws, "serviceAccountRef") && !part_has_text(&aws, "iamRoleArn")) {
        part_refuse(&aws, "iamRoleArn", "is required beside serviceAccountRef");
    }
}

static void check_vault(const struct spec_part *vault)
{
    static const char *const ways[] = {"appRole", "kubernetes", "tokenSecretRef",
                                       "clientCertificate", "aws"};
    struct spec_part auth = part_below(vault, "auth");
    bool any = !part_exists(&auth); // then auth itself is missing
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        any = any || part_has(&auth, ways[i]);
    }
    if (!any) {
        part_refuse(&auth, NULL,
                    "needs one of appRole, kubernetes, tokenSecretRef, clientCertificate, aws");
    }
    check_vault_logins(&auth);
    refuse_dots(vault, "path");
    part_check_ca_bundle(vault);
    if (part_has_text(vault, "caBundle") && part_has(vault, "caBundleSecretRef")) {
        part_refuse(vault, "caBundle", "excludes caBundleSecretRef");
    }
    if (part_has(vault, "clientCertSecretRef") != part_has(vault, "clientKeySecretRef")) {
        part_refuse(vault, NULL, "needs clientCertSecretRef and clientKeySecretRef together");
    }
}

// Refuses an empty text in a list.
static void refuse_empty(const struct spec_part *p, const char *key)
{
    struct spec_part list = part_below(p, key);
    size_t i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = part_item(&list, c, i++);
        if (str_eq(json_string(c), "")) {
            part_refuse(&at, NULL, "must not be empty");
        }
    }
}

static void check_venafi(const struct spec_part *venafi)
{
    static const char *const types[] = {"tpp", "cloud", "ngts"};
    PART_EXACTLY_ONE(venafi, types, "type of Venafi issuer: tpp, cloud or ngts");
    struct spec_part tpp = part_below(venafi, "tpp");
    if (part_has_text(&tpp, "caBundle") && part_has(&tpp, "caBundleSecretRef")) {
        part_refuse(&tpp, "caBundle", "excludes caBundleSecretRef");
    }
}

void issuer_lint(const struct spec_part *spec)
{
    static const char *const types[] = {"acme", "ca", "selfSigned", "vault", "venafi"};
    PART_EXACTLY_ONE(spec, types, "type of issuer");
    struct spec_part p = part_below(spec, "acme");
    if (part_exists(&p)) {
        check_acme(&p);
    }
    p = part_below(spec, "ca");
    refuse_empty(&p, "ocspServers");
    refuse_empty(&p, "issuingCertificateURLs");
    p = part_below(spec, "vault");
    if (part_exists(&p)) {
        check_vault(&p);
    }
    p = part_below(spec, "venafi");
    if (part_exists(&p)) {
        check_venafi(&p);
    }
}
