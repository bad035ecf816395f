// SPDX-License-Identifier: Apache-2.0
// The kinds the simulator serves, and finding one by name, kind or path.
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <stdio.h>
#include <string.h>

// clang-format off
const struct sim_kind SIM_KINDS[] = {
    {"", {"v1"}, "namespaces", "Namespace", false, false, "kubectl-create"},
    {"", {"v1"}, "services", "Service", true, false, "kubectl-client-side-apply"},
    {"", {"v1"}, "secrets", "Secret", true, false, "cert-manager-certificates-issuing"},
    {"", {"v1"}, "events", "Event", true, false, "cert-manager-certificates-trigger"},
    {"", {"v1"}, "pods", "Pod", true, false, "kube-controller-manager"},
    {"discovery.k8s.io", {"v1"}, "endpointslices", "EndpointSlice", true, false, "kube-controller-manager"},
    {"networking.k8s.io", {"v1"}, "ingresses", "Ingress", true, false, "helm"},
    {"apps", {"v1"}, "deployments", "Deployment", true, false, "helm"},
    {"networking.istio.io", {"v1", "v1beta1", "v1alpha3"}, "gateways", "Gateway", true, true, "helm"},
    {"networking.istio.io", {"v1", "v1beta1", "v1alpha3"}, "virtualservices", "VirtualService", true, true, "kubectl-client-side-apply"},
    {"networking.istio.io", {"v1", "v1beta1", "v1alpha3"}, "destinationrules", "DestinationRule", true, true, "kubectl-client-side-apply"},
    {"networking.istio.io", {"v1", "v1beta1", "v1alpha3"}, "serviceentries", "ServiceEntry", true, true, "kubectl-client-side-apply"},
    {"security.istio.io", {"v1", "v1beta1"}, "authorizationpolicies", "AuthorizationPolicy", true, true, "helm"},
    {"security.istio.io", {"v1", "v1beta1"}, "requestauthentications", "RequestAuthentication", true, true, "helm"},
    {"cert-manager.io", {"v1"}, "certificates", "Certificate", true, true, "helm"},
    {"cert-manager.io", {"v1"}, "certificaterequests", "CertificateRequest", true, true, "cert-manager-certificates-request-manager"},
    {"cert-manager.io", {"v1"}, "issuers", "Issuer", true, true, "helm"},
    {"cert-manager.io", {"v1"}, "clusterissuers", "ClusterIssuer", false, true, "helm"},
    {"acme.cert-manager.io", {"v1"}, "orders", "Order", true, true, "cert-manager-certificaterequests-issuer-acme"},
    {"acme.cert-manager.io", {"v1"}, "challenges", "Challenge", true, true, "cert-manager-orders"},
    {"flagger.app", {"v1beta1"}, "canaries", "Canary", true, true, "flagger"},
};
// clang-format on
const size_t SIM_KIND_COUNT = sizeof SIM_KINDS / sizeof *SIM_KINDS;
_Static_assert(sizeof SIM_KINDS / sizeof *SIM_KINDS <= SIM_KINDS_MAX, "raise SIM_KINDS_MAX");

// Whether the version of the kind's group is served, and not taken away.
static bool serves(struct apisim *s, const struct sim_kind *k, const char *version)
{
    for (size_t i = 0; i < s->nhidden; i++) {
        if (str_eq(s->hidden[i].group, k->group) && str_eq(s->hidden[i].version, version)) {
            return false;
        }
    }
    return true;
}

bool sim_is_stale(struct apisim *s, const char *group)
{
    for (size_t i = 0; i < s->nstale; i++) {
        if (str_eq(s->stale[i], group)) {
            return true;
        }
    }
    return false;
}

struct sim_resource *sim_find(struct apisim *s, const char *resource)
{
    struct sim_resource *found = NULL;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        const struct sim_kind *k = &SIM_KINDS[i];
        size_t n = strlen(k->plural);
        if (strncmp(resource, k->plural, n) == 0 &&
            (resource[n] == '\0' || (resource[n] == '.' && str_eq(resource + n + 1, k->group)))) {
            if (found != NULL) {
                return NULL;
            }
            found = &s->res[i];
        }
    }
    return found;
}

struct sim_resource *sim_find_kind(struct apisim *s, const char *api_version, const char *kind)
{
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        const struct sim_kind *k = &SIM_KINDS[i];
        for (size_t v = 0; v < SIM_VERSIONS_MAX && k->versions[v] != NULL; v++) {
            char text[96];
            if (str_eq(k->kind, kind) &&
                str_eq(sim_api_version(k, k->versions[v], text), api_version)) {
                return &s->res[i];
            }
        }
    }
    return NULL;
}

struct sim_resource *sim_find_path(struct apisim *s, const char *group, const char *version,
                                   const char *plural, const char **served_version)
{
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        const struct sim_kind *k = &SIM_KINDS[i];
        if (!s->res[i].present || !str_eq(k->group, group) || !str_eq(k->plural, plural)) {
            continue;
        }
        for (size_t v = 0; v < SIM_VERSIONS_MAX && k->versions[v] != NULL; v++) {
            if (str_eq(k->versions[v], version) && serves(s, k, version)) {
                *served_version = k->versions[v];
                return &s->res[i];
            }
        }
    }
    return NULL;
}

const char *sim_api_version(const struct sim_kind *k, const char *version, char out[96])
{
    snprintf(out, 96, "%s%s%s", k->group, k->group[0] != '\0' ? "/" : "", version);
    return out;
}
