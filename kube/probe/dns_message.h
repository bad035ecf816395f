// SPDX-License-Identifier: Apache-2.0
// The answer to a DNS question, read from the bytes that a server sent. Pure; any thread.
#ifndef GATETOP_PROBE_DNS_MESSAGE_H
#define GATETOP_PROBE_DNS_MESSAGE_H

#include "kube/base/attr.h"

#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

// Texts are clean and in the arena. Names have no final dot; bytes that mean something else in a zone file, and those
// that cannot be printed, are escaped as there (\. \032).
struct dns_message {
    struct str_list addresses; // A and AAAA of the answer, as text
    struct str_list cnames;    // of the answer, in its order
    struct str_list texts;     // TXT of the answer, the strings of each joined
    struct str_list servers;   // NS of the answer
    int64_t ttl;               // seconds: the least of the answer's records; -1 without records
    // Seconds that the absence of a record may be believed: of the SOA in the authority section (RFC 2308); -1 without
    // one.
    int64_t negative_ttl;
};

// Reads a whole message; false if the bytes are none, or are no answer. A record whose data makes no sense is left
// out, as are records past the 256th of each list.
bool dns_message_read(struct arena *a, const unsigned char *bytes, size_t n,
                      struct dns_message *out) MUST_USE;

#endif
