// SPDX-License-Identifier: Apache-2.0
// The rules of cert-manager's webhook, over the text of an object.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_lint_internal.h"
#include "kube/object/field_path.h"
#include "kube/object/json_fields_internal.h"
#include "kube/object/object_names.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_H = 24 };

// A mapping of the object, and the path to it.
struct spec_part {
    struct lint_list *l;
    const struct json *j; // NULL or null if absent
    const char *path;
};

static struct spec_part below(const struct spec_part *p, const char *key)
{
    return (struct spec_part){p->l, json_get(p->j, key), field_path_key(p->l->a, p->path, key)};
}

static bool has(const struct spec_part *p, const char *key)
{
    return !field_is_null(json_get(p->j, key));
}

static const char *text_of(const struct spec_part *p, const char *key)
{
    return json_get_string(p->j, key);
}

static bool has_text(const struct spec_part *p, const char *key)
{
    return !str_empty(text_of(p, key));
}

// Whether `key` is a mapping with a name: a reference to a Secret.
static bool has_name(const struct spec_part *p, const char *key)
{
    return !str_empty(json_string(json_at(p->j, key, "name", NULL)));
}

// Adds that the field `key` of a place is refused, or the place itself if key is NULL: "PATH WHY".
static void refuse(const struct spec_part *p, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(const struct spec_part *p, const char *key, const char *fmt, ...)
{
    const char *path = key != NULL ? field_path_key(p->l->a, p->path, key) : p->path;
    const struct json *node = key != NULL ? json_get(p->j, key) : NULL;
    struct lint *x = lint_add(p->l, LINT_REFUSED, path, node != NULL ? node : p->j);
    va_list ap;
    va_start(ap, fmt);
    x->message = arena_printf(p->l->a, "%s %s", path, arena_vprintf(p->l->a, fmt, ap));
    va_end(ap);
    x->fatal = true;
}

// Refuses a place that does not have exactly one of the fields; `what` says what they are.
static void exactly_one(const struct spec_part *p, const char *const *fields, size_t n,
                        const char *what)
{
    const char *first = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!has(p, fields[i])) {
            continue;
        }
        if (first != NULL) {
            refuse(p, fields[i], "is a second %s beside %s: there must be exactly one", what,
                   first);
            return;
        }
        first = fields[i];
    }
    if (first == NULL) {
        refuse(p, NULL, "has no %s", what);
    }
}
#define EXACTLY_ONE(p, fields, what) exactly_one(p, fields, ARRAY_COUNT(fields), what)

// A name of an object (RFC 1123): lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each
// part.
static bool is_subdomain(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++) {
        bool plain = ascii_digit(s[i]) || (s[i] >= 'a' && s[i] <= 'z');
        bool edge = i == 0 || i + 1 == n || s[i - 1] == '.' || s[i + 1] == '.';
        if (!plain && (edge || (s[i] != '-' && s[i] != '.'))) {
            return false;
        }
    }
    return n > 0 && n <= 253;
}

static void check_name(const struct spec_part *p, const char *key)
{
    const char *name = text_of(p, key);
    if (!str_empty(name) && !is_subdomain(name)) {
        refuse(p, key, "\"%s\" is no name of an object: use lower-case letters, digits, '-', '.'",
               name);
    }
}

// --- Certificates

static void check_issuer_ref(const struct spec_part *spec)
{
    struct spec_part ref = below(spec, "issuerRef");
    const char *group = text_of(&ref, "group"), *kind = text_of(&ref, "kind");
    bool ours = str_empty(group) || str_eq(group, "cert-manager.io");
    if (ours && !str_empty(kind) && !str_eq(kind, "Issuer") && !str_eq(kind, "ClusterIssuer")) {
        refuse(&ref, "kind", "\"%s\" must be Issuer or ClusterIssuer%s", kind,
               str_empty(group) ? "; an issuer of another project needs its group" : "");
    }
}

static void check_subject(const struct spec_part *spec)
{
    static const char *const parts[] = {"organizations", "countries",   "organizationalUnits",
                                        "localities",    "provinces",   "streetAddresses",
                                        "postalCodes",   "serialNumber"};
    if (!has_text(spec, "literalSubject")) {
        return;
    }
    if (has_text(spec, "commonName")) {
        refuse(spec, "commonName", "excludes literalSubject, which has its own CN");
    }
    struct spec_part subject = below(spec, "subject");
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        if (has(&subject, parts[i])) {
            refuse(spec, "subject", "excludes literalSubject");
            return;
        }
    }
}

static bool has_item(const struct spec_part *p, const char *key)
{
    return item_count(json_get(p->j, key)) > 0;
}

