// SPDX-License-Identifier: Apache-2.0
// The settings of external-dns: its arguments, or the defaults of its version.
#ifndef GATETOP_MESH_DNS_DNS_SETTINGS_H
#define GATETOP_MESH_DNS_DNS_SETTINGS_H

#include "kube/mesh/core/label_selector.h"
#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

struct regex;

// The sources that gatetop supports (--source).
enum dns_source {
    DNS_SOURCE_GATEWAY,        // istio-gateway
    DNS_SOURCE_VIRTUALSERVICE, // istio-virtualservice
    DNS_SOURCE_SERVICE,
    DNS_SOURCE_INGRESS,
    DNS_SOURCE_COUNT
};

// Texts are borrowed from the arguments or the snapshot, or lie in the arena that the settings were read with; lists
// lie in that arena. A copy by value shares both.
struct dns_settings {
    enum dns_source source[DNS_SOURCE_COUNT]; // in the order given: the first one owns a record
    uint32_t nsources;
    bool sources_given;            // the first --source takes the place of the default ones
    const char *annotation_prefix; // with its slash
    // The other prefix, that of the other versions: annotations under it count as well if the version is not known
    // (docs/rules/dns.md#version-not-known). NULL if it is known, or the prefix was given.
    const char *other_prefix;
    // The annotation of a Gateway that names an Ingress: fixed by the version
    // (docs/rules/dns.md#annotation-ingress-key).
    const char *ingress_key;
    const char *txt_prefix, *txt_suffix, *txt_wildcard; // "" unset
    const char *owner_id;
    const char *old_owner_id; // records of this owner are taken over, "": none
    const char *registry;     // "txt"; any other has no ownership records in DNS
    const char *provider;     // "aws" turns names of Amazon's balancers into aliases, "" not known
    bool aws_prefer_cname;    // no aliases
    bool cloudflare_proxied;  // records are proxied, unless an annotation says otherwise
    const char *policy;       // "sync" "upsert-only" "create-only", "" not given
    bool dry_run, txt_new_format_only;
    const char *ns; // only this namespace is read, "" for all
    // Which objects are read.
    struct label_selector label_filter, annotation_filter;
    struct str_array ingress_class, service_types; // empty: any
    // Which names they give.
    bool ignore_hostname_annotation, ignore_ingress_tls, ignore_ingress_rules, publish_internal;
    struct str_array fqdn_templates; // fqdn_template.h
    bool combine_fqdn; // templates add to other names, else they are used where there are none
    // What becomes of the records.
    struct str_array default_targets;
    bool force_default_targets;
    struct str_array target_nets, exclude_target_nets, nat64; // "10.0.0.0/8"
    int64_t min_ttl;                                          // seconds, 0: none
    struct str_array domain_filter, exclude_domains;
    const struct regex *domain_regex, *exclude_regex; // used instead where one is given; NULL: none
    struct str_array record_types, exclude_types;     // "A" "AAAA" "CNAME" ...
    // Where the settings come from, for people: "defaults", "options", "Deployment ns/name".
    const char *from;
    // Arguments that change records in ways that gatetop does not work out.
    struct str_array unknown;
    const char *invalid; // why external-dns does not start with them, NULL
    // Why external-dns changes nothing, though its arguments are right: "external-dns runs with --dry-run". NULL if
    // it does (docs/rules/dns.md#settings-idle).
    const char *idle;
    bool idle_error; // that is a fault, not a choice
    // The settings of the next external-dns Deployment, NULL if this is the last. Each makes its own records
    // (docs/rules/dns.md#several-instances).
    const struct dns_settings *next;
    // The names of ownership records that older versions wrote are looked up too
    // (docs/rules/dns.md#txt-old-names).
    bool old_names;
};

// The defaults of v0.22, with the two Istio sources (docs/rules/dns.md#settings-defaults).
void dns_settings_default(struct dns_settings *s);
// Reads one argument of external-dns: "--txt-prefix=x", or "--txt-prefix" with its value in `next`, the argument after
// it (NULL: none). Returns how many of the two were used, 1 or 2. An argument that has no effect on records is ignored;
// one that gatetop does not work out goes to `unknown`. Texts are copied to the arena.
int dns_settings_arg(struct arena *a, struct dns_settings *s, const char *arg, const char *next);
// To be called after the last argument: sets `invalid` where external-dns refuses them together
// (docs/rules/dns.md#settings-refused).
void dns_settings_finish(struct dns_settings *s);
// The settings that apply: `given` if it is not NULL, else the arguments of the external-dns Deployments over the
// defaults of their versions, by namespace and name (`next`), else the defaults.
void dns_settings_for(const struct mesh *m, const struct dns_settings *given,
                      struct dns_settings *out);

#endif
