// SPDX-License-Identifier: Apache-2.0
// What the files of the DNS prober share. Everything is the prober's thread's but for what the lock guards.
#ifndef GATETOP_PROBE_DNS_PROBER_INTERNAL_H
#define GATETOP_PROBE_DNS_PROBER_INTERNAL_H

#include "kube/probe/dns_message.h"
#include "kube/probe/dns_prober.h"
#include "kube/probe/probe_worker.h"

// c-ares' header uses fd_set and struct timeval without including them.
// clang-format off
#include <sys/select.h>
#include <ares.h>
#include <arpa/nameser.h>
// clang-format on
#include <poll.h>

#define SOCKETS_MAX 64
#define ASKING_MAX 32     // names under way at a time
#define ZONES_MAX 32      // zones whose own servers are asked
#define AUTHORITIES_MAX 4 // servers of a zone
#define SUFFIXES_MAX 256

struct zone { // the servers of a zone, asked without recursion
    ares_channel channel;
    char *servers; // addresses as text, with commas
};

struct suffix { // what was found out about a name: the zone that begins there, or that none does
    char *name;
    struct zone *zone; // NULL none
    int64_t until;     // monotonic ms
};

struct dns_prober {
    struct dns_prober_options opt;
    char *resolver_option;
    struct worker worker;
    long sent; // under the worker's lock

    ares_channel channel;
    struct pollfd fd[SOCKETS_MAX];
    nfds_t nfd;
    int64_t next_send; // when the next question may leave (monotonic ms)
    char resolver[128];
    struct zone zones[ZONES_MAX];
    size_t nzones;
    struct suffix suffixes[SUFFIXES_MAX];
    size_t nsuffixes;
};

// One name under way: one or two questions, answered in any order.
struct asking {
    struct dns_prober *p;
    struct probe_result *result;
    char *name; // as wanted
    char *wire; // as asked: a made-up label for a wildcard
    int open;   // questions without an answer
    int failed, nxdomain, nodata;
    const char *error; // static text
    int64_t ttl, negative;
    const char *addresses[64], *cnames[32];
    uint32_t naddresses, ncnames;
    // authoritative
    const char *suffix;      // within wire: whose servers are looked for
    struct str_list servers; // by name
    uint32_t server;         // whose address is looked for
    const char *found[AUTHORITIES_MAX];
    uint32_t nfound;
    const char *asked; // the server asked, as text; NULL the resolver
};

// "ADDRESS", "ADDRESS:PORT" or "[V6]:PORT", up to eight with commas; false for anything else.
bool dns_set_servers(ares_channel channel, const char *list);
// Opens a channel whose sockets the loop watches.
int dns_open_channel(struct dns_prober *p, bool recursive, ares_channel *out);
// Puts the name's questions; the answers finish it.
void dns_ask_channel(struct asking *a, ares_channel channel);
// The end of a name that cannot be asked. `why` is static text.
void dns_give_up(struct asking *a, const char *why);
// Counts a question that is no name's own, so that the rate holds.
void dns_count_question(struct dns_prober *p);
int dns_gap_ms(const struct dns_prober *p);

// authoritative_server.c: finds the servers of the name's zone, then asks them.
void dns_ask_authority(struct asking *a);
void dns_authority_release(struct dns_prober *p);

#endif