static void check_names(const struct spec_part *spec)
{
    static const char *const lists[] = {"dnsNames", "ipAddresses", "uris", "emailAddresses",
                                        "otherNames"};
    const char *literal = text_of(spec, "literalSubject");
    bool any = has_text(spec, "commonName") || (literal != NULL && strstr(literal, "CN=") != NULL);
    for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
        any = any || has_item(spec, lists[i]);
    }
    if (!any) {
        refuse(spec, NULL,
               "has no name: one of dnsNames, commonName, ipAddresses, uris, "
               "emailAddresses and otherNames is required");
    }
    struct spec_part list = below(spec, "ipAddresses");
    size_t i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = {spec->l, c, field_path_item(spec->l->a, list.path, i++)};
        if (json_string(c) != NULL && !name_is_ip(json_string(c))) {
            refuse(&at, NULL, "\"%s\" is no IP address", json_string(c));
        }
    }
    list = below(spec, "emailAddresses");
    i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = {spec->l, c, field_path_item(spec->l->a, list.path, i++)};
        const char *s = json_string(c), *sign = s != NULL ? strrchr(s, '@') : NULL;
        if (s != NULL && (sign == NULL || sign == s || sign[1] == '\0' || strpbrk(s, " <>,;"))) {
            refuse(&at, NULL, "\"%s\" is no e-mail address alone", s);
        }
    }
}

static const char *key_algorithm(const struct spec_part *spec)
{
    const char *a = json_string(json_at(spec->j, "privateKey", "algorithm", NULL));
    return str_empty(a) ? "RSA" : a;
}

static void check_key(const struct spec_part *spec)
{
    struct spec_part key = below(spec, "privateKey");
    int64_t size = json_int(json_get(key.j, "size"), 0);
    const char *algorithm = key_algorithm(spec);
    if (size > 0 && str_eq(algorithm, "RSA") && (size < 2048 || size > 8192)) {
        refuse(&key, "size", "%" PRId64 " must be between 2048 and 8192 for RSA", size);
    } else if (size > 0 && str_eq(algorithm, "ECDSA") && size != 256 && size != 384 &&
               size != 521) {
        refuse(&key, "size", "%" PRId64 " must be 256, 384 or 521 for ECDSA", size);
    }
    const char *signature = text_of(spec, "signatureAlgorithm");
    if (!str_empty(signature)) {
        bool fits = str_eq(algorithm, "RSA")     ? str_ends(signature, "WithRSA")
                    : str_eq(algorithm, "ECDSA") ? str_starts(signature, "ECDSAWith")
                                                 : str_eq(signature, "PureEd25519");
        if (!fits) {
            refuse(spec, "signatureAlgorithm", "\"%s\" does not fit the key algorithm %s",
                   signature, algorithm);
        }
    }
}

static int64_t duration_of(const struct spec_part *p, const char *key)
{
    const char *s = text_of(p, key);
    return s != NULL ? duration_parse(s) : DURATION_NONE;
}

static void check_durations(const struct spec_part *spec)
{
    int64_t life = duration_of(spec, "duration"), before = duration_of(spec, "renewBefore");
    const struct json *percent = json_get(spec->j, "renewBeforePercentage");
    bool by_share = !field_is_null(percent);
    if (life != DURATION_NONE && life < HOUR_MS) {
        refuse(spec, "duration", "%s must be at least 1h", text_of(spec, "duration"));
    }
    if (has(spec, "renewBefore") && by_share) {
        refuse(spec, "renewBeforePercentage", "excludes renewBefore");
    }
    // The webhook looks at the percentage only beside one of the two durations; without them it is refused at issuance.
    int64_t whole = life != DURATION_NONE ? life : (int64_t)90 * DAY_H * HOUR_MS;
    if (before != DURATION_NONE && before < 5 * MINUTE_MS) {
        refuse(spec, "renewBefore", "%s must be at least 5m", text_of(spec, "renewBefore"));
    } else if (before != DURATION_NONE && before >= whole) {
        refuse(spec, "renewBefore", "%s must be less than the duration, %s",
               text_of(spec, "renewBefore"),
               life != DURATION_NONE ? text_of(spec, "duration") : "2160h where none is given");
    }
    int64_t share = json_int(percent, 50);
    if (by_share && (share <= 0 || share >= 100)) {
        refuse(spec, "renewBeforePercentage", "%" PRId64 " must be more than 0 and less than 100",
               share);
    }
}

static void check_renewal(const struct spec_part *spec)
{
    struct spec_part renewal = below(spec, "renewal");
    if (str_eq(text_of(&renewal, "policy"), "Disabled") && has_item(&renewal, "windows")) {
        refuse(&renewal, "windows", "cannot be set with policy Disabled");
    }
}

