// SPDX-License-Identifier: Apache-2.0
// The table of kinds.
#include "kube/object/kind.h"

#include "kube/base/array.h"
#include "kube/base/str.h"

#include <assert.h>
#include <string.h>

// Versions of a group, the preferred first (docs/rules/kubernetes-client.md#kinds-served).
static const char *const v1[] = {"v1", NULL};
static const char *const v1_or_beta[] = {"v1", "v1beta1", NULL};
// One schema in all versions (docs/rules/istio.md#api-versions).
static const char *const istio[] = {"v1", "v1beta1", "v1alpha3", NULL};
// Before v0.11 all kinds were in one group (docs/rules/certificates.md#api-groups).
static const char *const certmanager[] = {"v1", "v1beta1", "v1alpha3", "v1alpha2", NULL};
static const char *const v1alpha1[] = {"v1alpha1", NULL};
static const char *const v1alpha3[] = {"v1alpha3", NULL};
static const char *const flagger[] = {"v1beta1", "v1alpha3", NULL};

// clang-format off
#define CORE             {{"", v1}}
#define APPS             {{"apps", v1}}
#define NETWORKING       {{"networking.k8s.io", v1}}
#define DISCOVERY        {{"discovery.k8s.io", v1}}
#define GATEWAY_API      {{"gateway.networking.k8s.io", v1_or_beta}}
#define FLAGGER          {{"flagger.app", flagger}}
#define ISTIO_NETWORKING {{"networking.istio.io", istio}}
#define ISTIO_SECURITY   {{"security.istio.io", v1_or_beta}}
#define ISTIO_FILTERS    {{"networking.istio.io", v1alpha3}}
#define ISTIO_EXTENSIONS {{"extensions.istio.io", v1alpha1}}
#define CERT_MANAGER     {{"cert-manager.io", certmanager}, {"certmanager.k8s.io", v1alpha1}}
#define SEALED_SECRETS   {{"bitnami.com", v1alpha1}}
#define EXTERNAL_SECRETS {{"external-secrets.io", v1_or_beta}}
#define SECRETS_STORE    {{"secrets-store.csi.x-k8s.io", v1}}
#define ACME             {{"acme.cert-manager.io", certmanager}, {"certmanager.k8s.io", v1alpha1}}

