// SPDX-License-Identifier: Apache-2.0
// What the API server and cert-manager's webhook refuse about Certificates and issuers in files.
#include "kube/base/array.h"
#include "kube/base/mem.h"

#include "kube/object/object.h"

#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

struct row {
    const char *spec;
    const char *want; // paths of the fields with a defect, in their order; "" none
};

// The paths of an object's lints of a code, with blanks between.
static char *paths(const char *head, const char *spec, enum lint_code code)
{
    char *yaml = xasprintf("%sspec: %s\n", head, spec);
    const struct object *o = world_object(yaml);
    char *out = xstrdup("");
    for (uint32_t i = 0; i < o->source->nlints; i++) {
        const struct lint *l = &o->source->lints[i];
        if (l->code == code) {
            char *more = xasprintf("%s%s%s", out, out[0] != '\0' ? " " : "", l->path);
            free(out);
            out = more;
            assert_true(l->line > 0 && strstr(l->message, l->path) != NULL);
            assert_true(code != LINT_REFUSED || l->fatal);
        }
    }
    object_unref(o);
    free(yaml);
    return out;
}

static void check_rows(const char *head, const struct row *rows, size_t n, enum lint_code code)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        char *got = paths(head, rows[i].spec, code);
        if (strcmp(got, rows[i].want) != 0) {
            print_error("%s\n  has [%s], not [%s]\n", rows[i].spec, got, rows[i].want);
            bad++;
        }
        free(got);
    }
    assert_int_equal(bad, 0);
}

#define OBJECT(kind, version)                                                                      \
    "apiVersion: cert-manager.io/" version "\nkind: " kind "\nmetadata: {name: a, namespace: b}\n"
#define REF "issuerRef: {name: i}"
#define NAMED "dnsNames: [a.example.org], secretName: a-tls, " REF

static void certificates_as_the_webhook_judges_them(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{" NAMED "}", ""},
        {"{dnsNames: [a.example.org]}", "spec.secretName spec.issuerRef"},
        {"{dnsNames: [a.example.org], secretName: '', issuerRef: {name: ''}}",
         "spec.issuerRef.name spec.secretName"},
        {"{dnsNames: [a.example.org], secretName: A_b, " REF "}", "spec.secretName"},
        {"{secretName: a-tls, " REF "}", "spec"},
        {"{secretName: a-tls, dnsNames: [], uris: null, " REF "}", "spec"},
        {"{secretName: a-tls, literalSubject: 'CN=a,O=b', " REF "}", ""},
        {"{secretName: a-tls, literalSubject: 'O=b', " REF "}", "spec"},
        {"{" NAMED ", literalSubject: 'CN=a', commonName: a, subject: {countries: [x]}}",
         "spec.commonName spec.subject"},
        {"{secretName: a-tls, ipAddresses: [10.0.0.1, '2001:db8::1', 10.0.0], " REF "}",
         "spec.ipAddresses[2]"},
        {"{secretName: a-tls, emailAddresses: [a@b, 'A <a@b>', ab], " REF "}",
         "spec.emailAddresses[1] spec.emailAddresses[2]"},
        {"{" NAMED ", issuerRef: {name: i, kind: ClusterIssuer, group: cert-manager.io}}", ""},
        {"{dnsNames: [a.b], secretName: a, issuerRef: {name: i, kind: AWSPCAClusterIssuer}}",
         "spec.issuerRef.kind"},
        {"{dnsNames: [a.b], secretName: a, issuerRef: {name: i, kind: X, group: x.io}}", ""},
        {"{" NAMED ", duration: 59m}", "spec.duration"},
        {"{" NAMED ", duration: 24h, renewBefore: 48h}", "spec.renewBefore"},
        {"{" NAMED ", duration: 24h, renewBefore: 24h}", "spec.renewBefore"},
        {"{" NAMED ", renewBefore: 2160h}", "spec.renewBefore"},
        {"{" NAMED ", renewBefore: 2159h}", ""},
        {"{" NAMED ", renewBefore: 4m}", "spec.renewBefore"},
        {"{" NAMED ", renewBefore: 5m, renewBeforePercentage: 10}", "spec.renewBeforePercentage"},
        {"{" NAMED ", renewBeforePercentage: 100}", "spec.renewBeforePercentage"},
        {"{" NAMED ", privateKey: {size: 1024}}", "spec.privateKey.size"},
        {"{" NAMED ", privateKey: {size: 8192}}", ""},
        {"{" NAMED ", privateKey: {algorithm: ECDSA, size: 2048}}", "spec.privateKey.size"},
        {"{" NAMED ", privateKey: {algorithm: ECDSA, size: 521}}", ""},
        {"{" NAMED ", privateKey: {algorithm: Ed25519, size: 7}}", ""},
        {"{" NAMED ", signatureAlgorithm: ECDSAWithSHA256}", "spec.signatureAlgorithm"},
        {"{" NAMED ", privateKey: {algorithm: ECDSA}, signatureAlgorithm: ECDSAWithSHA256}", ""},
        {"{" NAMED ", revisionHistoryLimit: 0}", "spec.revisionHistoryLimit"},
        {"{" NAMED ", renewal: {policy: Disabled, windows: [{cron: x, windowDuration: 1h}]}}",
         "spec.renewal.windows"},
        {"{" NAMED ", renewal: {}}", "spec.renewal.policy"},
        {"{" NAMED ", keystores: {jks: {create: true}, pkcs12: {create: true, password: ''}}}",
         "spec.keystores.jks spec.keystores.pkcs12.password"},
        {"{" NAMED ", keystores: {jks: {create: true, password: x, passwordSecretRef: {name: p}}}}",
         "spec.keystores.jks"},
        {"{" NAMED ", nameConstraints: {critical: true}}",
         "spec.nameConstraints spec.nameConstraints"},
        {"{" NAMED ", isCA: true, nameConstraints: {permitted: {dnsDomains: [x]}}}", ""},
        {"{" NAMED ", secretTemplate: {annotations: {cert-manager.io/x: y, a/b: c}}}",
         "spec.secretTemplate.annotations[\"cert-manager.io/x\"]"},
    };
    check_rows(OBJECT("Certificate", "v1"), rows, ARRAY_COUNT(rows), LINT_REFUSED);
}