static void check_keystore(const struct spec_part *keystores, const char *kind)
{
    struct spec_part store = below(keystores, kind);
    if (field_is_null(store.j)) {
        return;
    }
    bool literal = has(&store, "password"), reference = has_name(&store, "passwordSecretRef");
    if (literal == reference) {
        refuse(&store, NULL, "needs %s of password and passwordSecretRef",
               literal ? "only one" : "one");
    } else if (literal && !has_text(&store, "password")) {
        refuse(&store, "password", "must not be empty");
    }
}

static void check_output(const struct spec_part *spec)
{
    struct spec_part template = below(spec, "secretTemplate");
    struct spec_part annotations = below(&template, "annotations");
    EACH_FIELD(c, annotations.j)
    {
        if (str_starts(json_key(c), "cert-manager.io/") &&
            !str_eq(json_key(c), "cert-manager.io/allow-direct-injection")) {
            refuse(&annotations, json_key(c), "is not allowed: cert-manager writes its own");
        }
    }
    struct spec_part keystores = below(spec, "keystores");
    check_keystore(&keystores, "jks");
    check_keystore(&keystores, "pkcs12");
    struct spec_part limits = below(spec, "nameConstraints");
    if (!field_is_null(limits.j)) {
        if (!json_bool(json_get(spec->j, "isCA"), false)) {
            refuse(spec, "nameConstraints", "needs isCA: true");
        }
        if (!has(&limits, "permitted") && !has(&limits, "excluded")) {
            refuse(spec, "nameConstraints", "needs permitted or excluded");
        }
    }
    const struct json *history = json_get(spec->j, "revisionHistoryLimit");
    if (json_type(history) == JSON_NUMBER && json_int(history, 1) < 1) {
        refuse(spec, "revisionHistoryLimit", "must be at least 1");
    }
}

static void check_certificate(const struct spec_part *spec)
{
    check_name(spec, "secretName");
    check_issuer_ref(spec);
    check_subject(spec);
    check_names(spec);
    check_key(spec);
    check_durations(spec);
    check_renewal(spec);
    check_output(spec);
}

// --- issuers

static void check_http01(const struct spec_part *http01)
{
    static const char *const ways[] = {"ingress", "gatewayHTTPRoute"};
    static const char *const names[] = {"ingressClassName", "class", "name"};
    EXACTLY_ONE(http01, ways, "kind of HTTP-01 solver");
    struct spec_part ingress = below(http01, "ingress");
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        n += has(&ingress, names[i]) ? 1 : 0;
    }
    if (n > 1) {
        refuse(&ingress, NULL, "has more than one of ingressClassName, class and name");
    }
    check_name(&ingress, "ingressClassName");
}

static void check_cloudflare(const struct spec_part *p)
{
    bool key = has(p, "apiKeySecretRef"), token = has(p, "apiTokenSecretRef");
    if (key == token) {
        refuse(p, NULL, "needs %s of apiTokenSecretRef and apiKeySecretRef",
               key ? "only one" : "one");
    } else if (key && !has_text(p, "email")) {
        refuse(p, "email", "is required beside apiKeySecretRef");
    }
}

static void check_azure(const struct spec_part *p)
{
    static const char *const fields[] = {"clientID", "clientSecretSecretRef", "tenantID"};
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
        n += has(p, fields[i]) ? 1 : 0;
    }
    for (size_t i = 0; n != 0 && i < ARRAY_COUNT(fields); i++) {
        if (!has(p, fields[i])) {
            refuse(p, fields[i],
                   "is required beside the others of clientID, "
                   "clientSecretSecretRef and tenantID");
        }
    }
    struct spec_part identity = below(p, "managedIdentity");
    if (n != 0 && has(p, "managedIdentity")) {
        refuse(p, "managedIdentity", "excludes clientID, clientSecretSecretRef and tenantID");
    } else if (has_text(&identity, "resourceID") &&
               (has_text(&identity, "clientID") || has_text(&identity, "tenantID"))) {
        refuse(&identity, "resourceID", "excludes clientID and tenantID");
    }
}

static void check_rfc2136(const struct spec_part *p)
{
    static const char *const algorithms[] = {"HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"};
    const char *algorithm = text_of(p, "tsigAlgorithm");
    bool known = str_empty(algorithm);
    for (size_t i = 0; i < ARRAY_COUNT(algorithms) && !known; i++) {
        known = str_casecmp(algorithm, algorithms[i]) == 0;
    }
    if (!known) {
        refuse(p, "tsigAlgorithm", "\"%s\" is none of HMACMD5, HMACSHA1, HMACSHA256, HMACSHA512",
               algorithm);
    }
    bool secret = has_name(p, "tsigSecretSecretRef");
    if (has_text(p, "tsigKeyName") != secret) {
        refuse(p, secret ? "tsigKeyName" : "tsigSecretSecretRef", "is required beside %s",
               secret ? "tsigSecretSecretRef" : "tsigKeyName");
    }
}

