// SPDX-License-Identifier: Apache-2.0
// Synthetic applications for tests and benchmarks at scale, with objects of realistic size.
#include "kube/base/buf.h"
#include "kube/base/json.h"

#include "tests/apisim/apisim_internal.h"

#include <stdio.h>
#include <string.h>

static void add(struct apisim *s, struct buf *text)
{
    struct json *j = json_parse(text->data, text->len, NULL);
    sim_apply(s, j, NULL);
    json_free(j);
    buf_reset(text);
}

static void domain_of(int team, char out[64])
{
    snprintf(out, 64, "team-%04d.lead.load.example.io", team);
}

static void add_namespace(struct apisim *s, int t, struct buf *b)
{
    buf_addf(b,
             "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"team-%04d\","
             "\"labels\":{\"istio-injection\":\"enabled\"}}}",
             t);
    add(s, b);
}

static void add_certificate(struct apisim *s, int t, const char *d, struct buf *b)
{
    buf_addf(
        b,
        "{\"apiVersion\":\"cert-manager.io/"
        "v1\",\"kind\":\"Certificate\",\"metadata\":{\"name\":\"team-%04d-wildcard\",\"namespace\":"
        "\"istio-system\","
        "\"annotations\":{\"cert-manager.io/"
        "issue-temporary-certificate\":\"true\"}},\"spec\":{\"secretName\":\"team-%04d-wildcard-"
        "certificate\","
        "\"dnsNames\":[\"%s\",\"*.%s\"],\"issuerRef\":{\"kind\":\"ClusterIssuer\",\"name\":"
        "\"letsencrypt-dns\"}},\"status\":{\"conditions\":[{\"type\":\"Ready\","
        "\"status\":\"True\",\"reason\":\"Ready\",\"message\":\"Certificate is up to date and has "
        "not expired\",\"observedGeneration\":1,\"lastTransitionTime\":\"@-%dd\"}],"
        "\"notBefore\":\"@-%dd\",\"notAfter\":\"@+%dd\",\"renewalTime\":\"@+%dd\",\"revision\":1}}",
        t, t, d, d, t % 60, t % 60, 90 - t % 60, 60 - t % 60);
    add(s, b);
}

static void add_request(struct apisim *s, int t, const char *request, struct buf *b)
{
    buf_addf(
        b,
        "{\"apiVersion\":\"cert-manager.io/"
        "v1\",\"kind\":\"CertificateRequest\",\"metadata\":{\"name\":\"team-%04d-wildcard-1\","
        "\"namespace\":\"istio-system\","
        "\"annotations\":{\"cert-manager.io/"
        "certificate-name\":\"team-%04d-wildcard\",\"cert-manager.io/"
        "certificate-revision\":\"1\"},\"ownerReferences\":[{"
        "\"apiVersion\":\"cert-manager.io/"
        "v1\",\"blockOwnerDeletion\":true,\"controller\":true,\"kind\":\"Certificate\",\"name\":"
        "\"team-%04d-wildcard\"}]},"
        "\"spec\":{\"request\":\"%s\",\"issuerRef\":{\"kind\":\"ClusterIssuer\",\"name\":"
        "\"letsencrypt-dns\"}},\"status\":{\"conditions\":[{\"type\":\"Approved\","
        "\"status\":\"True\",\"reason\":\"cert-manager.io\",\"message\":\"Certificate request has "
        "been approved by cert-manager.io\",\"lastTransitionTime\":\"@-%dd\"},"
        "{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"Issued\",\"message\":\"Certificate "
        "fetched from issuer successfully\",\"lastTransitionTime\":\"@-%dd\"}]}}",
        t, t, t, request, t % 60, t % 60);
    add(s, b);
}

static void add_order(struct apisim *s, int t, const char *d, const char *request, struct buf *b)
{
    buf_addf(b,
             "{\"apiVersion\":\"acme.cert-manager.io/"
             "v1\",\"kind\":\"Order\",\"metadata\":{\"name\":\"team-%04d-wildcard-1-%u\","
             "\"namespace\":\"istio-system\",\"annotations\":{"
             "\"cert-manager.io/"
             "certificate-name\":\"team-%04d-wildcard\"},\"ownerReferences\":[{\"apiVersion\":"
             "\"cert-manager.io/v1\",\"blockOwnerDeletion\":true,\"controller\":true,"
             "\"kind\":\"CertificateRequest\",\"name\":\"team-%04d-wildcard-1\"}]},\"spec\":{"
             "\"request\":\"%s\",\"dnsNames\":[\"%s\",\"*.%s\"],\"issuerRef\":{\"kind\":"
             "\"ClusterIssuer\",\"name\":\"letsencrypt-dns\"}},\"status\":{\"state\":\"valid\","
             "\"url\":\"https://acme-v02.api.letsencrypt.org/acme/order/1234567/%d\"}}",
             t, 2654435761u * (unsigned)(t + 1), t, t, request, d, d, t);
    add(s, b);
}

