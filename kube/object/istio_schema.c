// SPDX-License-Identifier: Apache-2.0
// Every field of the four kinds, identical in all three versions. The rules: docs/rules/istio.md#virtualservice-fields,
// docs/rules/istio.md#gateway-fields, docs/rules/istio.md#destinationrule-fields,
// docs/rules/istio.md#serviceentry-fields.
#include "kube/object/field_schema_internal.h"
#include "kube/object/istio_enums_internal.h"

#include <stddef.h>

// clang-format off
static const struct schema_field string_match_fields[] = {STRING("exact"), STRING("prefix"), STRING("regex"), END};
static const struct schema string_match = {.fields = string_match_fields, .string_match = true};

SCHEMA(header_ops, STRING_MAP("set"), STRING_MAP("add"), STRINGS("remove"));
SCHEMA(headers, OBJECT("request", header_ops), OBJECT("response", header_ops));
SCHEMA(port, INT("number"));
SCHEMA(destination, STRING("host"), STRING("subset"), OBJECT("port", port));
SCHEMA(percent, NUMBER("value"));
SCHEMA(route, OBJECT("destination", destination), INT("weight"), OBJECT("headers", headers));
SCHEMA(http_match, STRING("name"), OBJECT("uri", string_match), OBJECT("scheme", string_match),
       OBJECT("method", string_match), OBJECT("authority", string_match),
       OBJECT_MAP("headers", string_match), OBJECT_MAP("withoutHeaders", string_match),
       OBJECT_MAP("queryParams", string_match), INT("port"), STRING_MAP("sourceLabels"),
       STRING("sourceNamespace"), STRINGS("gateways"), BOOL("ignoreUriCase"), STRING("statPrefix"));
SCHEMA(redirect, STRING("uri"), STRING("prefixRewrite"), STRING("authority"), STRING("scheme"),
       INT("port"), ENUM("derivePort", istio_derived_ports), INT("redirectCode"));
SCHEMA(body, STRING("string"), STRING("bytes"));
SCHEMA(direct, INT("status"), OBJECT("body", body));
SCHEMA(delegate, STRING("name"), STRING("namespace"));
SCHEMA(regex_rewrite, STRING("match"), STRING("rewrite"));
SCHEMA(rewrite, STRING("uri"), STRING("authority"), OBJECT("uriRegexRewrite", regex_rewrite));
SCHEMA(retries, INT("attempts"), DURATION("perTryTimeout"), STRING("retryOn"),
       BOOL("retryRemoteLocalities"), BOOL("retryIgnorePreviousHosts"), DURATION("backoff"));
SCHEMA(delay, INT("percent"), OBJECT("percentage", percent), DURATION("fixedDelay"),
       DURATION("exponentialDelay"));
SCHEMA(abort_, OBJECT("percentage", percent), INT("httpStatus"), STRING("grpcStatus"),
       STRING("http2Error"));
SCHEMA(fault, OBJECT("delay", delay), OBJECT("abort", abort_));
SCHEMA(mirror, OBJECT("destination", destination), OBJECT("percentage", percent));
SCHEMA(cors, STRINGS("allowOrigin"), OBJECTS("allowOrigins", string_match), STRINGS("allowMethods"),
       STRINGS("allowHeaders"), STRINGS("exposeHeaders"), DURATION("maxAge"),
       BOOL("allowCredentials"), ENUM("unmatchedPreflights", istio_preflights));
SCHEMA(http, STRING("name"), OBJECTS("match", http_match), OBJECTS("route", route),
       OBJECT("redirect", redirect), OBJECT("directResponse", direct), OBJECT("delegate", delegate),
       OBJECT("rewrite", rewrite), DURATION("timeout"), OBJECT("retries", retries),
       OBJECT("fault", fault), OBJECT("mirror", destination), INT("mirrorPercent"),
       INT("mirror_percent"), OBJECT("mirrorPercentage", percent), OBJECTS("mirrors", mirror),
       OBJECT("corsPolicy", cors), OBJECT("headers", headers));
SCHEMA(tls_match, STRINGS("sniHosts"), STRINGS("destinationSubnets"), INT("port"),
       STRING_MAP("sourceLabels"), STRING("sourceNamespace"), STRINGS("gateways"));
SCHEMA(l4_route, OBJECT("destination", destination), INT("weight"));
SCHEMA(tls, OBJECTS("match", tls_match), OBJECTS("route", l4_route));
SCHEMA(tcp_match, STRINGS("destinationSubnets"), INT("port"), STRING_MAP("sourceLabels"),
       STRING("sourceNamespace"), STRINGS("gateways"), STRING("sourceSubnet"));
