// SPDX-License-Identifier: Apache-2.0
// The kinds of object that gatetop knows: one table of their names, API groups and versions, and how each is read.
#ifndef GATETOP_OBJECT_KIND_H
#define GATETOP_OBJECT_KIND_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

// There are `gateways` in two groups: everything is keyed by kind, which fixes group and resource, never by the word
// alone.
enum kind {
    KIND_NAMESPACE,
    KIND_SERVICE,
    KIND_GATEWAY,
    KIND_VIRTUALSERVICE,
    KIND_DESTINATIONRULE,
    KIND_SERVICEENTRY,
    KIND_CERTIFICATE,
    KIND_CERTIFICATEREQUEST,
    KIND_ORDER,
    KIND_CHALLENGE,
    KIND_ISSUER,
    KIND_CLUSTERISSUER,
    KIND_SECRET,
    KIND_INGRESS,
    KIND_EVENT,
    KIND_POD,
    KIND_ENDPOINTSLICE,
    KIND_CANARY,
    KIND_DEPLOYMENT,  // of external-dns (by label); in files all, for the labels of their pods
    KIND_K8S_GATEWAY, // gateway.networking.k8s.io, for references to it; files only
    KIND_REQUESTAUTHENTICATION, // for IST0149, and which tokens a gateway reads
    KIND_STATEFULSET,           // for the labels of its pods; in files only, as is the next
    KIND_DAEMONSET,
    KIND_SEALEDSECRET, // will make a Secret; in files only, as are the next two
    KIND_EXTERNALSECRET,
    KIND_SECRETPROVIDERCLASS,
    KIND_AUTHORIZATIONPOLICY, // what else answers at a gateway
    KIND_ENVOYFILTER,         // the same; files only, as is the next
    KIND_WASMPLUGIN,
    KIND_COUNT
};

enum kind_reading {
    READ_WHOLE, // list and watch of all namespaces
    READ_METADATA, // the same of PartialObjectMetadata (docs/rules/certificates.md#secret-metadata-only)
    READ_ON_DEMAND, // as READ_WHOLE, but only while something needs it
    READ_FILES,     // taken from manifests, not read from a server
};

struct kind_group {
    const char *group;           // "" for core
    const char *const *versions; // in order of preference, NULL-terminated
};

struct kind_info {
    const char *kind;       // "VirtualService"
    const char *resource;   // "virtualservices"
    const char *short_name; // "vs", for people
    // Served under the first of these that the server has; ends with group NULL.
    struct kind_group groups[3];
    bool namespaced;
    enum kind_reading reading;
    const char *field_selector; // of the list and watch, or NULL
};

extern const struct kind_info kinds[KIND_COUNT];

// The kind of an apiVersion ("networking.istio.io/v1") and kind; KIND_COUNT if gatetop has none, or one is NULL.
// Any version of a known group is taken, since files carry old ones.
enum kind kind_find(const char *api_version, const char *kind);

// A set of kinds, one bit each.
typedef unsigned int kind_set;
// Shifting 1U by KIND_COUNT must be defined, too.
static_assert(KIND_COUNT < 32, "kinds are bits of a kind_set");
#define KIND_BIT(k) (1U << (k))
#define KIND_SET_ALL ((1U << KIND_COUNT) - 1U)
// The kinds that are read from manifests only (READ_FILES).
#define KIND_SET_FILES                                                                             \
    (KIND_BIT(KIND_K8S_GATEWAY) | KIND_BIT(KIND_STATEFULSET) | KIND_BIT(KIND_DAEMONSET) |          \
     KIND_BIT(KIND_SEALEDSECRET) | KIND_BIT(KIND_EXTERNALSECRET) |                                 \
     KIND_BIT(KIND_SECRETPROVIDERCLASS) | KIND_BIT(KIND_ENVOYFILTER) | KIND_BIT(KIND_WASMPLUGIN))
// What a dashboard keeps up to date: not the kinds that only single subcommands need, nor those of files.
#define KIND_SET_DASHBOARD                                                                         \
    (KIND_SET_ALL & ~(KIND_BIT(KIND_INGRESS) | KIND_BIT(KIND_ENDPOINTSLICE) | KIND_SET_FILES))

#endif
