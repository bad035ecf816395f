// SPDX-License-Identifier: Apache-2.0
// Channels of c-ares: the servers that it queries, and the sockets that a poll loop watches for it.
//
// A channel is a set of servers that are queried one after the other until one answers. One thread (the DNS prober's)
// owns the channels and the sockets.
#ifndef GATETOP_PROBE_DNS_CHANNEL_H
#define GATETOP_PROBE_DNS_CHANNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

// c-ares' header uses fd_set and struct timeval without including them.
// clang-format off
#include <sys/select.h>
#include <ares.h>
// clang-format on

enum { DNS_SOCKETS_MAX = 64 };

// The sockets of all channels that were opened with it. Zero at first.
struct dns_sockets {
    struct pollfd at[DNS_SOCKETS_MAX];
    nfds_t n;
};

// Opens a channel to the system's resolvers. timeout_ms is that of one try; there are two for each server. Without
// `recursive` the servers are queried for what they know themselves. `sockets` is borrowed for the channel's life,
// which ares_destroy ends.
bool dns_channel_open(struct dns_sockets *sockets, int timeout_ms, bool recursive,
                      ares_channel *out);

// Replaces the servers: "ADDRESS", "ADDRESS:PORT" or "[V6]:PORT", up to eight with commas; without a port 53. False for
// anything else.
bool dns_channel_set_servers(ares_channel channel, const char *list);
// Whether dns_channel_set_servers takes the list.
bool dns_channel_can_parse(const char *list);

// The address of the first server as text into out, "no resolver" where there is none.
void dns_channel_first_server(ares_channel channel, char *out, size_t size);

// Handles what poll found on the sockets, and the time-outs that are due. Sockets of other channels are passed over.
void dns_channel_process(ares_channel channel, const struct pollfd *ready, nfds_t n);

#endif
