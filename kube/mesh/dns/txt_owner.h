// SPDX-License-Identifier: Apache-2.0
// The ownership records of external-dns's TXT registry: their names and texts.
#ifndef GATETOP_MESH_DNS_TXT_OWNER_H
#define GATETOP_MESH_DNS_TXT_OWNER_H

#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>

// The TXT name that owns the record of a host and type ("A"): docs/rules/dns.md#txt-name. What the settings add is in
// lower case, the host stays as it is written. In the arena. For tests of the rule.
const char *txt_owner_name(struct arena *a, const struct dns_settings *s, const char *host,
                           const char *type);
// All TXT names that may own the record of a host, type and first target: those of an alias (#route53-alias), then the
// record's own, then the one that older versions wrote (#txt-old-names). Empty for another registry
// (docs/rules/dns.md#registry). In the arena.
struct str_list txt_owner_names(struct arena *a, const struct dns_settings *s, const char *host,
                                const char *type, const char *target);

// What the text of an ownership record says. NULL if absent.
struct txt_owner {
    const char *id;               // external-dns's --txt-owner-id
    const char *kind, *ns, *name; // of the resource: "gateway", its namespace and name
};
// Reads the text of a TXT record, with or without quotes (docs/rules/dns.md#txt-text). False if it is no ownership
// record, or an encrypted one. `text` may be NULL; the strings are in the arena.
bool txt_owner_parse(struct arena *a, const char *text, struct txt_owner *out);

#endif
