// SPDX-License-Identifier: Apache-2.0
// Hosts for which external-dns makes no record: what DNS says all the same (docs/rules/dns.md#unmanaged-record).
#ifndef GATETOP_MESH_DNS_UNMANAGED_RECORD_H
#define GATETOP_MESH_DNS_UNMANAGED_RECORD_H

#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/dns/dns_verdict.h"

// Judges the answer for a host by where its Gateway is: the reason is a sentence about the answer. DNS_UNKNOWN with
// the reason "" if DNS was not asked, or the Gateway has no address to compare with.
void unmanaged_record_judge(const struct mesh *m, const struct dns_settings *s, const char *host,
                            const struct gateway *gateway, struct dns_record *out);
// Calls `query` for the hosts of a VirtualService that gateways serve and that none of `records` (of hosts in lower
// case, each a struct dns_record) answers for, and for the names that its Gateways' addresses are known by. NULL
// records: for all of its hosts.
void unmanaged_record_queries(const struct mesh *m, const struct dns_settings *s,
                              const struct virtualservice *v, const struct string_map *records,
                              dns_query_fn *query, void *self);

#endif
