// SPDX-License-Identifier: Apache-2.0
// The chain of an application: everything between a DNS name and a service, link by link, for one host on one Gateway.
#ifndef GATETOP_MESH_CHAIN_CHAIN_H
#define GATETOP_MESH_CHAIN_CHAIN_H

#include "kube/object/object.h"

#include "kube/mesh/core/verdict.h"

#include <stdbool.h>
#include <stdint.h>

// In the order in which screens and JSON show them.
enum link_kind {
    LINK_NAMESPACE,
    LINK_DNS,
    LINK_GATEWAY,
    LINK_SECRET,
    LINK_CERTIFICATE,
    LINK_VIRTUALSERVICE,
    LINK_RULES,
    LINK_DESTINATIONS,
    LINK_COUNT
};
// "namespace" "dns" ... "destinations". Static.
const char *link_name(enum link_kind l);

// What is at fault where a link is not ok. Links with the same object and field have one cause (kube/mesh/cause).
struct link_fault {
    const char *
        words; // the cause in a few words, without the names of object and host; NULL: nothing is at fault
    const char *todo;      // what to do, NULL: nothing is known
    enum kind kind;        // of the object; KIND_COUNT: none, then `name` is a DNS name
    const char *ns, *name; // of the object, which need not exist
    const char *field;     // of the object, "spec.servers[1].tls"; "": all of it
    // The field that names the object, NULL: none: of the chain's Gateway, or of its VirtualService.
    const char *at;
    bool at_gateway;
    int64_t since; // TIME_NONE: unknown
    bool at_most;  // it is no older than that, and may be younger
};

struct chain_link {
    enum verdict state;
    // One sentence: the object, what is wrong, what to do; where all is well, what was found.
    const char *reason;
    enum kind kind;        // of the object that the link is about; KIND_COUNT none
    const char *ns, *name; // of that object, NULL: unknown
    struct link_fault fault;
};

// Texts lie in the arena of the mesh or in the snapshot.
struct chain {
    const char *ns, *host;
    const struct object *vs, *gateway; // NULL if missing
    const char *gateway_id, *vs_id;    // "ns/name", also of a missing one; NULL if there is none
    struct chain_link link[LINK_COUNT];
    enum verdict state;   // of the worst link
    enum link_kind worst; // the first link in that state
    int64_t valid_until;  // the instant at which time alone may change it, TIME_NONE: never
};

// The state of a chain from those of its LINK_COUNT links: broken, warning, pending, ok; unknown only where nothing
// else is known. *worst is the first link in that state.
enum verdict chain_state(const struct chain_link *links, enum link_kind *worst);

#endif
