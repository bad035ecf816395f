// SPDX-License-Identifier: Apache-2.0
// The lists that a kube-apiserver sends for N applications, byte for byte the same in every run.
//
// The shapes of tests/cluster/load.go: N Gateways, VirtualServices of 3 to 12 rules and Services; a tenth as many
// Namespaces, Certificates, CertificateRequests, Orders and TLS Secrets (as metadata). With what the server adds:
// managedFields, uids, defaults, the order of its keys.
#ifndef GATETOP_TESTS_SUPPORT_SYNC_LISTS_H
#define GATETOP_TESTS_SUPPORT_SYNC_LISTS_H

#include "kube/object/kind.h"

struct buf;

// The kinds that have a list, in the order in which a dashboard shows them.
extern const enum kind sync_list_kinds[8];

// How many objects the list of a kind has.
int sync_list_count(enum kind k, int applications);
// The text before the items of a list, and after them.
void sync_list_head(enum kind k, struct buf *out);
void sync_list_tail(struct buf *out);
// Item i of a list, from 0, without the comma between two.
void sync_list_item(enum kind k, int applications, int i, struct buf *out);

#endif
