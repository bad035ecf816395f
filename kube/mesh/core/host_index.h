// SPDX-License-Identifier: Apache-2.0
// An index of hosts by containment (host_within): which of many hosts cover a host, and which lie within it, without
// comparing all of them.
#ifndef GATETOP_MESH_CORE_HOST_INDEX_H
#define GATETOP_MESH_CORE_HOST_INDEX_H

#include "kube/base/string_map.h"

#include <stdbool.h>
#include <stdint.h>

struct host_entry {
    const char *host;
    uint32_t value;
    struct host_entry *next; // of the same host, in the order in which they were added
    struct host_entry *last; // the last of them; only in the first
};

// Hosts with a number each. One thread at a time: a search builds tables.
struct host_index {
    struct arena *arena;
    // In the order in which they were added, then, once `sorted`, from their ends on.
    struct host_entry **at;
    uint32_t n, cap;
    struct string_map by_host; // host -> the first struct host_entry; empty while there are few
    // Bit n: there is a wild host of n bytes; longer ones are at the last bit.
    uint64_t wild_lengths[5];
    bool sorted;
};

// Numbers that were found, in no order, each entry's once. The list may grow over several searches; zero at first.
struct host_hits {
    uint32_t *at;
    uint32_t n, cap;
};

// An empty index whose memory comes from the arena.
void host_index_init(struct host_index *x, struct arena *a);
// Adds a host (borrowed) with its number. The same host may be added many times.
void host_index_add(struct host_index *x, const char *host, uint32_t value);
// Adds to `out` the numbers of all hosts that cover this one: host_within(host, entry). `out` grows in the arena.
void host_index_covering(struct host_index *x, const char *host, struct arena *a,
                         struct host_hits *out);
// Whether there is one.
bool host_index_covers(struct host_index *x, const char *host);
// Whether there is one that covers this host or lies within it.
bool host_index_meets(struct host_index *x, const char *host);
// Adds to `out` the numbers of all hosts that lie within this one: host_within(entry, host).
void host_index_within(struct host_index *x, const char *host, struct arena *a,
                       struct host_hits *out);
// Both: those that meet the host in the sense of host_narrower, each once.
void host_index_meeting(struct host_index *x, const char *host, struct arena *a,
                        struct host_hits *out);
// Adds to `out` the numbers of exactly this host, in their order.
void host_index_equal(struct host_index *x, const char *host, struct arena *a,
                      struct host_hits *out);

// Sorts the numbers and keeps one of each.
void host_hits_sort(struct host_hits *h);

#endif
