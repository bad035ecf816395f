// SPDX-License-Identifier: Apache-2.0
// The groups that gatetop knows whole, and names that are nearly theirs.
#include "kube/object/api_group.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/edit_distance.h"
#include "kube/base/str.h"

#include <stdbool.h>
#include <string.h>

struct api_group {
    const char *name;            // "" for core
    const char *const *versions; // the best first, ends with NULL
    const char *const *kinds;    // ends with NULL
    bool whole;                  // there are no other kinds and versions
};

// clang-format off
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
static const struct api_group groups[] = {
    {"networking.istio.io", LIST("v1", "v1beta1", "v1alpha3"),
     LIST("VirtualService", "Gateway", "DestinationRule", "ServiceEntry", "Sidecar", "WorkloadEntry", "WorkloadGroup", "EnvoyFilter", "ProxyConfig"), true},
    {"security.istio.io", LIST("v1", "v1beta1"),
     LIST("AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication"), true},
    {"telemetry.istio.io", LIST("v1", "v1alpha1"), LIST("Telemetry"), true},
    {"extensions.istio.io", LIST("v1alpha1"), LIST("WasmPlugin"), true},
    {"cert-manager.io", LIST("v1", "v1beta1", "v1alpha3", "v1alpha2"),
     LIST("Certificate", "CertificateRequest", "Issuer", "ClusterIssuer"), true},
    {"acme.cert-manager.io", LIST("v1", "v1beta1", "v1alpha3", "v1alpha2"), LIST("Order", "Challenge"), true},
    {"certmanager.k8s.io", LIST("v1alpha1"),
     LIST("Certificate", "CertificateRequest", "Issuer", "ClusterIssuer", "Order", "Challenge"), true},
    {"gateway.networking.k8s.io", LIST("v1", "v1beta1", "v1alpha2", "v1alpha3"),
     LIST("Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "ReferenceGrant"), false},
    {"networking.k8s.io", LIST("v1"), LIST("Ingress", "IngressClass", "NetworkPolicy"), false},
    {"apps", LIST("v1"), LIST("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), false},
    {"", LIST("v1"), LIST("Namespace", "Service", "Secret", "Pod", "ConfigMap", "ServiceAccount", "Event"), false},
};
// clang-format on

static const struct api_group *find_group(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
        if (strcmp(groups[i].name, name) == 0) {
            return &groups[i];
        }
    }
    return NULL;
}

static bool has(const char *const *list, const char *word)
{
    for (; *list != NULL; list++) {
        if (strcmp(*list, word) == 0) {
            return true;
        }
    }
    return false;
}

// The kind of the list that was probably meant; NULL: none.
static const char *near_kind(const char *const *list, const char *word)
{
    for (; *list != NULL; list++) {
        size_t n = strlen(*list);
        bool plural = strncmp(word, *list, n) == 0 && strcmp(word + n, "s") == 0;
        if (str_casecmp(*list, word) == 0 || plural || (n > 5 && edit_distance(*list, word) < 3)) {
            return *list;
        }
    }
    return NULL;
}

// Of kinds that are served in one version of their group only (docs/rules/istio.md#other-istio-kinds).
static const char *only_version(const char *kind)
{
    return strcmp(kind, "EnvoyFilter") == 0   ? "v1alpha3"
           : strcmp(kind, "ProxyConfig") == 0 ? "v1beta1"
                                              : NULL;
}

// The version in which a kind of the group is best written.
static const char *best_version(const struct api_group *g, const char *kind)
{
    const char *only = has(g->kinds, kind) ? only_version(kind) : NULL;
    return only != NULL ? only : g->versions[0];
}

static const char *kind_problem(struct arena *a, const struct api_group *g, const char *version,
                                const char *kind)
{
    const char *id = arena_printf(a, "%s%s%s", g->name, *g->name != '\0' ? "/" : "", version);
    const char *near = near_kind(g->kinds, kind);
    if (near != NULL) {
        return arena_printf(a, "there is no kind %s in %s: write %s", kind, id, near);
    }
    for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
        if (groups[i].whole && has(groups[i].kinds, kind) &&
            (g->whole || strcmp(kind, "Gateway") != 0)) {
            return arena_printf(a, "there is no kind %s in %s: write apiVersion: %s/%s", kind, id,
                                groups[i].name, best_version(&groups[i], kind));
        }
    }
    return g->whole ? arena_printf(a, "there is no kind %s in %s", kind, id) : NULL;
}

// Is a group nearly that of a project, so that its kinds were meant?
static bool near_group(const char *real, const char *group)
{
    static const char *const projects[] = {"istio", "cert-manager", "certmanager"};
    for (size_t i = 0; i < ARRAY_COUNT(projects); i++) {
        if (strstr(real, projects[i]) != NULL && strstr(group, projects[i]) != NULL) {
            return true;
        }
    }
    return edit_distance(real, group) < 3;
}

// A group of another name: nearly one that there is?
static const char *group_problem(struct arena *a, const char *api_version, const char *group,
                                 const char *kind)
{
    for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
        const struct api_group *g = &groups[i];
        if (g->whole && has(g->kinds, kind) && near_group(g->name, group)) {
            return arena_printf(a, "there is no kind %s in %s: write apiVersion: %s/%s", kind,
                                api_version, g->name, best_version(g, kind));
        }
    }
    return NULL;
}

const char *api_group_problem(struct arena *a, const char *api_version, const char *kind)
{
    const char *slash = strchr(api_version, '/');
    const char *group =
        slash != NULL ? arena_strndup(a, api_version, (size_t)(slash - api_version)) : "";
    const char *version = slash != NULL ? slash + 1 : api_version;
    const struct api_group *g = find_group(group);
    if (slash == NULL && find_group(api_version) != NULL && *api_version != '\0') {
        g = find_group(api_version);
        return arena_printf(a, "apiVersion %s of a %s has no version: write %s/%s", api_version,
                            kind, g->name, best_version(g, kind));
    }
    if (g == NULL) {
        return group_problem(a, api_version, group, kind);
    }
    if (g->whole && has(g->kinds, kind)) {
        const char *only = only_version(kind);
        bool served = only != NULL ? strcmp(version, only) == 0 : has(g->versions, version);
        if (!served) {
            return arena_printf(a, "there is no version %s of %s: write %s/%s", api_version, kind,
                                group, best_version(g, kind));
        }
    }
    return has(g->kinds, kind) ? NULL : kind_problem(a, g, version, kind);
}
