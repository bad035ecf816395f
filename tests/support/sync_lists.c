// SPDX-License-Identifier: Apache-2.0
// The lists that a kube-apiserver sends for N applications.
#include "tests/support/sync_lists.h"

#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DOMAIN "lead.prod.example.com"
#define WRITTEN "2026-11-25T08:31:07Z"

const enum kind sync_list_kinds[] = {
    KIND_NAMESPACE,          KIND_SERVICE, KIND_GATEWAY, KIND_VIRTUALSERVICE, KIND_CERTIFICATE,
    KIND_CERTIFICATEREQUEST, KIND_ORDER,   KIND_SECRET,
};

static int teams(int applications)
{
    return applications < 10 ? 1 : applications / 10;
}

static bool is_of_application(enum kind k)
{
    return k == KIND_SERVICE || k == KIND_GATEWAY || k == KIND_VIRTUALSERVICE;
}

int sync_list_count(enum kind k, int applications)
{
    return is_of_application(k) ? applications : teams(applications);
}

void sync_list_head(enum kind k, struct buf *out)
{
    buf_addf(out,
             "{\"kind\":\"%sList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":"
             "\"90000000\"},\"items\":[",
             k == KIND_SECRET ? "PartialObjectMetadata" : kinds[k].kind);
}

void sync_list_tail(struct buf *out)
{
    buf_adds(out, "]}\n");
}

// Every object has a uid of its own, as random as the server's.
static void add_uid(struct buf *out, enum kind k, int i)
{
    uint64_t x = (uint64_t)k * 1000003 + (uint64_t)i;
    uint64_t h[2];
    for (int n = 0; n < 2; n++) { // splitmix64
        x += 0x9E3779B97F4A7C15U;
        uint64_t z = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        h[n] = z ^ (z >> 31);
    }
    buf_addf(out, "\"uid\":\"%08x-%04x-4%03x-a%03x-%012llx\"", (unsigned)(h[0] >> 32),
             (unsigned)(h[0] >> 16 & 0xFFFF), (unsigned)(h[0] & 0xFFF), (unsigned)(h[1] >> 52),
             (unsigned long long)(h[1] & 0xFFFFFFFFFFFF));
}

static void add_version(struct buf *out, enum kind k, int i)
{
    buf_addf(out, "\"resourceVersion\":\"%d\"", 10000000 + (int)k * 2000000 + i);
}

// Metadata as the server has it for kinds of its own: in the order of its struct.
static void core_metadata(struct buf *out, enum kind k, int i, const char *name, const char *ns,
                          const char *more, const char *manager, const char *fields)
{
    buf_addf(out, "\"metadata\":{\"name\":\"%s\",", name);
    if (ns[0] != '\0') {
        buf_addf(out, "\"namespace\":\"%s\",", ns);
    }
    add_uid(out, k, i);
    buf_addc(out, ',');
    add_version(out, k, i);
    buf_addf(out,
             ",\"creationTimestamp\":\"" WRITTEN "\"%s,\"managedFields\":[{\"manager\":\"%s\","
             "\"operation\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"" WRITTEN
             "\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":%s}]}",
             more, manager, fields);
}