static void add_secret(struct apisim *s, int t, const char *d, struct buf *b)
{
    buf_addf(
        b,
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"team-%04d-wildcard-"
        "certificate\",\"namespace\":\"istio-system\",\"labels\":{"
        "\"controller.cert-manager.io/fao\":\"true\"},\"annotations\":{\"cert-manager.io/"
        "alt-names\":\"%s,*.%s\",\"cert-manager.io/certificate-name\":\"team-%04d-wildcard\","
        "\"cert-manager.io/common-name\":\"\",\"cert-manager.io/ip-sans\":\"\",\"cert-manager.io/"
        "issuer-group\":\"\",\"cert-manager.io/issuer-kind\":\"ClusterIssuer\","
        "\"cert-manager.io/issuer-name\":\"letsencrypt-dns\",\"cert-manager.io/"
        "uri-sans\":\"\"}},\"data\":{\"tls.crt\":\"\",\"tls.key\":\"\"},\"type\":\"kubernetes.io/"
        "tls\"}",
        t, d, d, t);
    add(s, b);
}

// A namespace with its wildcard certificate.
static void team(struct apisim *s, int t, struct buf *b)
{
    char d[64];
    domain_of(t, d);
    char request[1500];
    memset(request, 'Q', sizeof request - 1); // as long as a CSR is in base64
    request[sizeof request - 1] = '\0';
    add_namespace(s, t, b);
    add_certificate(s, t, d, b);
    add_request(s, t, request, b);
    add_order(s, t, d, request, b);
    add_secret(s, t, d, b);
}

static void application(struct apisim *s, int n, struct buf *b)
{
    int t = n / 10;
    char d[64];
    domain_of(t, d);
    buf_addf(b,
             "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"app-%05d\","
             "\"namespace\":\"team-%04d\",\"labels\":{\"app\":\"app-%05d\"}},\"spec\":{\"ports\":[{"
             "\"name\":"
             "\"http\",\"protocol\":\"TCP\",\"port\":8080,\"targetPort\":8080}],\"selector\":{"
             "\"app\":\"app-%05d\"},\"clusterIP\":\"10.%d.%d.%d\",\"type\":\"ClusterIP\","
             "\"sessionAffinity\":\"None\"},\"status\":{\"loadBalancer\":{}}}",
             n, t, n, n, 100 + n / 65536, n / 256 % 256, n % 256);
    add(s, b);
    buf_addf(
        b,
        "{\"apiVersion\":\"networking.istio.io/"
        "v1\",\"kind\":\"Gateway\",\"metadata\":{\"name\":\"app-%05d-gateway\",\"namespace\":"
        "\"team-%04d\"},\"spec\":{\"selector\":{\"istio\":"
        "\"ingressgateway\"},\"servers\":[{\"port\":{\"number\":80,\"name\":\"http\",\"protocol\":"
        "\"HTTP\"},\"hosts\":[\"app-%05d.%s\"],\"tls\":{\"httpsRedirect\":true}},{\"port\":"
        "{\"number\":443,\"name\":\"https\",\"protocol\":\"HTTPS\"},\"hosts\":[\"app-%05d.%s\"],"
        "\"tls\":{\"mode\":\"SIMPLE\",\"credentialName\":\"team-%04d-wildcard-certificate\"}}]}}",
        n, t, n, d, n, d, t);
    add(s, b);
    buf_addf(b,
             "{\"apiVersion\":\"networking.istio.io/"
             "v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"app-%05d\",\"namespace\":"
             "\"team-%04d\"},\"spec\":{\"hosts\":[\"app-%05d.%s\"],"
             "\"gateways\":[\"app-%05d-gateway\"],\"http\":[",
             n, t, n, d, n);
    int rules = 3 + n % 10;
    for (int i = 0; i + 1 < rules; i++) {
        buf_addf(b,
                 "{\"name\":\"rule-%d\",\"match\":[{\"uri\":{\"prefix\":\"/api/v%d/"
                 "items\"}},{\"uri\":{\"exact\":\"/"
                 "page-%d\"}}],\"route\":[{\"destination\":{\"host\":\"app-%05d\","
                 "\"port\":{\"number\":8080}}}]},",
                 i, i + 1, i, n);
    }
    buf_addf(
        b, "{\"route\":[{\"destination\":{\"host\":\"app-%05d\",\"port\":{\"number\":8080}}}]}]}}",
        n);
    add(s, b);
}

void apisim_generate(struct apisim *s, int applications)
{
    struct buf b;
    buf_init(&b, 0);
    for (int n = 0; n < applications; n++) {
        pthread_mutex_lock(&s->lock);
        if (n % 10 == 0) {
            team(s, n / 10, &b);
        }
        application(s, n, &b);
        pthread_mutex_unlock(&s->lock);
    }
    buf_release(&b);
}
