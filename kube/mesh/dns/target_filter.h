// SPDX-License-Identifier: Apache-2.0
// The networks that external-dns's settings name: filters of targets, and NAT64.
#ifndef GATETOP_MESH_DNS_TARGET_FILTER_H
#define GATETOP_MESH_DNS_TARGET_FILTER_H

#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>

// Whether --target-net-filter and --exclude-target-net let a target through (docs/rules/dns.md#target-filter). With a
// filter only addresses inside it pass, and no names.
bool target_filter_passes(const struct dns_settings *s, const char *target);
// The IPv4 address that an IPv6 address of a --nat64-networks network stands for, NULL if it is in none. In the
// arena.
const char *nat64_address(struct arena *a, const struct dns_settings *s, const char *target);

#endif
