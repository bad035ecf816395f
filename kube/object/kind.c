// SPDX-License-Identifier: Apache-2.0
// The table of kinds.
#include "kube/object/kind.h"

#include "kube/base/text.h"

#include <string.h>

static const char *const v1[] = {"v1", NULL};
static const char *const istio[] = {"v1", "v1beta1", "v1alpha3", NULL};
static const char *const certmanager[] = {"v1", "v1beta1", "v1alpha3", "v1alpha2", NULL};
static const char *const legacy[] = {"v1alpha1", NULL};
static const char *const flagger[] = {"v1beta1", "v1alpha3", NULL};
static const char *const gwapi[] = {"v1", "v1beta1", NULL};

#define CORE                                                                                       \
    {                                                                                              \
        {"", v1},                                                                                  \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }
#define ISTIO                                                                                      \
    {                                                                                              \
        {"networking.istio.io", istio},                                                            \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }
#define CM                                                                                         \
    {                                                                                              \
        {"cert-manager.io", certmanager}, {"certmanager.k8s.io", legacy},                          \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }
#define ACME                                                                                       \
    {                                                                                              \
        {"acme.cert-manager.io", certmanager}, {"certmanager.k8s.io", legacy},                     \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }

// clang-format off
const struct kind_info kinds[KIND_COUNT] = {
    [KIND_NAMESPACE]          = {"Namespace", "namespaces", "ns", CORE, false, READ_WHOLE, NULL},
    [KIND_SERVICE]            = {"Service", "services", "svc", CORE, true, READ_WHOLE, NULL},
    [KIND_GATEWAY]            = {"Gateway", "gateways", "gw", ISTIO, true, READ_WHOLE, NULL},
    [KIND_VIRTUALSERVICE]     = {"VirtualService", "virtualservices", "vs", ISTIO, true, READ_WHOLE, NULL},
    [KIND_DESTINATIONRULE]    = {"DestinationRule", "destinationrules", "dr", ISTIO, true, READ_WHOLE, NULL},
    [KIND_SERVICEENTRY]       = {"ServiceEntry", "serviceentries", "se", ISTIO, true, READ_WHOLE, NULL},
    [KIND_CERTIFICATE]        = {"Certificate", "certificates", "cert", CM, true, READ_WHOLE, NULL},
    [KIND_CERTIFICATEREQUEST] = {"CertificateRequest", "certificaterequests", "cr", CM, true, READ_WHOLE, NULL},
    [KIND_ORDER]              = {"Order", "orders", "order", ACME, true, READ_WHOLE, NULL},
    [KIND_CHALLENGE]          = {"Challenge", "challenges", "challenge", ACME, true, READ_WHOLE, NULL},
    [KIND_ISSUER]             = {"Issuer", "issuers", "issuer", CM, true, READ_WHOLE, NULL},
    [KIND_CLUSTERISSUER]      = {"ClusterIssuer", "clusterissuers", "clusterissuer", CM, false, READ_WHOLE, NULL},
    [KIND_SECRET]             = {"Secret", "secrets", "secret", CORE, true, READ_METADATA, "type=kubernetes.io/tls"},
    [KIND_INGRESS]            = {"Ingress", "ingresses", "ing", {{"networking.k8s.io", v1}, {NULL, NULL}}, true, READ_ON_DEMAND, NULL},
    [KIND_EVENT]              = {"Event", "events", "event", CORE, true, READ_ON_DEMAND, NULL},
    [KIND_POD]                = {"Pod", "pods", "pod", CORE, true, READ_ON_DEMAND, NULL},
    [KIND_ENDPOINTSLICE]      = {"EndpointSlice", "endpointslices", "eps", {{"discovery.k8s.io", v1}, {NULL, NULL}}, true, READ_ON_DEMAND, NULL},
    [KIND_CANARY]             = {"Canary", "canaries", "canary", {{"flagger.app", flagger}, {NULL, NULL}}, true, READ_WHOLE, NULL},
    [KIND_DEPLOYMENT]         = {"Deployment", "deployments", "deploy", {{"apps", v1}, {NULL, NULL}}, true, READ_ON_DEMAND, NULL},
    [KIND_K8S_GATEWAY]        = {"Gateway", "gateways", "gateway", {{"gateway.networking.k8s.io", gwapi}, {NULL, NULL}}, true, READ_FILES, NULL},
    [KIND_REQUESTAUTHENTICATION] = {"RequestAuthentication", "requestauthentications", "ra", {{"security.istio.io", gwapi}, {NULL, NULL}}, true, READ_FILES, NULL},
};
// clang-format on

static bool in_group(const struct kind_info *k, const char *group, size_t n)
{
    for (const struct kind_group *g = k->groups; g->group != NULL; g++) {
        if (strlen(g->group) == n && memcmp(g->group, group, n) == 0) {
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
