// SPDX-License-Identifier: Apache-2.0
// The domain filters of external-dns (docs/rules/dns.md#domain-filter).
#ifndef GATETOP_MESH_DNS_DOMAIN_FILTER_H
#define GATETOP_MESH_DNS_DOMAIN_FILTER_H

#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>

// Whether the filters let a host through: --domain-filter and --exclude-domains by the host or a parent of it, or the
// expressions where one is given.
bool domain_filter_passes(const struct dns_settings *s, const char *host);

#endif
