// SPDX-License-Identifier: Apache-2.0
// The DNS records that external-dns 0.22 would make of the objects of a snapshot.
#ifndef GATETOP_MESH_DNS_DNS_RECORD_H
#define GATETOP_MESH_DNS_DNS_RECORD_H

#include "kube/base/regex.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/label_selector.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

enum dns_source {
    DNS_SOURCE_GATEWAY,        // istio-gateway
    DNS_SOURCE_VIRTUALSERVICE, // istio-virtualservice
    DNS_SOURCE_SERVICE,
    DNS_SOURCE_INGRESS,
    DNS_SOURCE_COUNT
};

// What external-dns is told. Strings are borrowed; lists live in the arena they were set with.
struct dns_settings {
    enum dns_source
        source[DNS_SOURCE_COUNT]; // in the order given: the first to make a record owns it
    uint32_t nsources;
    bool sources_given; // the first argument that names one takes the default ones' place
    const char *annotation_prefix; // with its slash
    const char *
        ingress_key; // the annotation that names an Ingress: fixed by the version, whatever the prefix
    const char *txt_prefix, *txt_suffix, *txt_wildcard; // "" unset
    const char *owner_id;
    const char *old_owner_id; // records of this owner are taken over, "" none
    const char *registry;     // "txt"; with any other there are no ownership records to see
    const char *provider;     // "aws" makes aliases of names of its balancers, "" not known
    bool aws_prefer_cname;    // unless told so
    const char *ns;           // only this namespace is read, "" all
    // Which objects are read.
    struct label_selector label_filter, annotation_filter;
    struct str_list ingress_class, service_types; // empty: any
    // Which names they give.
    bool ignore_hostname_annotation, ignore_ingress_tls, ignore_ingress_rules, publish_internal;
    struct str_list fqdn_templates; // fqdn_template.c
    bool combine_fqdn;              // templates add to other names, else they stand in for none
    // What becomes of the records.
    struct str_list default_targets;
    bool force_default_targets;
    struct str_list target_nets, exclude_target_nets, nat64; // "10.0.0.0/8"
    int64_t min_ttl;                                         // seconds, 0 none
    struct str_list domain_filter, exclude_domains;
    const struct regex *domain_regex,
        *exclude_regex;                          // in their place where one is given; NULL none
    struct str_list record_types, exclude_types; // "A" "AAAA" "CNAME" ...
    const char
        *from; // where the settings come from, for people: "options", "Deployment ns/name", ...
    struct str_list unknown; // arguments that gatetop does not work out
    const char *invalid;     // why external-dns does not even start with them, NULL
    // The names of ownership records that older versions wrote are looked for as well
    // (docs/rules/dns.md#txt-old-names).
    bool old_names;
};

// v0.22's defaults with the two Istio sources.
void dns_settings_default(struct dns_settings *s);
// One argument of external-dns ("--txt-prefix=x"; `next` is the following one for "--txt-prefix x", may be
// NULL). Returns how many were used: 1 or 2. What means nothing for records is passed over; what does but
// is not worked out is noted in `unknown`.
int dns_settings_arg(struct arena *a, struct dns_settings *s, const char *arg, const char *next);
// To be called after the last argument: what external-dns refuses of them together is noted in `invalid`.
void dns_settings_finish(struct dns_settings *s);
// From the external-dns Deployment, where one can be read: its arguments over the defaults of its
// version. False (and *s untouched) where there is none.
bool dns_settings_deployment(const struct mesh *m, struct dns_settings *s);
// Those that hold: `given` (struct dns_settings) where there are any, else the Deployment's over the defaults.
void dns_settings_for(const struct mesh *m, const void *given, struct dns_settings *out);

enum dns_state {
    DNS_OK,
    DNS_MISSING,   // no such name
    DNS_EMPTY,     // the name is there, without such a record
    DNS_ELSEWHERE, // other targets
    DNS_FOREIGN,   // owned by another external-dns
    DNS_STALE,     // owned by an object that is gone
    DNS_UNKNOWN,   // not asked, or no answer
    DNS_FILTERED,  // a filter of external-dns takes it away, or another record of the name does
};
const char *dns_state_name(enum dns_state s); // "ok" "missing" ...
enum verdict dns_state_verdict(enum dns_state s);

struct dns_record {
    const char *host;
    const char *type;            // "A" "AAAA" "CNAME" "SRV"
    struct str_list targets;     // sorted
    int64_t ttl;                 // 0: the provider's default
    const char *source;          // "gateway/ns/name", as external-dns labels it
    struct str_list sources;     // every object that wants it, `source` first
    struct str_list owner_names; // the TXT names that say who owns it; empty for a registry without
    const char *set_identifier;  // NULL none
    const char
        *rival; // the source whose record of the name is made in place of this one, NULL none
    enum dns_state state;
    const char *reason;
};

struct dns_records {
    const struct dns_record *at; // sorted by host, then type
    uint32_t n;
    const char
        *stopped; // why external-dns stops before it changes anything; NULL where it does not
    const char *stopped_hint; // what to do about it
    struct str_list left_out; // what external-dns makes as well and is not worked out, as sentences
    bool complete;            // every kind that the sources need is synced and readable
};

// All records. O(n log n) in the objects of the sources.
void dns_records(const struct mesh *m, const struct dns_settings *s, struct dns_records *out);
// Those of one host, for the chain: of the Gateways and VirtualServices that spell it, and of these two
// (NULL: none), which may name it in an annotation. Other objects with such an annotation, Services and
// Ingresses are not looked at.
void dns_records_of_host(const struct mesh *m, const struct dns_settings *s, const char *host,
                         const struct object *gateway, const struct object *vs,
                         struct dns_records *out);
// The same, or those of the nearest wildcard above the host where it has none: "*.b.c" answers for "a.b.c", at
// any depth (docs/rules/dns.md#dns-answering-record). Returns the host whose records they are, in the arena.
const char *dns_records_answering(const struct mesh *m, const struct dns_settings *s,
                                  const char *host, const struct object *gateway,
                                  const struct object *vs, struct dns_records *out);
// The targets of one Gateway; *why (may be NULL) says in words why there are none.
struct str_list dns_gateway_targets(const struct mesh *m, const struct dns_settings *s,
                                    const struct gateway *g, const char **why);

// The host or a parent of it is let through by the domain filters.
bool dns_domain_passes(const struct dns_settings *s, const char *host);
// The TXT name of a record (docs/rules/dns.md#txt-name). What options add is in lower case, the host stays as it is
// written.
const char *dns_owner_name(struct arena *a, const struct dns_settings *s, const char *host,
                           const char *type);

// The text of an ownership record, quotes or not. False where it is none (encrypted ones too).
struct dns_owner {
    const char *id, *kind, *ns, *name; // NULL where absent
};
bool dns_owner_parse(struct arena *a, const char *text, struct dns_owner *out);
// The kind that the first part of a resource label means ("gateway", ...), KIND_COUNT where none.
enum kind dns_resource_kind(const char *word);
// The text that external-dns writes for a record.
const char *dns_owner_text(struct arena *a, const struct dns_settings *s, const char *resource);

// "A", "AAAA" or "CNAME": what kind of record a target makes.
const char *dns_target_type(const char *target);

#endif