// Metadata of custom resources: keys in the order of the alphabet.
static void custom_metadata(struct buf *out, enum kind k, int i, const char *name, const char *ns,
                            const char *annotations, const char *owners, const char *manager,
                            const char *spec_fields, const char *status_fields)
{
    const char *version = k == KIND_GATEWAY || k == KIND_VIRTUALSERVICE ? "networking.istio.io/v1"
                          : k == KIND_ORDER                             ? "acme.cert-manager.io/v1"
                                                                        : "cert-manager.io/v1";
    buf_addf(out,
             "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{%s\"creationTimestamp\":"
             "\"" WRITTEN "\",\"generation\":1,\"managedFields\":[{\"apiVersion\":\"%s\","
             "\"fieldsType\":\"FieldsV1\",\"fieldsV1\":%s,\"manager\":\"%s\",\"operation\":"
             "\"Update\",\"time\":\"" WRITTEN "\"}",
             version, kinds[k].kind, annotations, version, spec_fields, manager);
    if (status_fields != NULL) {
        buf_addf(out,
                 ",{\"apiVersion\":\"%s\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":%s,"
                 "\"manager\":\"%s\",\"operation\":\"Update\",\"subresource\":\"status\",\"time\":"
                 "\"" WRITTEN "\"}",
                 version, status_fields, manager);
    }
    buf_addf(out, "],\"name\":\"%s\",\"namespace\":\"%s\",%s", name, ns, owners);
    add_version(out, k, i);
    buf_addc(out, ',');
    add_uid(out, k, i);
    buf_addc(out, '}');
}

// --- what a team has

static void team_name(int t, char out[32])
{
    snprintf(out, 32, "team-%04d", t);
}

static void add_namespace(int t, struct buf *out)
{
    char name[32], labels[128];
    team_name(t, name);
    snprintf(labels, sizeof labels, ",\"labels\":{\"kubernetes.io/metadata.name\":\"%s\"}", name);
    buf_addc(out, '{');
    core_metadata(
        out, KIND_NAMESPACE, t, name, "", labels, "load",
        "{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:kubernetes.io/metadata.name\":{}}}}");
    buf_adds(out, ",\"spec\":{\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Active\"}}");
}

// A signing request or certificate is the base64 of its PEM: 1,200 letters here.
static void add_blob(struct buf *out, const char *team)
{
    struct buf text;
    buf_init(&text, 0);
    for (int i = 0; i < 100; i++) {
        buf_adds(&text, team);
    }
    base64_encode(text.data, text.len, out);
    buf_release(&text);
}

#define ISSUER "{\"group\":\"cert-manager.io\",\"kind\":\"Issuer\",\"name\":\"letsencrypt\"}"
#define READY(reason)                                                                              \
    "\"conditions\":[{\"lastTransitionTime\":\"2026-01-01T00:00:00Z\",\"message\":\"Certificate "  \
    "is up to date and has not expired\",\"reason\":\"" reason                                     \
    "\",\"status\":\"True\",\"type\":\"Ready\"}]"

static void add_certificate(int t, struct buf *out)
{
    char team[32], name[64];
    team_name(t, team);
    snprintf(name, sizeof name, "%s-wildcard", team);
    custom_metadata(
        out, KIND_CERTIFICATE, t, name, "istio-system", "", "", "load",
        "{\"f:spec\":{\".\":{},\"f:dnsNames\":{},\"f:issuerRef\":{\".\":{},\"f:group\":{}"
        ",\"f:kind\":{},\"f:name\":{}},\"f:secretName\":{}}}",
        "{\"f:status\":{\".\":{},\"f:conditions\":{},\"f:notAfter\":{},\"f:notBefore\":{}"
        ",\"f:renewalTime\":{},\"f:revision\":{}}}");
    buf_addf(
        out,
        ",\"spec\":{\"dnsNames\":[\"*.%s." DOMAIN "\"],\"issuerRef\":" ISSUER
        ",\"secretName\":\"%s\"},\"status\":{" READY(
            "Ready") ",\"notAfter\":\"2099-01-01T00:00:00Z\",\"notBefore\":\"2026-01-01T00:00:00Z\","
                     "\"renewalTime\":\"2098-12-01T00:00:00Z\",\"revision\":1}}",
        team, name);
}