static void check_dns01(const struct spec_part *dns01)
{
    static const char *const providers[] = {"acmeDNS",  "akamai",     "azureDNS",
                                            "cloudDNS", "cloudflare", "digitalocean",
                                            "rfc2136",  "route53",    "webhook"};
    EXACTLY_ONE(dns01, providers, "DNS-01 provider");
    struct spec_part p = below(dns01, "cloudflare");
    if (!field_is_null(p.j)) {
        check_cloudflare(&p);
    }
    p = below(dns01, "azureDNS");
    if (!field_is_null(p.j)) {
        check_azure(&p);
    }
    p = below(dns01, "rfc2136");
    if (!field_is_null(p.j)) {
        check_rfc2136(&p);
    }
    p = below(dns01, "route53");
    if (has_text(&p, "accessKeyID") && has(&p, "accessKeyIDSecretRef")) {
        refuse(&p, "accessKeyID", "excludes accessKeyIDSecretRef");
    }
}

static void check_solver(const struct spec_part *solver)
{
    static const char *const types[] = {"http01", "dns01"};
    EXACTLY_ONE(solver, types, "type of solver");
    struct spec_part p = below(solver, "http01");
    if (!field_is_null(p.j)) {
        check_http01(&p);
    }
    p = below(solver, "dns01");
    if (!field_is_null(p.j)) {
        check_dns01(&p);
    }
    const char *wait = text_of(solver, "waitInsteadOfSelfCheck");
    if (wait != NULL && wait[0] == '-') {
        refuse(solver, "waitInsteadOfSelfCheck", "must not be negative");
    }
}

static void check_acme(const struct spec_part *acme)
{
    if (has_text(acme, "caBundle") && json_bool(json_get(acme->j, "skipTLSVerify"), false)) {
        refuse(acme, "skipTLSVerify", "excludes caBundle");
    }
    struct spec_part list = below(acme, "solvers");
    size_t i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = {acme->l, c, field_path_item(acme->l->a, list.path, i++)};
        check_solver(&at);
    }
}

static void check_vault(const struct spec_part *vault)
{
    static const char *const ways[] = {"appRole", "kubernetes", "tokenSecretRef",
                                       "clientCertificate", "aws"};
    struct spec_part auth = below(vault, "auth");
    bool any = field_is_null(auth.j); // then auth itself is missing
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        any = any || has(&auth, ways[i]);
    }
    if (!any) {
        refuse(&auth, NULL,
               "needs one of appRole, kubernetes, tokenSecretRef, clientCertificate, aws");
    }
    struct spec_part kubernetes = below(&auth, "kubernetes");
    if (!field_is_null(kubernetes.j) &&
        has_name(&kubernetes, "secretRef") == has(&kubernetes, "serviceAccountRef")) {
        refuse(&kubernetes, NULL, "needs exactly one of secretRef and serviceAccountRef");
    }
    if (has_text(vault, "caBundle") && has(vault, "caBundleSecretRef")) {
        refuse(vault, "caBundle", "excludes caBundleSecretRef");
    }
    if (has(vault, "clientCertSecretRef") != has(vault, "clientKeySecretRef")) {
        refuse(vault, NULL, "needs clientCertSecretRef and clientKeySecretRef together");
    }
}

static void check_issuer(const struct spec_part *spec)
{
    static const char *const types[] = {"acme", "ca", "selfSigned", "vault", "venafi"};
    static const char *const venafi_types[] = {"tpp", "cloud", "ngts"};
    EXACTLY_ONE(spec, types, "type of issuer");
    struct spec_part p = below(spec, "acme");
    if (!field_is_null(p.j)) {
        check_acme(&p);
    }
    p = below(spec, "vault");
    if (!field_is_null(p.j)) {
        check_vault(&p);
    }
    p = below(spec, "venafi");
    if (!field_is_null(p.j)) {
        EXACTLY_ONE(&p, venafi_types, "type of Venafi issuer");
    }
}

void certmanager_lint(enum kind k, const struct json *root, struct lint_list *l)
{
    bool certificate = k == KIND_CERTIFICATE;
    if ((!certificate && k != KIND_ISSUER && k != KIND_CLUSTERISSUER) ||
        !str_eq(json_get_string(root, "apiVersion"), "cert-manager.io/v1")) {
        return;
    }
    struct spec_part spec = {l, json_get(root, "spec"), "spec"};
    if (json_type(spec.j) != JSON_OBJECT) {
        return; // reported as missing, or as a wrong type
    }
    if (certificate) {
        check_certificate(&spec);
    } else {
        check_issuer(&spec);
    }
}
