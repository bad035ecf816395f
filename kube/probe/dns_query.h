// SPDX-License-Identifier: Apache-2.0
// One name under way: the questions that are put for it, and what the answers make of its result.
//
// Belongs to the DNS prober's thread.
#ifndef GATETOP_PROBE_DNS_QUERY_H
#define GATETOP_PROBE_DNS_QUERY_H

#include "kube/store/probe_result.h"

#include "kube/probe/dns_channel.h"

#include <stdbool.h>
#include <stdint.h>

enum { DNS_ADDRESSES_MAX = 64, DNS_CNAMES_MAX = 32 }; // of one name

struct dns_query_events {
    void *self;
    void (*sent)(void *self, int questions); // that many questions are being sent
    // The end of a query, which is freed after it. Takes over the result. What is left to fill in: when it was queried,
    // until when it is valid, and `resolver` where that is NULL.
    void (*done)(void *self, struct probe_result *result);
};

struct dns_query {
    const struct dns_query_events *events;
    struct probe_result *result; // under construction; its arena holds what the query allocates
    const char *qname;           // see probe_query_name; NULL: no name that can be queried
    int unanswered;              // questions without an answer
    bool nxdomain, failed;       // one of the answers said so
    const char *error;           // why it failed; static text
    int64_t ttl, negative_ttl;   // the least of the answers, -1: unknown
    const char *addresses[DNS_ADDRESSES_MAX], *cnames[DNS_CNAMES_MAX];
    uint32_t naddresses, ncnames;
    bool authoritative; // the servers of its zone are queried; result->resolver says which
};

// A query for the addresses (PROBE_HOST) or texts (PROBE_TXT) of a name. Nothing is sent yet. `events` is borrowed.
struct dns_query *dns_query_new(enum probe_kind k, const char *name,
                                const struct dns_query_events *events);

// Puts the query's questions to a channel. The last answer ends it, perhaps before this returns.
void dns_query_send(struct dns_query *q, ares_channel channel);

// Ends a query that cannot be sent. `why` is static text.
void dns_query_fail(struct dns_query *q, const char *why);

#endif
