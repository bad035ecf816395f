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
#define NAMES_64 "a23456789.b23456789.c23456789.d23456789.e23456789.f23456789.gh.i"
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
        {"{" NAMED ", secretTemplate: {annotations: {cert-manager.io/x: y, a/b: c, a/b/c: d}}}",
         "spec.secretTemplate.annotations[\"cert-manager.io/x\"] "
         "spec.secretTemplate.annotations.a/b/c"},
        {"{" NAMED ", secretTemplate: {labels: {team: a b, a b: c, x.io/y: ''}}}",
         "spec.secretTemplate.labels.team spec.secretTemplate.labels[\"a b\"]"},
        {"{" NAMED ", additionalOutputFormats: [{type: DER}, {type: CombinedPEM}]}", ""},
        {"{" NAMED ", additionalOutputFormats: [{type: DER}, {type: DER}]}",
         "spec.additionalOutputFormats[1].type"},
        {"{" NAMED ", duration: 1h, renewBeforePercentage: 95}", "spec.renewBeforePercentage"},
        {"{" NAMED ", duration: 1h, renewBeforePercentage: 90}", ""},
        {"{" NAMED ", isCA: true, nameConstraints: {permitted: {ipRanges: [10.0.0.0/8, 10.0.0.1, "
         "'::/x']}}}",
         "spec.nameConstraints.permitted.ipRanges[1] spec.nameConstraints.permitted.ipRanges[2]"},
        {"{" NAMED ", otherNames: [{oid: 1.3.6.1, utf8Value: a}, {oid: upn}, {utf8Value: b}]}",
         "spec.otherNames[1].oid spec.otherNames[1].utf8Value spec.otherNames[2].oid"},
        {"{" NAMED ", literalSubject: 'CN=a\\,b, OU = x+UID=y,2.5.4.17=12345'}", ""},
        {"{" NAMED ", literalSubject: 'CN=a,Foo=b'}", "spec.literalSubject"},
        {"{" NAMED ", literalSubject: 'shop.example.org'}", "spec.literalSubject"},
        {"{" NAMED ", literalSubject: 'CN=" NAMES_64 "a,O=x'}", "spec.literalSubject"},
        {"{" NAMED ", literalSubject: 'CN=" NAMES_64 ",O=x'}", ""},
        {"{" NAMED ", renewal: {policy: RenewBefore, windows: [{cron: '0 2 * * MON-FRI', "
         "timezone: Europe/Berlin, windowDuration: 2h30m}, {cron: '@daily', timezone: UTC, "
         "windowDuration: 1h}, {cron: '*/15 1-5 1,15 jan ?', windowDuration: 90m}]}}",
         ""},
        {"{" NAMED ", renewal: {policy: RenewBefore, windows: [{cron: every night, windowDuration: "
         "1d}, {cron: '0 25 * * *', timezone: Berlin, windowDuration: 1h}]}}",
         "spec.renewal.windows[0].cron spec.renewal.windows[0].windowDuration "
         "spec.renewal.windows[1].cron spec.renewal.windows[1].timezone"},
        {"{" NAMED ", renewal: {policy: RenewBefore, windows: [{cron: '0 0 2 * * *', "
         "windowDuration: 1ms}, {cron: '0 5-1 * * 7', windowDuration: 1h}]}}",
         "spec.renewal.windows[0].cron spec.renewal.windows[1].cron"},
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
#define LONG "a23456789.b23456789.c23456789.d23456789.e23456789.f23456789.g2345"
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
        {ACME(", skipTLSVerify: true, caBundle: eA=="),
         "spec.acme.skipTLSVerify spec.acme.caBundle"},
        {ACME(", preferredChain: " LONG), "spec.acme.preferredChain"},
        {SOLVER("{http01: {gatewayHTTPRoute: {parentRefs: [{kind: Gateway}, {name: g}]}}}"),
         AT ".http01.gatewayHTTPRoute.parentRefs[0].name"},
        {DNS01(
             "azureDNS: {resourceGroupName: r, subscriptionID: s, managedIdentity: {tenantID: t}}"),
         AT ".dns01.azureDNS.managedIdentity.clientID"},
        {DNS01("rfc2136: {nameserver: '2001:db8::1'}"), AT ".dns01.rfc2136.nameserver"},
        {DNS01("rfc2136: {nameserver: ':53'}"), AT ".dns01.rfc2136.nameserver"},
        {DNS01("rfc2136: {nameserver: '[2001:db8::1]:53'}"), ""},
        {DNS01("rfc2136: {nameserver: '10.0.0.1:53:53'}"), AT ".dns01.rfc2136.nameserver"},
        {DNS01("rfc2136: {nameserver: x, tsigKeyName: k, tsigSecretSecretRef: {name: s}}"),
         AT ".dns01.rfc2136.tsigSecretSecretRef.key"},
        {"{ca: {secretName: x, ocspServers: [''], issuingCertificateURLs: [x, '']}}",
         "spec.ca.ocspServers[0] spec.ca.issuingCertificateURLs[1]"},
        {"{vault: {server: s, path: a/../b, auth: {appRole: {path: .., roleId: r, secretRef: {name: "
         "x}}, aws: {role: r, serviceAccountRef: {name: x}}}}}",
         "spec.vault.auth.appRole.path spec.vault.auth.aws.iamRoleArn spec.vault.path"},
        {"{vault: {server: s, path: a..b, caBundle: Z2FyYmFnZQ==, auth: {tokenSecretRef: {name: x}}}}",
         "spec.vault.caBundle"},
        {"{venafi: {zone: z, tpp: {url: u, credentialsRef: {name: x}, caBundle: eA==, "
         "caBundleSecretRef: {name: x}}}}",
         "spec.venafi.tpp.caBundle"},
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

