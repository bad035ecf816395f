// SPDX-License-Identifier: Apache-2.0
// The source ingress of external-dns.
#ifndef GATETOP_MESH_DNS_DNS_SOURCE_INGRESS_H
#define GATETOP_MESH_DNS_DNS_SOURCE_INGRESS_H

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/dns/dns_source.h"

// Adds the endpoints that an Ingress wants (docs/rules/dns.md#ingress-source).
void dns_source_ingress(struct dns_run *run, const struct ingress *i);

#endif
