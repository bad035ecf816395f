// SPDX-License-Identifier: Apache-2.0
// A DNS message as it came from the network, read without trust.
#ifndef GATETOP_PROBE_DNS_MESSAGE_H
#define GATETOP_PROBE_DNS_MESSAGE_H

#include "kube/base/mem.h"

#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28
};

struct dns_message {
    int rcode;
    bool truncated;
    struct str_list addresses, cnames, texts, servers; // servers: NS of the answer
    int64_t ttl;                                       // the least of the answer's records, -1 none
    int64_t negative_ttl; // of the SOA in the authority section, -1 none
};

// False where the bytes are no whole DNS answer. Names are clean text, escaped as usual (\. \DDD), without
// final dots. In the arena.
bool dns_message_read(struct arena *a, const unsigned char *bytes, size_t n,
                      struct dns_message *out);

#endif
