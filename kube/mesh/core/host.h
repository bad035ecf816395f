// SPDX-License-Identifier: Apache-2.0
// Hosts as Istio compares them: within, overlap, server hosts against VirtualService hosts.
//
// A host is wild where its first byte is '*'; what follows the star is a plain suffix. Comparisons are
// case-sensitive, as in Istio; only the finished virtual host is in lower case.
#ifndef GATETOP_MESH_CORE_HOST_H
#define GATETOP_MESH_CORE_HOST_H

#include "kube/object/object.h"

#include <stdbool.h>

struct arena;

// Is the host wild?
bool host_wild(const char *h);
// Both cover some name; symmetric (docs/rules/istio.md#host-overlap).
bool host_overlap(const char *a, const char *b);
// b covers every name that a covers (docs/rules/istio.md#host-within).
bool host_within(const char *a, const char *b);
// Does the wild or plain domain of a virtual host take this (lower-case) request host? The star covers at
// least one byte (docs/rules/istio.md#virtual-host-lookup).
bool host_matches(const char *domain, const char *request_host);

// The hosts of a Gateway server as Istio rewrites them: "./h" becomes "<gw_ns>/h", "*/h" becomes "h", and
// "*/*" makes the whole list just "*" (docs/rules/istio.md#server-host-rewrite). In the arena.
struct str_list host_server_hosts(struct arena *a, const struct str_list *hosts, const char *gw_ns);
// The host part of a rewritten server host, or NULL if its "ns/" is not the VirtualService's namespace.
const char *host_for_namespace(const char *server_host, const char *vs_ns);
// The narrower of a VirtualService host and a server host (one of the two), NULL if they do not meet.
const char *host_narrower(const char *vs_host, const char *server_host);

#endif
