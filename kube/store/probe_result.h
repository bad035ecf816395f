// SPDX-License-Identifier: Apache-2.0
// What probes found: the answers of DNS and of TLS handshakes, as immutable values beside the objects in a snapshot
// (snapshot.probes, by probe_kind_name and name).
#ifndef GATETOP_STORE_PROBE_RESULT_H
#define GATETOP_STORE_PROBE_RESULT_H

#include "kube/base/arena.h"
#include "kube/base/attr.h"
#include "kube/base/pmap.h"

#include "kube/object/x509.h"

#include "kube/store/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

enum probe_kind {
    PROBE_HOST, // A and AAAA of a host with the CNAMEs on the way; "*.x" is queried by a random label
    PROBE_TXT, // TXT of a name; "?.x" is queried by a random label below x: only a wildcard answers
    PROBE_TLS, // a handshake with one address for a host: probe_tls_name
    PROBE_KIND_COUNT
};
// "host" "txt" "tls"
const char *probe_kind_name(enum probe_kind k);

// The name of a handshake, "web.example.com@192.0.2.1:443" or "web.example.com@[2001:db8::1]:443": what a gateway
// serves may differ from one of its addresses to the next. In the arena.
const char *probe_tls_name(struct arena *a, const char *host, const char *address, int port);
// Takes such a name apart, into the arena; returns false if it is no such name.
bool probe_tls_split(struct arena *a, const char *name, const char **host, const char **address,
                     int *port) MUST_USE;

enum probe_answer {
    ANSWER_YES,      // there is something
    ANSWER_NXDOMAIN, // no such name
    ANSWER_NODATA,   // the name is there, such a record is not
    ANSWER_FAILED,   // timeout, SERVFAIL, REFUSED, no resolver: nothing is known
};

enum tls_outcome {
    TLS_CERTIFICATE, // a certificate was shown
    TLS_CLOSED,      // reset or closed during the handshake: no certificate for this name
    TLS_REFUSED,     // connection refused
    TLS_UNREACHABLE, // timeout, no route: nothing is known about the certificate
    TLS_NO_ADDRESS,  // the name could not be resolved
};

// A word for the log: "found" "NXDOMAIN" "no data" "failed".
const char *probe_answer_name(enum probe_answer a);
// A word for the log: "certificate" "closed" "refused" "unreachable" "no address".
const char *tls_outcome_name(enum tls_outcome o);

struct probe_result {
    _Atomic uint32_t refs;
    enum probe_kind kind;
    const char *name;
    int64_t queried_at;   // seconds
    int64_t valid_until;  // not queried again before
    int64_t ttl;          // of the answer, seconds; -1: unknown
    bool on_screen;       // it was requested for what is on the screen
    const char *resolver; // who answered, as text
    const char *error;    // what went wrong, NULL if nothing did
    // PROBE_HOST, PROBE_TXT
    enum probe_answer answer;
    struct str_list addresses; // A and AAAA, sorted
    // Addresses that answers before this one had, and when each was seen last (seconds): a load balancer's change with
    // every answer. probe_result_pack fills them in.
    struct str_list earlier;
    const int64_t *earlier_at;
    struct str_list cnames; // on the way, in order, without final dots
    struct str_list texts;  // each TXT record's strings joined
    // PROBE_TLS
    enum tls_outcome outcome;
    const char *host, *address;    // sent as SNI ("*.x": by a random label); that was connected to
    const struct x509_cert *certs; // as served, leaf first
    uint32_t ncerts;
    bool chain_ordered;
    struct arena arena; // owns everything above
};

// Makes one with one reference. Its maker fills it in, from its arena, before anybody else sees it. At first: ttl -1,
// ANSWER_FAILED, TLS_UNREACHABLE.
struct probe_result *probe_result_new(enum probe_kind k, const char *name);
// Any thread; NULL is fine.
const struct probe_result *probe_result_ref(const struct probe_result *r);
// Any thread; NULL is fine.
void probe_result_unref(const struct probe_result *r);

// A copy of a result of DNS in no more memory than it needs, some hundred bytes, with one reference; whose `earlier`
// has the addresses of the result that it replaces (NULL: it replaces none, and keeps its own). There may be 100,000 of
// them.
const struct probe_result *probe_result_pack(const struct probe_result *r,
                                             const struct probe_result *before);
// Whether two results of DNS for one name are the same except for their times. Handshakes never are: their age counts.
bool probe_result_same(const struct probe_result *x, const struct probe_result *y);

// Of snapshot.probes.
extern const struct pmap_type probe_map_type;
// The result of that kind and name, borrowed from the snapshot; NULL if it was not queried yet.
const struct probe_result *probe_result_find(const struct snapshot *s, enum probe_kind k,
                                             const char *name);

#endif
