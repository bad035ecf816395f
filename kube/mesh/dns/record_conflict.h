// SPDX-License-Identifier: Apache-2.0
// Conflicts: of one name external-dns makes one record of a type, and no CNAME beside addresses.
#ifndef GATETOP_MESH_DNS_RECORD_CONFLICT_H
#define GATETOP_MESH_DNS_RECORD_CONFLICT_H

#include "kube/mesh/dns/dns_record.h"

#include <stdint.h>

// Finds the records that lose to another one of their name (docs/rules/dns.md#conflict-resolution): they become
// DNS_FILTERED, with `rival` and a reason in the arena. Records that are DNS_FILTERED already are ignored.
void record_conflict_resolve(struct arena *a, struct dns_record *records, uint32_t n);

#endif
