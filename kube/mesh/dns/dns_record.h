// SPDX-License-Identifier: Apache-2.0
// A DNS record that external-dns should make, and its state in DNS.
#ifndef GATETOP_MESH_DNS_DNS_RECORD_H
#define GATETOP_MESH_DNS_DNS_RECORD_H

#include "kube/object/str_list.h"

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

#include <stdint.h>

struct dns_settings;

// What DNS says about a record (docs/rules/dns.md#dns-states).
enum dns_state {
    DNS_OK,
    DNS_MISSING,   // no such name
    DNS_EMPTY,     // the name exists, without such a record
    DNS_ELSEWHERE, // other targets
    DNS_FOREIGN,   // owned by another external-dns
    DNS_STALE,     // owned by an object that is gone
    DNS_UNKNOWN,   // not queried, or no answer
    DNS_FILTERED,  // external-dns does not make it: a filter, or another record of the name
    DNS_STATE_COUNT
};
// "ok" "missing" "empty" ... "filtered", as tables and JSON have it. Static.
const char *dns_state_name(enum dns_state s);
// What the state means to the link of the chain.
enum verdict dns_state_verdict(enum dns_state s);

// Texts and lists lie in the arena of the mesh or in the snapshot.
struct dns_record {
    const char *host;
    const char *type;        // "A" "AAAA" "CNAME" "SRV"
    struct str_list targets; // sorted
    // Seconds; 0: the provider's default (docs/rules/dns.md#route53-ttl).
    int64_t ttl;
    // The resource label of external-dns, "gateway/ns/name"; NULL if no object wants the record.
    const char *source;
    struct str_list sources;     // the labels of all objects that want it, `source` first
    struct str_list owner_names; // the TXT names that say who owns it; empty for a registry without
    // Of a routing policy with several records of the name; NULL if none.
    const char *set_identifier;
    bool routed;  // it, or another record of the host, has one
    bool proxied; // Cloudflare answers with addresses of its own
    // The targets differ between versions of external-dns, and it is not known which one runs.
    bool by_version;
    // Of the external-dns that makes it, if there are several; else NULL.
    const struct dns_settings *settings;
    struct str_list others; // the targets of the records of this name and type that the others make
    // The label of the object whose record of the name is made instead, NULL if none.
    const char *rival;
    enum dns_state state;
    const char *reason; // a sentence
};

// The order of set identifiers by bytes; NULL counts as "".
int dns_compare_set_identifiers(const char *a, const char *b);
// A name as external-dns compares names (NormalizeDNSName): A-labels in lower case, without a final dot; text that is
// no name only in lower case. In the arena.
const char *dns_normalized_name(struct arena *a, const char *name);
// "A", "AAAA" or "CNAME": the type of the record that a target makes (docs/rules/dns.md#record-type). Static.
const char *dns_target_type(const char *target);
// The kind of object that the first part of a resource label names ("gateway"), KIND_COUNT if it is none of the
// sources'. `word` may be NULL.
enum kind dns_resource_kind(const char *word);
// The types of records that lead somewhere, in external-dns' order: "A", "AAAA", "CNAME".
enum { DNS_TARGET_TYPES = 3 };
extern const char *const dns_target_types[DNS_TARGET_TYPES];
// The object that a resource label ("gateway/ns/name") names. NULL if it is gone or the label names none.
const struct object *dns_resource_object(const struct mesh *m, const char *label);

#endif
