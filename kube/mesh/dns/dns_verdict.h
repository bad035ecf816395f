// SPDX-License-Identifier: Apache-2.0
// What the answers of DNS prove about a record that should be there (certs-dns.md §4.8).
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

const struct probe_result *mesh_probe(const struct mesh *m, enum probe_kind k, const char *name);
uint64_t mesh_key_probe(enum probe_kind k, const char *name);

// What a handshake proves (§7.4).
enum served_state {
    SERVED_ISSUED,    // the certificate that was issued
    SERVED_PREVIOUS,  // an older one of the same names
    SERVED_OTHER,     // another one
    SERVED_TEMPORARY, // cert-manager's temporary one
    SERVED_STAGING,
    SERVED_SELF_SIGNED,
    SERVED_MISMATCH, // does not cover the host
    SERVED_NOTHING,  // closed during the handshake
    SERVED_UNKNOWN,  // unreachable from here
};
const char *served_state_name(enum served_state s); // "issued" "previous" ...
enum verdict served_state_verdict(enum served_state s);
// Whether clients can build a path from the chain as served.
enum served_chain {
    SERVED_CHAIN_WHOLE,      // everything that was issued, or as much as one can tell
    SERVED_CHAIN_BARE,       // the leaf alone, and nothing is known of how it should be
    SERVED_CHAIN_INCOMPLETE, // issuers' certificates are missing that were issued with it
    SERVED_CHAIN_DISORDERED, // a certificate is not issued by the next
};
struct served {
    enum served_state state;
    enum verdict verdict; // of the state; the issued certificate with a faulty chain is a warning
    enum served_chain chain;
    const char *reason;  // what the gateway does: "serves the issued certificate"
    const char *address; // that was asked
};
// `issued` may be NULL (no chain can be read); then only what the served one shows by itself is judged.
// `written`: when the issued one was stored, TIME_NONE unknown; for two minutes an older one is fine.
void served_judge(const struct mesh *m, const struct probe_result *tls,
                  const struct x509_chain *issued, int64_t written, struct served *out);

#endif