static void add_request(int t, struct buf *out)
{
    char team[32], name[64], annotations[256], owners[256];
    struct buf uid;
    team_name(t, team);
    snprintf(name, sizeof name, "%s-wildcard-1", team);
    snprintf(annotations, sizeof annotations,
             "\"annotations\":{\"cert-manager.io/certificate-name\":\"%s-wildcard\","
             "\"cert-manager.io/certificate-revision\":\"1\"},",
             team);
    buf_init(&uid, 0);
    add_uid(&uid, KIND_CERTIFICATE, t);
    snprintf(owners, sizeof owners,
             "\"ownerReferences\":[{\"apiVersion\":\"cert-manager.io/v1\",\"blockOwnerDeletion\":"
             "true,\"controller\":true,\"kind\":\"Certificate\",\"name\":\"%s-wildcard\",%s}],",
             team, uid.data);
    buf_release(&uid);
    custom_metadata(
        out, KIND_CERTIFICATEREQUEST, t, name, "istio-system", annotations, owners, "load",
        "{\"f:metadata\":{\"f:annotations\":{\".\":{},\"f:cert-manager.io/certificate-"
        "name\":{},\"f:cert-manager.io/certificate-revision\":{}}},\"f:spec\":{\".\":{},"
        "\"f:issuerRef\":{\".\":{},\"f:group\":{},\"f:kind\":{},\"f:name\":{}},"
        "\"f:request\":{}}}",
        "{\"f:status\":{\".\":{},\"f:certificate\":{},\"f:conditions\":{}}}");
    buf_adds(out, ",\"spec\":{\"issuerRef\":" ISSUER ",\"request\":\"");
    add_blob(out, team);
    buf_adds(out, "\"},\"status\":{\"certificate\":\"");
    add_blob(out, team);
    buf_adds(out, "\"," READY("Issued") "}}");
}

static void add_order(int t, struct buf *out)
{
    char team[32], name[64], annotations[128];
    team_name(t, team);
    snprintf(name, sizeof name, "%s-wildcard-1-1", team);
    snprintf(annotations, sizeof annotations,
             "\"annotations\":{\"cert-manager.io/certificate-name\":\"%s-wildcard\"},", team);
    custom_metadata(out, KIND_ORDER, t, name, "istio-system", annotations, "", "load",
                    "{\"f:metadata\":{\"f:annotations\":{\".\":{},\"f:cert-manager.io/certificate-"
                    "name\":{}}},\"f:spec\":{\".\":{},\"f:dnsNames\":{},\"f:issuerRef\":{\".\":{},"
                    "\"f:group\":{},\"f:kind\":{},\"f:name\":{}},\"f:request\":{}}}",
                    "{\"f:status\":{\".\":{},\"f:state\":{},\"f:url\":{}}}");
    buf_addf(out,
             ",\"spec\":{\"dnsNames\":[\"*.%s." DOMAIN "\"],\"issuerRef\":" ISSUER
             ",\"request\":\"",
             team);
    add_blob(out, team);
    buf_addf(out,
             "\"},\"status\":{\"state\":\"valid\",\"url\":\"https://acme.example.com/order/%s\"}}",
             team);
}

static void add_secret(int t, struct buf *out)
{
    char name[64], more[256];
    snprintf(name, sizeof name, "team-%04d-wildcard", t);
    snprintf(more, sizeof more,
             ",\"annotations\":{\"cert-manager.io/certificate-name\":\"%s\",\"cert-manager.io/"
             "issuer-name\":\"letsencrypt\"}",
             name);
    buf_adds(out, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",");
    core_metadata(out, KIND_SECRET, t, name, "istio-system", more, "load",
                  "{\"f:data\":{\".\":{},\"f:tls.crt\":{},\"f:tls.key\":{}},\"f:metadata\":{"
                  "\"f:annotations\":{\".\":{},\"f:cert-manager.io/certificate-name\":{},"
                  "\"f:cert-manager.io/issuer-name\":{}}},\"f:type\":{}}");
    buf_addc(out, '}');
}

// --- what an application has

