// SPDX-License-Identifier: Apache-2.0
// The DNS prober: a thread that queries requested names at a bounded rate and hands over the answers
// (docs/rules/dns.md#dns-asking).
#ifndef GATETOP_PROBE_DNS_PROBER_H
#define GATETOP_PROBE_DNS_PROBER_H

#include "kube/base/attr.h"

#include "kube/store/probe_result.h"

#include <stdbool.h>
#include <stddef.h>

struct dns_prober;

// Zero is the default of every number.
struct dns_prober_options {
    // "ADDRESS", "ADDRESS:PORT" or "[V6]:PORT", up to eight with commas; NULL: the system's resolvers.
    const char *resolver;
    bool authoritative; // query the zone's own servers instead of a resolver
    int authority_port; // of those servers: 53
    int per_second;     // questions on the wire: 20
    int timeout_ms;     // for one try: 3000
    int visible_s;      // a name on screen is queried again after its TTL, but at least this: 60
    int hidden_s;       // any other after at least this: 600
    size_t names;       // remembered at most: 262144 (100,000 hosts with their owner records)
    // Called in the prober's thread for each answer; takes over the reference.
    void (*result)(void *self, const struct probe_result *r);
    void *self;
    // Called in the prober's thread where few names wait, at most once a second: it may request more. NULL: nothing
    // does.
    void (*more)(void *more_self);
    void *more_self;
};

// The options with the default in place of each zero. Any thread. For tests of the defaults.
struct dns_prober_options dns_prober_options_complete(const struct dns_prober_options *o);

// Starts the thread. Options are copied. NULL if the resolver cannot be used (ERR_USAGE) or no thread can be created.
struct dns_prober *dns_prober_start(const struct dns_prober_options *o, struct err *err) MUST_USE;
// Ends the thread; questions under way are dropped. Returns within a few milliseconds. NULL is fine.
void dns_prober_stop(struct dns_prober *p);

// Requests the answer for a name, PROBE_HOST or PROBE_TXT. Any thread, returns at once. A name whose answer is known
// and still valid is not queried again. False if too many names wait already.
bool dns_prober_request(struct dns_prober *p, enum probe_kind k, const char *name, bool visible);
// Another screen is shown: what is requested as visible from now on comes before what was until now. Any thread.
void dns_prober_screen_changed(struct dns_prober *p);

// How many names wait or are under way. At 0 the last answer may still be on its way to `result`: it is there when
// dns_prober_stop returns. Any thread.
size_t dns_prober_pending(struct dns_prober *p);

#endif
