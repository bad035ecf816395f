// SPDX-License-Identifier: Apache-2.0
// What the answers of DNS prove about a record that should exist (docs/rules/dns.md#dns-verdicts).
#ifndef GATETOP_MESH_DNS_DNS_VERDICT_H
#define GATETOP_MESH_DNS_DNS_VERDICT_H

#include "kube/store/probe_result.h"

#include "kube/mesh/dns/dns_record.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>
#include <stdint.h>

// The answers that a record is judged by. NULL: not queried.
struct dns_evidence {
    const struct probe_result *host;          // for the record's host
    const struct probe_result *targets;       // for the load balancer's name, where a target is one
    const struct probe_result *const *owners; // TXT of the record's owner names, nowners of them
    uint32_t nowners;
    // TXT of an unused label beside each owner name: a text that is found there too comes from a wildcard and owns
    // nothing. NULL: none was queried.
    const struct probe_result *const *beside;
    // When the object that wants the record was, TIME_NONE: unknown: new names get time.
    int64_t created;
    bool resource_gone; // an ownership record names an object that is known not to exist
};

// Sets the state and reason of a record: a sentence that names the resolver. A timeout, SERVFAIL or REFUSED is unknown,
// never missing. A record that is DNS_FILTERED, and one whose host was not queried, stays as it is.
void dns_judge(const struct mesh *m, const struct dns_settings *s, struct dns_record *r,
               const struct dns_evidence *e);
// The same, with the evidence taken from the snapshot's probes.
void dns_judge_record(const struct mesh *m, const struct dns_settings *s, struct dns_record *r);

// A name to be queried, for a record's addresses or its TXT; valid during the call.
typedef void dns_query_fn(void *self, enum probe_kind k, const char *name);
// Calls `query` for each name whose answer the judgement of a record needs: the host, the names that it points to, the
// owner names and the ones beside them. The same name may come twice.
void dns_record_queries(const struct dns_record *r, dns_query_fn *query, void *self);

#endif
