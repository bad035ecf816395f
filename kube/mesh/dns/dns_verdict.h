// SPDX-License-Identifier: Apache-2.0
// What the answers of DNS prove about a record that should be there (docs/rules/dns.md#dns-verdicts).
#ifndef GATETOP_MESH_DNS_DNS_VERDICT_H
#define GATETOP_MESH_DNS_DNS_VERDICT_H

#include "kube/store/probe_result.h"

#include "kube/mesh/dns/dns_record.h"

struct dns_evidence {
    const struct probe_result *host;    // answer for the record's host, NULL not asked
    const struct probe_result *targets; // answer for the load balancer's name where a target is one
    const struct probe_result *const *owners; // TXT answers of the owner names that were asked
    uint32_t nowners;
    // What a made-up label beside each owner name answers to TXT, NULL not asked: a text found there too
    // comes from a wildcard and owns nothing here. NULL: none was asked.
    const struct probe_result *const *made_up;
    int64_t created; // of the object that wants the record, TIME_NONE unknown: new names get time
    bool resource_gone; // the object that the TXT names is known not to exist
};

// The state and a sentence that names the resolver. A timeout, SERVFAIL or REFUSED is unknown, never
// missing. `state` and `reason` of a record that is DNS_FILTERED are left as they are.
void dns_judge(const struct mesh *m, const struct dns_settings *s, struct dns_record *r,
               const struct dns_evidence *e);

// The same with the evidence taken from the snapshot's probes.
void dns_judge_record(const struct mesh *m, const struct dns_settings *s, struct dns_record *r);

// Everything that has to be asked to judge the record: the host, the load balancer's name, who owns it.
void dns_record_questions(const struct dns_record *r,
                          void (*ask)(void *self, enum probe_kind k, const char *name), void *self);

#endif
