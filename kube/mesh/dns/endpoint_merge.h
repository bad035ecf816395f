// SPDX-License-Identifier: Apache-2.0
// Merges endpoints as external-dns does: of several objects that want one record, one endpoint is left.
#ifndef GATETOP_MESH_DNS_ENDPOINT_MERGE_H
#define GATETOP_MESH_DNS_ENDPOINT_MERGE_H

#include "kube/mesh/dns/dns_settings.h"
#include "kube/mesh/dns/endpoint.h"

#include <stdint.h>

// Merges the endpoints that one source has made, those from index `from` on, and sorts their targets
// (docs/rules/dns.md#merge-within-source).
void endpoint_merge_source(struct arena *a, struct endpoint_list *l, uint32_t from,
                           enum dns_source source);
// To be called after all sources: applies default targets and NAT64, drops duplicates, and gives the *n endpoints that
// are left, by host, type, set identifier and targets. In the arena.
struct endpoint **endpoint_merge_all(struct arena *a, const struct dns_settings *s,
                                     struct endpoint_list *l, uint32_t *n);

#endif
