// SPDX-License-Identifier: Apache-2.0
// Endpoints: the records that single objects want. The word is external-dns's.
#ifndef GATETOP_MESH_DNS_ENDPOINT_H
#define GATETOP_MESH_DNS_ENDPOINT_H

#include "kube/object/str_list.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

// Texts are borrowed from the snapshot or lie in the arena of the list.
struct endpoint {
    const char *host, *type;
    struct str_array targets, sources; // sources: the labels of the objects that want it
    int64_t ttl;                       // seconds, 0: none given
    const char *set_identifier;        // NULL none
    bool proxied;                      // Cloudflare answers with addresses of its own
    // An annotation of its object counts in some versions of external-dns only, and which runs is not known.
    bool by_version;
    uint32_t seq; // its place in the list: the first of equals is the owner
    bool dropped; // another endpoint has taken it in or replaced it
};

// Grows in an arena, zero at first. Endpoints are never taken out, only dropped.
struct endpoint_list {
    struct endpoint *at;
    uint32_t n, cap;
};

// Adds an empty endpoint with its seq. The pointer is valid until the next one is added.
struct endpoint *endpoint_add(struct arena *a, struct endpoint_list *l);

#endif
