// SPDX-License-Identifier: Apache-2.0
// Every field of the four kinds, identical in all three versions. The rules: docs/rules/istio.md#virtualservice-fields,
// docs/rules/istio.md#gateway-fields, docs/rules/istio.md#destinationrule-fields,
// docs/rules/istio.md#serviceentry-fields.
#include "kube/object/schema_internal.h"

#include <stddef.h>

// clang-format off
#define S(n)       {n, FIELD_STRING, SHAPE_ONE, NULL, NULL}
#define I(n)       {n, FIELD_INT, SHAPE_ONE, NULL, NULL}
#define N(n)       {n, FIELD_NUMBER, SHAPE_ONE, NULL, NULL}
#define B(n)       {n, FIELD_BOOL, SHAPE_ONE, NULL, NULL}
#define D(n)       {n, FIELD_DURATION, SHAPE_ONE, NULL, NULL}
#define E(n, w)    {n, FIELD_ENUM, SHAPE_ONE, NULL, w}
#define O(n, s)    {n, FIELD_OBJECT, SHAPE_ONE, &(s), NULL}
#define ANY(n)     {n, FIELD_OPAQUE, SHAPE_ONE, NULL, NULL}
#define SS(n)      {n, FIELD_STRING, SHAPE_LIST, NULL, NULL}
#define OO(n, s)   {n, FIELD_OBJECT, SHAPE_LIST, &(s), NULL}
#define SMAP(n)    {n, FIELD_STRING, SHAPE_MAP, NULL, NULL}
#define IMAP(n)    {n, FIELD_INT, SHAPE_MAP, NULL, NULL}
#define OMAP(n, s) {n, FIELD_OBJECT, SHAPE_MAP, &(s), NULL}
#define END        {NULL, FIELD_OPAQUE, SHAPE_ONE, NULL, NULL}
#define SCHEMA(name, ...) \
    static const struct schema_field name##_fields[] = {__VA_ARGS__, END}; \
    static const struct schema name = {name##_fields, false}
#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL}

WORDS(tls_modes, "PASSTHROUGH", "SIMPLE", "MUTUAL", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL");
WORDS(tls_versions, "TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3");
WORDS(client_modes, "DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL");
WORDS(locations, "MESH_EXTERNAL", "MESH_INTERNAL");
WORDS(resolutions, "NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS");
WORDS(derived_ports, "FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT");
WORDS(preflights, "UNSPECIFIED", "FORWARD", "IGNORE");

static const struct schema_field string_match_fields[] = {S("exact"), S("prefix"), S("regex"), END};
static const struct schema string_match = {string_match_fields, true};

SCHEMA(header_ops, SMAP("set"), SMAP("add"), SS("remove"));
SCHEMA(headers, O("request", header_ops), O("response", header_ops));
SCHEMA(port, I("number"));
SCHEMA(destination, S("host"), S("subset"), O("port", port));
SCHEMA(percent, N("value"));
SCHEMA(route, O("destination", destination), I("weight"), O("headers", headers));
SCHEMA(http_match, S("name"), O("uri", string_match), O("scheme", string_match), O("method", string_match),
       O("authority", string_match), OMAP("headers", string_match), OMAP("withoutHeaders", string_match),
       OMAP("queryParams", string_match), I("port"), SMAP("sourceLabels"), S("sourceNamespace"),
       SS("gateways"), B("ignoreUriCase"), S("statPrefix"));
SCHEMA(redirect, S("uri"), S("prefixRewrite"), S("authority"), S("scheme"), I("port"),
       E("derivePort", derived_ports), I("redirectCode"));
SCHEMA(body, S("string"), S("bytes"));
SCHEMA(direct, I("status"), O("body", body));
SCHEMA(delegate, S("name"), S("namespace"));
SCHEMA(regex_rewrite, S("match"), S("rewrite"));
SCHEMA(rewrite, S("uri"), S("authority"), O("uriRegexRewrite", regex_rewrite));
SCHEMA(retries, I("attempts"), D("perTryTimeout"), S("retryOn"), B("retryRemoteLocalities"),
       B("retryIgnorePreviousHosts"), D("backoff"));
SCHEMA(delay, I("percent"), O("percentage", percent), D("fixedDelay"), D("exponentialDelay"));
SCHEMA(abort_, O("percentage", percent), I("httpStatus"), S("grpcStatus"), S("http2Error"));
SCHEMA(fault, O("delay", delay), O("abort", abort_));
SCHEMA(mirror, O("destination", destination), O("percentage", percent));
SCHEMA(cors, SS("allowOrigin"), OO("allowOrigins", string_match), SS("allowMethods"), SS("allowHeaders"),
       SS("exposeHeaders"), D("maxAge"), B("allowCredentials"), E("unmatchedPreflights", preflights));
SCHEMA(http, S("name"), OO("match", http_match), OO("route", route), O("redirect", redirect),
       O("directResponse", direct), O("delegate", delegate), O("rewrite", rewrite), D("timeout"),
       O("retries", retries), O("fault", fault), O("mirror", destination), I("mirrorPercent"),
       I("mirror_percent"), O("mirrorPercentage", percent), OO("mirrors", mirror), O("corsPolicy", cors),
       O("headers", headers));
SCHEMA(tls_match, SS("sniHosts"), SS("destinationSubnets"), I("port"), SMAP("sourceLabels"),
       S("sourceNamespace"), SS("gateways"));
SCHEMA(l4_route, O("destination", destination), I("weight"));
SCHEMA(tls, OO("match", tls_match), OO("route", l4_route));
SCHEMA(tcp_match, SS("destinationSubnets"), I("port"), SMAP("sourceLabels"), S("sourceNamespace"),
       SS("gateways"), S("sourceSubnet"));
SCHEMA(tcp, OO("match", tcp_match), OO("route", l4_route));
SCHEMA(virtualservice, SS("hosts"), SS("gateways"), SS("exportTo"), OO("http", http), OO("tls", tls),
       OO("tcp", tcp));

SCHEMA(server_port, I("number"), S("protocol"), S("name"), I("targetPort"));
SCHEMA(certificate_files, S("serverCertificate"), S("privateKey"), S("caCertificates"));
SCHEMA(server_tls, E("mode", tls_modes), B("httpsRedirect"), S("credentialName"), SS("credentialNames"),
       S("caCertCredentialName"), S("serverCertificate"), S("privateKey"), S("caCertificates"), S("caCrl"),
       OO("tlsCertificates", certificate_files), SS("subjectAltNames"), SS("verifyCertificateSpki"),
       SS("verifyCertificateHash"), E("minProtocolVersion", tls_versions),
       E("maxProtocolVersion", tls_versions), SS("cipherSuites"), SS("ecdhCurves"), B("insecureSkipVerify"));
SCHEMA(server, S("name"), O("port", server_port), SS("hosts"), S("bind"), S("defaultEndpoint"),
       O("tls", server_tls));
SCHEMA(gateway, SMAP("selector"), OO("servers", server));

SCHEMA(entry_port, I("number"), S("name"), S("protocol"), I("targetPort"));
SCHEMA(endpoint, S("address"), IMAP("ports"), SMAP("labels"), S("network"), S("locality"), I("weight"),
       S("serviceAccount"));
SCHEMA(workload_selector, SMAP("labels"));
SCHEMA(serviceentry, SS("hosts"), SS("addresses"), OO("ports", entry_port), E("location", locations),
       E("resolution", resolutions), OO("endpoints", endpoint), O("workloadSelector", workload_selector),
       SS("exportTo"), SS("subjectAltNames"));

SCHEMA(client_tls, E("mode", client_modes), S("clientCertificate"), S("privateKey"), S("caCertificates"),
       S("caCrl"), S("credentialName"), S("sni"), SS("subjectAltNames"), B("insecureSkipVerify"));
SCHEMA(port_policy, O("port", port), ANY("loadBalancer"), ANY("connectionPool"), ANY("outlierDetection"),
       O("tls", client_tls));
SCHEMA(policy, ANY("loadBalancer"), ANY("connectionPool"), ANY("outlierDetection"), O("tls", client_tls),
       OO("portLevelSettings", port_policy), ANY("tunnel"), ANY("proxyProtocol"), ANY("retryBudget"));
SCHEMA(subset, S("name"), SMAP("labels"), O("trafficPolicy", policy));
SCHEMA(match_labels, SMAP("matchLabels"));
SCHEMA(destinationrule, S("host"), SS("exportTo"), O("workloadSelector", match_labels),
       O("trafficPolicy", policy), OO("subsets", subset));

SCHEMA(metadata, S("name"), S("namespace"), S("generateName"), S("uid"), S("resourceVersion"),
       I("generation"), S("creationTimestamp"), S("deletionTimestamp"), I("deletionGracePeriodSeconds"),
       SMAP("labels"), SMAP("annotations"), ANY("ownerReferences"), SS("finalizers"), ANY("managedFields"),
       S("selfLink"), S("clusterName"));

#define WHOLE(kind) SCHEMA(whole_##kind, S("apiVersion"), S("kind"), O("metadata", metadata), \
                           O("spec", kind), ANY("status"))
WHOLE(virtualservice);
WHOLE(gateway);
WHOLE(destinationrule);
WHOLE(serviceentry);
// clang-format on

const struct schema *schema_of(enum kind k)
{
    switch (k) {
    case KIND_VIRTUALSERVICE:
        return &whole_virtualservice;
    case KIND_GATEWAY:
        return &whole_gateway;
    case KIND_DESTINATIONRULE:
        return &whole_destinationrule;
    case KIND_SERVICEENTRY:
        return &whole_serviceentry;
    default:
        return NULL;
    }
}