static void requests_as_the_webhook_judges_them(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{request: Y3Ny, " REF "}", ""},
        {"{" REF "}", "spec.request"},
        {"{request: ''}", "spec.request spec.issuerRef"},
        {"{request: '-----BEGIN', issuerRef: {name: i, kind: X}}",
         "spec.issuerRef.kind spec.request"},
    };
    check_rows(OBJECT("CertificateRequest", "v1"), rows, ARRAY_COUNT(rows), LINT_REFUSED);
    static const struct row unknown[] = {{"{csr: eA==, dnsNames: [a]}", "spec.csr spec.dnsNames"}};
    check_rows(OBJECT("CertificateRequest", "v1"), unknown, 1, LINT_UNKNOWN_FIELD);
    static const struct row taken[] = {{"{" REF "}", ""}};
    check_rows("apiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"
               "metadata: {name: a, namespace: b, uid: u}\n",
               taken, 1, LINT_REFUSED);
    check_rows("status: {}\n" OBJECT("CertificateRequest", "v1"), taken, 1, LINT_REFUSED);
}

static void versions_that_are_gone(void **state)
{
    (void)state;
    static const struct row gone[] = {{"{}", "apiVersion"}}, served[] = {{"{}", ""}};
    check_rows(OBJECT("Certificate", "v1alpha2"), gone, 1, LINT_OLD_VERSION);
    check_rows(OBJECT("Issuer", "v1beta1"), gone, 1, LINT_OLD_VERSION);
    check_rows(
        "apiVersion: certmanager.k8s.io/v1alpha1\nkind: ClusterIssuer\nmetadata: {name: a}\n", gone,
        1, LINT_OLD_VERSION);
    check_rows(OBJECT("Certificate", "v1"), served, 1, LINT_OLD_VERSION);
    check_rows("apiVersion: cert-manager.io/v1alpha2\nkind: Certificate\n"
               "metadata: {name: a, namespace: b, uid: u}\n",
               served, 1, LINT_OLD_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_as_the_webhook_judges_them),
        cmocka_unit_test(fields_that_the_crds_do_not_have),
        cmocka_unit_test(issuers_as_the_webhook_judges_them),
        cmocka_unit_test(requests_as_the_webhook_judges_them),
        cmocka_unit_test(versions_that_are_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
