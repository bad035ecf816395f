// SPDX-License-Identifier: Apache-2.0
// The servers of a name's own zone: finding and querying them.
//
// The zone is found by NS questions to the resolver from the name upwards. Its first servers that have addresses are
// queried without recursion, one after the other until one answers. Belongs to the DNS prober's thread.
#ifndef GATETOP_PROBE_AUTHORITATIVE_SERVER_H
#define GATETOP_PROBE_AUTHORITATIVE_SERVER_H

#include "kube/probe/dns_query.h"

struct authoritative_options {
    int port;             // of the servers, 0: 53
    int timeout_ms;       // for one try
    ares_channel channel; // to the resolver, borrowed
    struct dns_sockets *sockets;
    const struct dns_query_events *events; // sent: of the questions that find the servers
};

// What was found out about zones, kept for ten minutes.
struct authoritative_servers;
// Options are copied, what they point to is borrowed.
struct authoritative_servers *authoritative_new(const struct authoritative_options *o);
// After authoritative_cancel, or where nothing is under way. NULL is fine.
void authoritative_free(struct authoritative_servers *s);

// Sends the query to the servers of its zone, once they are found; ends it with an error where they are not.
void authoritative_query(struct authoritative_servers *s, struct dns_query *q);

// The lesser of `earliest` (NULL: none) and the next time-out of the channels; *storage holds what is returned.
struct timeval *authoritative_timeout(const struct authoritative_servers *s,
                                      struct timeval *earliest, struct timeval *storage);
// As dns_channel_process, for each of the zones' channels.
void authoritative_process(struct authoritative_servers *s, const struct pollfd *ready, nfds_t n);
// Ends what is under way on the zones' channels, with an error.
void authoritative_cancel(struct authoritative_servers *s);

#endif
