// SPDX-License-Identifier: Apache-2.0
// The DNS records that external-dns 0.22 would make of the objects of a snapshot: its desired endpoints.
#ifndef GATETOP_MESH_DNS_DESIRED_RECORDS_H
#define GATETOP_MESH_DNS_DESIRED_RECORDS_H

#include "kube/mesh/dns/dns_record.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>
#include <stdint.h>

// In the arena of the mesh.
struct desired_records {
    const struct dns_record *at; // sorted by host, then type
    uint32_t n;
    const char *stopped; // why external-dns stops before it changes anything; NULL if it does not
    const char *stopped_hint; // what to do about it
    // Records that external-dns makes and gatetop does not work out, as sentences.
    struct str_list left_out;
    bool complete; // every kind that the sources need is synced and readable
};

// All records, in the state DNS_UNKNOWN or DNS_FILTERED. O(n log n) in the objects of the sources.
void desired_records_find(const struct mesh *m, const struct dns_settings *s,
                          struct desired_records *out);
// The kinds of object that the sources read.
kind_set desired_records_kinds(const struct dns_settings *s);
// The records that one object of such a kind would have if there were no other. One by one, the objects give all
// records that they have together, but targets of several objects are not merged, and no conflict is resolved.
// `complete` is not set.
void desired_records_of_object(const struct mesh *m, const struct dns_settings *s,
                               const struct object *o, struct desired_records *out);
// The records of one host, for the chain: of the Gateways and VirtualServices that list it, and of these two (NULL:
// none), which may name it in an annotation. Other objects with such an annotation, Services and Ingresses are ignored.
// For tests: the program asks for those that answer.
void desired_records_of_host(const struct mesh *m, const struct dns_settings *s, const char *host,
                             const struct object *gateway, const struct object *vs,
                             struct desired_records *out);
// Whether these two give nothing to hosts that they do not list, so that the records of a host are the same without
// them.
bool desired_records_by_host_alone(const struct mesh *m, const struct dns_settings *s,
                                   const struct object *gateway, const struct object *vs);
// Whether more than one chain may need the records of this host (lower case): a wildcard that no object lists is
// needed by every chain below it.
bool desired_records_are_shared(const struct mesh *m, const char *low);
// As desired_records_of_host, or those of the nearest wildcard above the host where it has none: "*.b.c" answers for
// "a.b.c", at any depth (docs/rules/dns.md#dns-answering-record). Returns the host whose records they are, in the
// arena.
const char *desired_records_answering(const struct mesh *m, const struct dns_settings *s,
                                      const char *host, const struct object *gateway,
                                      const struct object *vs, struct desired_records *out);

#endif