static void add_service(int i, const char *name, const char *ns, struct buf *out)
{
    buf_addc(out, '{');
    core_metadata(out, KIND_SERVICE, i, name, ns, "", "load",
                  "{\"f:spec\":{\"f:clusterIP\":{},\"f:internalTrafficPolicy\":{},\"f:ports\":{"
                  "\".\":{},\"k:{\\\"port\\\":9080,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},"
                  "\"f:name\":{},\"f:port\":{},\"f:protocol\":{},\"f:targetPort\":{}}},"
                  "\"f:selector\":{},\"f:sessionAffinity\":{},\"f:type\":{}}}");
    buf_addf(out,
             ",\"spec\":{\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":9080,"
             "\"targetPort\":9080}],\"selector\":{\"app\":\"%s\"},\"clusterIP\":\"None\","
             "\"clusterIPs\":[\"None\"],\"type\":\"ClusterIP\",\"sessionAffinity\":\"None\","
             "\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":\"SingleStack\","
             "\"internalTrafficPolicy\":\"Cluster\"},\"status\":{\"loadBalancer\":{}}}",
             name);
}

static void add_gateway(int i, const char *name, const char *ns, struct buf *out)
{
    custom_metadata(
        out, KIND_GATEWAY, i, name, ns, "", "", "load",
        "{\"f:spec\":{\".\":{},\"f:selector\":{\".\":{},\"f:istio\":{}},\"f:servers\":{}"
        "}}",
        NULL);
    buf_addf(out,
             ",\"spec\":{\"selector\":{\"istio\":\"ingressgateway\"},\"servers\":[{\"hosts\":[\"%s."
             "%s." DOMAIN "\"],\"port\":{\"name\":\"https\",\"number\":443,\"protocol\":\"HTTPS\"}"
             ",\"tls\":{\"credentialName\":\"%s-wildcard\",\"mode\":\"SIMPLE\"}}]}}",
             name, ns, ns);
}

static void add_virtualservice(int i, const char *name, const char *ns, struct buf *out)
{
    custom_metadata(out, KIND_VIRTUALSERVICE, i, name, ns, "", "", "load",
                    "{\"f:spec\":{\".\":{},\"f:gateways\":{},\"f:hosts\":{},\"f:http\":{}}}", NULL);
    buf_addf(out, ",\"spec\":{\"gateways\":[\"%s\"],\"hosts\":[\"%s.%s." DOMAIN "\"],\"http\":[",
             name, name, ns);
    for (int rule = 0; rule < 2 + i % 10; rule++) {
        buf_addf(out,
                 "{\"match\":[{\"uri\":{\"prefix\":\"/api/v1/part-%d\"}}],\"name\":\"part-%d\","
                 "\"route\":[{\"destination\":{\"host\":\"%s\",\"port\":{\"number\":9080}}}]},",
                 rule, rule, name);
    }
    buf_addf(out,
             "{\"name\":\"rest\",\"route\":[{\"destination\":{\"host\":\"%s\",\"port\":{\"number\":"
             "9080}}}]}]}}",
             name);
}

void sync_list_item(enum kind k, int applications, int i, struct buf *out)
{
    char name[32], ns[32];
    snprintf(name, sizeof name, "app-%05d", i);
    team_name(i % teams(applications), ns);
    switch (k) {
    case KIND_NAMESPACE:
        add_namespace(i, out);
        break;
    case KIND_CERTIFICATE:
        add_certificate(i, out);
        break;
    case KIND_CERTIFICATEREQUEST:
        add_request(i, out);
        break;
    case KIND_ORDER:
        add_order(i, out);
        break;
    case KIND_SECRET:
        add_secret(i, out);
        break;
    case KIND_SERVICE:
        add_service(i, name, ns, out);
        break;
    case KIND_GATEWAY:
        add_gateway(i, name, ns, out);
        break;
    case KIND_VIRTUALSERVICE:
        add_virtualservice(i, name, ns, out);
        break;
    default:
        BUG("no list of kind %d", (int)k);
    }
}
