// SPDX-License-Identifier: Apache-2.0
// The sources istio-gateway and istio-virtualservice of external-dns.
#ifndef GATETOP_MESH_DNS_DNS_SOURCE_ISTIO_H
#define GATETOP_MESH_DNS_DNS_SOURCE_ISTIO_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/dns/dns_source.h"

#include <stdbool.h>

// Adds the endpoints that a Gateway wants (docs/rules/dns.md#gateway-hosts): for the host `only`, in any case of
// letters; NULL: for all its hosts.
void dns_source_gateway(struct dns_run *run, const struct gateway *gw, const char *only);
// The same for a VirtualService (docs/rules/dns.md#virtualservice-hosts).
void dns_source_virtualservice(struct dns_run *run, const struct virtualservice *v,
                               const char *only);

// The targets of a Gateway (docs/rules/dns.md#gateway-targets), in the arena. *why (may be NULL) says in a sentence why
// there are none, NULL if there are.
struct str_list dns_gateway_targets(const struct mesh *m, const struct dns_settings *s,
                                    const struct gateway *gw, const char **why);

// Whether external-dns thinks that a server host ("ns/host", any depth under "*.") takes a VirtualService's host
// (docs/rules/dns.md#virtualservice-binding). Narrower than Istio for wildcard hosts of VirtualServices, and
// case-sensitive; Istio's own rule is in host.h. For tests of the rule.
bool dns_server_host_binds(const char *server_host, const char *vs_ns, const char *gw_ns,
                           const char *host);

#endif
