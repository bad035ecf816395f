// SPDX-License-Identifier: Apache-2.0
// What the links of one chain share: the chain that they fill in, and the facts that several of them need.
#ifndef GATETOP_MESH_CHAIN_LINK_CONTEXT_H
#define GATETOP_MESH_CHAIN_LINK_CONTEXT_H

#include "kube/base/attr.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/chain/chain.h"
#include "kube/mesh/chain/host_servers.h"
#include "kube/mesh/dns/dns_settings.h"
#include "kube/mesh/route/workload.h"

#include <stdbool.h>
#include <stdint.h>

struct link_context {
    const struct mesh *m;
    struct chain *chain;
    const struct dns_settings *dns;   // NULL: the current ones
    struct host_servers servers;      // of the Gateway, for the host
    struct workload workload;         // the first that the Gateway selects
    bool has_workload;                // there is one
    const struct host_routes *routes; // link_routes(), once it was called
    bool routes_known;
    // That writes the credential: set by link_secret, NULL: none.
    const struct certificate *certificate;
};

// Fills in the servers and the workload of a chain whose host, VirtualService and Gateway are set.
void link_context_init(struct link_context *ctx, const struct mesh *m, struct chain *chain,
                       const struct dns_settings *dns);

// The routes of the host of the chain's VirtualService on its Gateway; NULL if no HTTP server of it serves the host.
// The chain has a workload.
const struct host_routes *link_routes(struct link_context *ctx);
// Fills in a link about an object (NULL: none). The sentence is put in the arena.
void link_set(struct link_context *ctx, enum link_kind l, enum verdict state,
              const struct object *o, const char *fmt, ...) PRINTF_LIKE(5, 6);
// The same about an object that need not exist. ns and name are borrowed.
void link_set_named(struct link_context *ctx, enum link_kind l, enum verdict state, enum kind k,
                    const char *ns, const char *name, const char *fmt, ...) PRINTF_LIKE(7, 8);
// Says what is at fault at a link that is not ok, after link_set: an object (NULL: that of the link) with the field,
// and what to do. The words are put in the arena; field and todo are borrowed. Returns the fault for more to be filled
// in.
struct link_fault *link_blame(struct link_context *ctx, enum link_kind l, const struct object *o,
                              const char *field, const char *todo, const char *words, ...)
    PRINTF_LIKE(6, 7);
// The path of a server's field: "spec.servers[1].tls". In the arena.
const char *link_server_field(struct link_context *ctx, const struct server *s, const char *field);
// Whether a missing object of a kind is known to be missing. If not, the link becomes unknown, with the reason: no
// permission, not installed, loading, not in the files.
bool link_knows(struct link_context *ctx, enum link_kind l, enum kind k, const char *ns,
                const char *name);
// A server in a few words: "HTTPS 443". In the arena.
const char *link_server_text(const struct mesh *m, const struct server *s);
// A rule of spec.http by its name, in quotes, or its index: "#1". In the arena.
const char *link_rule_text(const struct mesh *m, const char *name, uint32_t index);

#endif
