// SPDX-License-Identifier: Apache-2.0
// The source service of external-dns.
#ifndef GATETOP_MESH_DNS_DNS_SOURCE_SERVICE_H
#define GATETOP_MESH_DNS_DNS_SOURCE_SERVICE_H

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/dns/dns_source.h"

// Adds the endpoints that a Service wants (docs/rules/dns.md#service-source).
void dns_source_service(struct dns_run *run, const struct service *s);

#endif