const struct kind_info kinds[] = {
    [KIND_NAMESPACE] =
        {.kind = "Namespace", .resource = "namespaces", .short_name = "ns",
         .groups = CORE, .reading = READ_WHOLE},
    [KIND_SERVICE] =
        {.kind = "Service", .resource = "services", .short_name = "svc",
         .groups = CORE, .namespaced = true, .reading = READ_WHOLE},
    [KIND_GATEWAY] =
        {.kind = "Gateway", .resource = "gateways", .short_name = "gw",
         .groups = ISTIO_NETWORKING, .namespaced = true, .reading = READ_WHOLE},
    [KIND_VIRTUALSERVICE] =
        {.kind = "VirtualService", .resource = "virtualservices", .short_name = "vs",
         .groups = ISTIO_NETWORKING, .namespaced = true, .reading = READ_WHOLE},
    [KIND_DESTINATIONRULE] =
        {.kind = "DestinationRule", .resource = "destinationrules", .short_name = "dr",
         .groups = ISTIO_NETWORKING, .namespaced = true, .reading = READ_WHOLE},
    [KIND_SERVICEENTRY] =
        {.kind = "ServiceEntry", .resource = "serviceentries", .short_name = "se",
         .groups = ISTIO_NETWORKING, .namespaced = true, .reading = READ_WHOLE},
    [KIND_CERTIFICATE] =
        {.kind = "Certificate", .resource = "certificates", .short_name = "cert",
         .groups = CERT_MANAGER, .namespaced = true, .reading = READ_WHOLE},
    [KIND_CERTIFICATEREQUEST] =
        {.kind = "CertificateRequest", .resource = "certificaterequests", .short_name = "cr",
         .groups = CERT_MANAGER, .namespaced = true, .reading = READ_WHOLE},
    [KIND_ORDER] =
        {.kind = "Order", .resource = "orders", .short_name = "order",
         .groups = ACME, .namespaced = true, .reading = READ_WHOLE},
    [KIND_CHALLENGE] =
        {.kind = "Challenge", .resource = "challenges", .short_name = "challenge",
         .groups = ACME, .namespaced = true, .reading = READ_WHOLE},
    [KIND_ISSUER] =
        {.kind = "Issuer", .resource = "issuers", .short_name = "issuer",
         .groups = CERT_MANAGER, .namespaced = true, .reading = READ_WHOLE},
    [KIND_CLUSTERISSUER] =
        {.kind = "ClusterIssuer", .resource = "clusterissuers", .short_name = "clusterissuer",
         .groups = CERT_MANAGER, .reading = READ_WHOLE},
    [KIND_SECRET] =
        {.kind = "Secret", .resource = "secrets", .short_name = "secret",
         .groups = CORE, .namespaced = true, .reading = READ_METADATA, .field_selector = "type=kubernetes.io/tls"},
    [KIND_INGRESS] =
        {.kind = "Ingress", .resource = "ingresses", .short_name = "ing",
         .groups = NETWORKING, .namespaced = true, .reading = READ_ON_DEMAND},
    [KIND_EVENT] =
        {.kind = "Event", .resource = "events", .short_name = "event",
         .groups = CORE, .namespaced = true, .reading = READ_ON_DEMAND},
    [KIND_POD] =
        {.kind = "Pod", .resource = "pods", .short_name = "pod",
         .groups = CORE, .namespaced = true, .reading = READ_ON_DEMAND},
    [KIND_ENDPOINTSLICE] =
        {.kind = "EndpointSlice", .resource = "endpointslices", .short_name = "eps",
         .groups = DISCOVERY, .namespaced = true, .reading = READ_ON_DEMAND},
    [KIND_CANARY] =
        {.kind = "Canary", .resource = "canaries", .short_name = "canary",
         .groups = FLAGGER, .namespaced = true, .reading = READ_WHOLE},
    [KIND_DEPLOYMENT] =
        {.kind = "Deployment", .resource = "deployments", .short_name = "deploy",
         .groups = APPS, .namespaced = true, .reading = READ_ON_DEMAND},
    [KIND_K8S_GATEWAY] =
        {.kind = "Gateway", .resource = "gateways", .short_name = "gateway",
         .groups = GATEWAY_API, .namespaced = true, .reading = READ_FILES},
    [KIND_REQUESTAUTHENTICATION] =
        {.kind = "RequestAuthentication", .resource = "requestauthentications", .short_name = "ra",
         .groups = ISTIO_SECURITY, .namespaced = true, .reading = READ_WHOLE},
    [KIND_STATEFULSET] =
        {.kind = "StatefulSet", .resource = "statefulsets", .short_name = "sts",
         .groups = APPS, .namespaced = true, .reading = READ_FILES},
    [KIND_DAEMONSET] =
        {.kind = "DaemonSet", .resource = "daemonsets", .short_name = "ds",
         .groups = APPS, .namespaced = true, .reading = READ_FILES},
    [KIND_SEALEDSECRET] =
        {.kind = "SealedSecret", .resource = "sealedsecrets", .short_name = "sealedsecret",
         .groups = SEALED_SECRETS, .namespaced = true, .reading = READ_FILES},
    [KIND_EXTERNALSECRET] =
        {.kind = "ExternalSecret", .resource = "externalsecrets", .short_name = "es",
         .groups = EXTERNAL_SECRETS, .namespaced = true, .reading = READ_FILES},
    [KIND_SECRETPROVIDERCLASS] =
        {.kind = "SecretProviderClass", .resource = "secretproviderclasses", .short_name = "spc",
         .groups = SECRETS_STORE, .namespaced = true, .reading = READ_FILES},
    [KIND_AUTHORIZATIONPOLICY] =
        {.kind = "AuthorizationPolicy", .resource = "authorizationpolicies", .short_name = "ap",
         .groups = ISTIO_SECURITY, .namespaced = true, .reading = READ_WHOLE},
    [KIND_ENVOYFILTER] =
        {.kind = "EnvoyFilter", .resource = "envoyfilters", .short_name = "ef",
         .groups = ISTIO_FILTERS, .namespaced = true, .reading = READ_FILES},
    [KIND_WASMPLUGIN] =
        {.kind = "WasmPlugin", .resource = "wasmplugins", .short_name = "wasmplugin",
         .groups = ISTIO_EXTENSIONS, .namespaced = true, .reading = READ_FILES},
};
// clang-format on
static_assert(ARRAY_COUNT(kinds) == KIND_COUNT, "a kind without a row");

static bool in_group(const struct kind_info *k, const char *group, size_t n)
{
    for (const struct kind_group *g = k->groups; g->group != NULL; g++) {
        if (str_is(group, n, g->group)) {
            return true;
        }
    }
    return false;
}

enum kind kind_find(const char *api_version, const char *kind)
{
    if (api_version == NULL || kind == NULL) {
        return KIND_COUNT;
    }
    const char *slash = strchr(api_version, '/');
    size_t n = slash != NULL ? (size_t)(slash - api_version) : 0;
    if (slash == NULL && strcmp(api_version, "v1") != 0) {
        return KIND_COUNT;
    }
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        if (str_eq(kinds[k].kind, kind) && in_group(&kinds[k], api_version, n)) {
            return k;
        }
    }
    return KIND_COUNT;
}