static void fields_that_the_crds_do_not_have(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{" NAMED ", keySize: 4096, keyAlgorithm: rsa, organization: [x], uriSANs: []}",
         "spec.keySize spec.keyAlgorithm spec.organization spec.uriSANs"},
        {"{dnsName: [a.example.org], secretname: a-tls, " REF "}", "spec.dnsName spec.secretname"},
    };
    check_rows(OBJECT("Certificate", "v1"), rows, ARRAY_COUNT(rows), LINT_UNKNOWN_FIELD);
    static const struct row old[] = {{"{keySize: 4096, organization: [x]}", ""}};
    check_rows(OBJECT("Certificate", "v1alpha2"), old, 1, LINT_UNKNOWN_FIELD);
    static const struct row types[] = {
        {"{" NAMED ", duration: 90d, usages: [server auth, serverAuth], privateKey: {algorithm: "
         "rsa}}",
         "spec.duration spec.usages[1] spec.privateKey.algorithm"},
    };
    check_rows(OBJECT("Certificate", "v1"), types, 1, LINT_BAD_VALUE);
}

#define ACME(more) "{acme: {server: 'https://x/', privateKeySecretRef: {name: k}" more "}}"
#define SOLVER(solver) ACME(", solvers: [" solver "]")
#define DNS01(provider) SOLVER("{dns01: {" provider "}}")
#define AT "spec.acme.solvers[0]"

static void issuers_as_the_webhook_judges_them(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{selfSigned: {}}", ""},
        {"{}", "spec"},
        {"{selfSigned: {}, ca: {secretName: x}}", "spec.selfSigned"},
        {"{ca: {}}", "spec.ca.secretName"},
        {ACME(""), ""},
        {"{acme: {email: a@b}}", "spec.acme.server spec.acme.privateKeySecretRef"},
        {ACME(", skipTLSVerify: true, caBundle: eA=="), "spec.acme.skipTLSVerify"},
        {ACME(", externalAccountBinding: {keySecretRef: {name: x}}"),
         "spec.acme.externalAccountBinding.keySecretRef.key spec.acme.externalAccountBinding.keyID"},
        {SOLVER("{http01: {ingress: {}}}"), ""},
        {SOLVER("{}"), AT},
        {SOLVER("{http01: {}}"), AT ".http01"},
        {SOLVER("{http01: {ingress: {}}, dns01: {route53: {}}}"), AT ".dns01"},
        {SOLVER("{http01: {ingress: {class: x, name: z}}}"), AT ".http01.ingress"},
        {SOLVER("{http01: {ingress: {ingressClassName: azure/x}}}"),
         AT ".http01.ingress.ingressClassName"},
        {DNS01("route53: {}"), ""},
        {DNS01("cnameStrategy: Follow"), AT ".dns01"},
        {DNS01("route53: {}, cloudDNS: {project: p}"), AT ".dns01.route53"},
        {DNS01("cloudDNS: {serviceAccountSecretRef: {name: x}}"),
         AT ".dns01.cloudDNS.serviceAccountSecretRef.key " AT ".dns01.cloudDNS.project"},
        {DNS01("cloudflare: {}"), AT ".dns01.cloudflare"},
        {DNS01("cloudflare: {apiKeySecretRef: {name: a, key: b}}"), AT ".dns01.cloudflare.email"},
        {DNS01("cloudflare: {apiTokenSecretRef: {name: a, key: b}}"), ""},
        {DNS01("azureDNS: {resourceGroupName: r, subscriptionID: s, clientID: c, tenantID: t}"),
         AT ".dns01.azureDNS.clientSecretSecretRef"},
        {DNS01("rfc2136: {nameserver: x, tsigAlgorithm: MD5, tsigKeyName: k}"),
         AT ".dns01.rfc2136.tsigAlgorithm " AT ".dns01.rfc2136.tsigSecretSecretRef"},
        {DNS01("webhook: {groupName: g}"), AT ".dns01.webhook.solverName"},
        {"{vault: {server: s, path: p, auth: {}}}", "spec.vault.auth"},
        {"{vault: {server: s, path: p, auth: {kubernetes: {role: r}}, clientCertSecretRef: {name: "
         "x}}}",
         "spec.vault.auth.kubernetes spec.vault"},
        {"{venafi: {zone: z}}", "spec.venafi"},
    };
    check_rows(OBJECT("Issuer", "v1"), rows, ARRAY_COUNT(rows), LINT_REFUSED);
    check_rows("apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: a}\n", rows,
               ARRAY_COUNT(rows), LINT_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_as_the_webhook_judges_them),
        cmocka_unit_test(fields_that_the_crds_do_not_have),
        cmocka_unit_test(issuers_as_the_webhook_judges_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
