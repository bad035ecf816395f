// SPDX-License-Identifier: Apache-2.0
// How objects name each other: short names, gateway references, host strings. Pure text.
#ifndef GATETOP_OBJECT_OBJECT_NAMES_H
#define GATETOP_OBJECT_OBJECT_NAMES_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

// The host that a name written in a VirtualService, DestinationRule, destination or mirror of namespace
// `ns` means: without a dot (and not "*", not wild, not an IP) "<name>.<ns>.svc.cluster.local", else
// itself, literally: "svc.ns" is not expanded (docs/rules/istio.md#short-names).
const char *name_fqdn(struct arena *a, const char *host, const char *ns);
// The domain of the cluster, "cluster.local" until it is set: once, before there are threads, for the whole run
// (docs/rules/istio.md#cluster-domain). False if it is too long to be one, or has no label.
bool name_set_cluster_domain(const char *domain) MUST_USE;
// The ending of every Service's host: ".svc.cluster.local". Static text.
const char *name_service_suffix(void);
// The host of a Service: "<name>.<ns>.svc.cluster.local". In the arena.
const char *name_service_host(struct arena *a, const char *name, const char *ns);
// Whether a host has that ending, so that it resolves only inside the cluster.
bool name_in_cluster(const char *host);
// Splits "<name>.<ns>.svc.cluster.local" into its parts, in the arena. False if it has another form, or is NULL.
bool name_split_service(struct arena *a, const char *fqdn, const char **name, const char **ns);
// Whether a text is an IPv4 or IPv6 literal; NULL is none.
bool name_is_ip(const char *s);
// Whether two literals mean the same address of one family, however they are spelled: "::1" and "0:0::1".
bool name_same_ip(const char *a, const char *b);

// Whether a text is the name of an object, a DNS subdomain (RFC 1123): lower-case letters, digits, '-' and '.', with a
// letter or digit at both ends of each part.
bool name_is_subdomain(const char *s);
// Whether n bytes are 1 to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends.
bool name_is_qualified(const char *s, size_t n);
// Whether a text is the key of a Kubernetes label, with or without "prefix/".
bool name_is_label_key(const char *s);
// Whether a text is the value of a Kubernetes label; it may be empty.
bool name_is_label_value(const char *s);

// A gateway reference of a VirtualService in namespace `ns`: "mesh" gives false; else ns and name of the
// Gateway: "ns/name", "./name", bare "name", legacy "name.ns[.svc...]" (docs/rules/istio.md#gateway-references).
bool name_resolve_gateway(struct arena *a, const char *ref, const char *ns, const char **gw_ns,
                          const char **gw_name);

// A credentialName without "kubernetes://", which changes nothing (docs/rules/certificates.md#credential-namespace);
// borrowed from it, NULL for NULL.
const char *name_of_credential(const char *credential);

// What follows the first slash of a text such as "ns/name" or "ns/host", the whole text where there is none; borrowed
// from it.
const char *name_without_ns(const char *text);
// The same; *ns is what is before the slash, in the arena, and `own` where there is none.
const char *name_split(struct arena *a, const char *text, const char *own, const char **ns);

#endif