SCHEMA(tcp, OBJECTS("match", tcp_match), OBJECTS("route", l4_route));
SCHEMA(virtualservice, STRINGS("hosts"), STRINGS("gateways"), STRINGS("exportTo"),
       OBJECTS("http", http), OBJECTS("tls", tls), OBJECTS("tcp", tcp));

SCHEMA(server_port, INT("number"), STRING("protocol"), STRING("name"), INT("targetPort"));
SCHEMA(certificate_files, STRING("serverCertificate"), STRING("privateKey"),
       STRING("caCertificates"));
SCHEMA(server_tls, ENUM("mode", istio_tls_modes), BOOL("httpsRedirect"), STRING("credentialName"),
       STRINGS("credentialNames"), STRING("caCertCredentialName"), STRING("serverCertificate"),
       STRING("privateKey"), STRING("caCertificates"), STRING("caCrl"),
       OBJECTS("tlsCertificates", certificate_files), STRINGS("subjectAltNames"),
       STRINGS("verifyCertificateSpki"), STRINGS("verifyCertificateHash"),
       ENUM("minProtocolVersion", istio_tls_versions),
       ENUM("maxProtocolVersion", istio_tls_versions), STRINGS("cipherSuites"),
       STRINGS("ecdhCurves"), BOOL("insecureSkipVerify"));
SCHEMA(server, STRING("name"), OBJECT("port", server_port), STRINGS("hosts"), STRING("bind"),
       STRING("defaultEndpoint"), OBJECT("tls", server_tls));
SCHEMA(gateway, STRING_MAP("selector"), OBJECTS("servers", server));

SCHEMA(entry_port, INT("number"), STRING("name"), STRING("protocol"), INT("targetPort"));
SCHEMA(endpoint, STRING("address"), INT_MAP("ports"), STRING_MAP("labels"), STRING("network"),
       STRING("locality"), INT("weight"), STRING("serviceAccount"));
SCHEMA(workload_selector, STRING_MAP("labels"));
SCHEMA(serviceentry, STRINGS("hosts"), STRINGS("addresses"), OBJECTS("ports", entry_port),
       ENUM("location", istio_locations), ENUM("resolution", istio_resolutions),
       OBJECTS("endpoints", endpoint), OBJECT("workloadSelector", workload_selector),
       STRINGS("exportTo"), STRINGS("subjectAltNames"));

SCHEMA(client_tls, ENUM("mode", istio_client_modes), STRING("clientCertificate"),
       STRING("privateKey"), STRING("caCertificates"), STRING("caCrl"), STRING("credentialName"),
       STRING("sni"), STRINGS("subjectAltNames"), BOOL("insecureSkipVerify"));
SCHEMA(port_policy, OBJECT("port", port), ANYTHING("loadBalancer"), ANYTHING("connectionPool"),
       ANYTHING("outlierDetection"), OBJECT("tls", client_tls));
SCHEMA(policy, ANYTHING("loadBalancer"), ANYTHING("connectionPool"), ANYTHING("outlierDetection"),
       OBJECT("tls", client_tls), OBJECTS("portLevelSettings", port_policy), ANYTHING("tunnel"),
       ANYTHING("proxyProtocol"), ANYTHING("retryBudget"));
SCHEMA(subset, STRING("name"), STRING_MAP("labels"), OBJECT("trafficPolicy", policy));
SCHEMA(match_labels, STRING_MAP("matchLabels"));
SCHEMA(destinationrule, STRING("host"), STRINGS("exportTo"),
       OBJECT("workloadSelector", match_labels), OBJECT("trafficPolicy", policy),
       OBJECTS("subsets", subset));

static const struct schema_field metadata_fields[] = {STRING("name"), STRING("namespace"), STRING("generateName"), STRING("uid"),
       STRING("resourceVersion"), INT("generation"), STRING("creationTimestamp"),
       STRING("deletionTimestamp"), INT("deletionGracePeriodSeconds"), STRING_MAP("labels"),
       STRING_MAP("annotations"), ANYTHING("ownerReferences"), STRINGS("finalizers"),
       ANYTHING("managedFields"), STRING("selfLink"), STRING("clusterName"), END};
const struct schema metadata_schema = {.fields = metadata_fields};

#define WHOLE(kind) SCHEMA(whole_##kind, STRING("apiVersion"), STRING("kind"), OBJECT("metadata", metadata_schema), \
                           OBJECT("spec", kind), ANYTHING("status"))
WHOLE(virtualservice);
WHOLE(gateway);
WHOLE(destinationrule);
WHOLE(serviceentry);
// clang-format on

const struct schema *istio_schema(enum kind k)
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
