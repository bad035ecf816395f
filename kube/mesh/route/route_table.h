// SPDX-License-Identifier: Apache-2.0
// The HTTP route tables of one gateway workload, as the control plane builds and Envoy walks them:
// listener -> table -> virtual host -> routes in order. The rules: docs/rules/istio.md#route-table-names,
// docs/rules/istio.md#virtual-host-merge, docs/rules/istio.md#catch-alls-last.
//
// A table is built once for a snapshot and a workload and answers any number of requests (trace.h). It
// lives in the mesh's arena. Regexes are compiled when a request first needs them: one thread at a time.
#ifndef GATETOP_MESH_ROUTE_ROUTE_TABLE_H
#define GATETOP_MESH_ROUTE_ROUTE_TABLE_H

#include "kube/base/regex.h"
#include "kube/base/string_map.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/delegate.h"
#include "kube/mesh/route/gateway.h"

struct route_regexes; // compiled conditions, made lazily (route_match.h)

// One route of a virtual host: one match entry of one rule of one VirtualService on one Gateway.
struct route {
    const struct virtualservice *vs;       // the root
    const struct virtualservice *delegate; // or NULL
    const struct gateway *gateway;         // it was made for
    const struct http_rule *rule;          // as written, or merged with the delegate's
    const struct http_match *match;        // NULL: matches everything
    const char *name;                      // of the rule: R, D or R-D; NULL
    const char *match_name;                // or NULL
    const char *ns;                        // whose short names the destinations use
    uint32_t index;                        // in spec.http of the root
    int32_t match_index;                   // in that rule's list, -1 without one
    uint32_t delegate_index;
    uint32_t
        port; // number of the Gateway server it was made for: ports that are left out, match.port
    bool tls; // of that server
    bool catch_all;
    struct route_regexes *regexes; // made when first needed
    const char *label;             // the same: "VirtualService apps/web rule 0 match 1"
};

// The routes that one VirtualService gives one Gateway.
struct vs_routes {
    struct route *at;        // the last may be the catch-all
    uint32_t n;              // without the catch-all
    struct route *catch_all; // or NULL
    bool limited;            // a bound was passed (delegate.h)
    const struct route
        *no_action; // has a redirect code that Envoy does not have: it refuses the whole table
};

// "VirtualService apps/web rule 0 cart match 1 (rule 2 of delegate apps/cart)". Kept in `keep`, the table's arena.
const char *route_label(struct arena *keep, const struct route *r);

// Why an entry of a VirtualService is in no table of a Gateway.
enum skip_reason {
    SKIP_NONE,
    SKIP_PORT,             // match.port is another
    SKIP_GATEWAY,          // match.gateways does not name this one
    SKIP_SOURCE_LABELS,    // the gateway's pod does not carry them
    SKIP_SOURCE_NAMESPACE, // the gateway's pod is in another
    SKIP_AFTER_CATCH_ALL,  // an earlier entry of the same VirtualService takes everything
    SKIP_DELEGATE,         // the delegate cannot be used, or its conditions exclude the root's
};

struct virtual_host {
    const char *domain;             // lower case
    const struct vs_routes **parts; // in order; catch-alls of all parts come after everything else
    uint32_t n, cap;
    bool https_redirect;
    const struct merged_server *server;          // the first that feeds it
    const struct merged_server *redirect_server; // that made it redirect
};

struct http_table {
    const char *name;
    struct string_map vhosts; // domain -> struct virtual_host
    uint64_t wild_lengths[5]; // bit n: a wild domain of n bytes exists; longer ones are at bit 319
    struct merged_server **servers;
    uint32_t nservers, cap;
    const struct route *no_action; // set where Envoy refuses the table: nothing of it is served
    bool limited;
};

struct route_table {
    const struct mesh *mesh;
    const struct workload *workload;
    const struct merged_gateways *gateways;
    struct string_map tables;     // name -> struct http_table
    struct string_map by_gateway; // "ns/name" -> the VirtualServices bound to it, in order
    struct string_map sni;        // "port bind name" -> the TLS server that takes exactly this name
};

struct route_table *route_table_build(const struct mesh *m, const struct workload *w);
// The table of an HTTP or HTTPS server of the workload, NULL where it has none.
// The TLS server of a listener whose filter chain takes the name (listener_by_sni, without a walk for plain names).
const struct merged_server *route_table_sni(const struct route_table *t, const struct listener *l,
                                            const char *sni);
const struct http_table *route_table_of(const struct route_table *t, const struct merged_server *s);
// A request's virtual host: the exact domain, the longest "*suffix", then "*"; NULL for none. `host` is in
// lower case and without a port. No other virtual host is tried after it (docs/rules/istio.md#virtual-host-lookup).
const struct virtual_host *http_table_find(const struct http_table *t, const char *host);

// The routes of a virtual host in the order Envoy tries them: those before any catch-all, then catch-alls.
struct route_iter {
    const struct virtual_host *vh;
    uint32_t part, i;
    bool catch_alls;
};
void route_begin(struct route_iter *it, const struct virtual_host *vh);
const struct route *route_next(struct route_iter *it);

// A VirtualService as the gateway's workload sees it. The order in which they are merged, for qsort: those
// exported to the workload's namespace alone first, then by age
// (docs/rules/istio.md#bound-virtualservices).
struct bound {
    const struct virtualservice *vs;
    enum export_class class;
};
int bound_order(const void *a, const void *b);

// One VirtualService on one Gateway server (docs/rules/istio.md#match-skipped).
const struct vs_routes *vs_routes_build(const struct mesh *m, const struct virtualservice *vs,
                                        const struct merged_server *s, const struct workload *w);
// Why this entry gives no route there; SKIP_NONE where it gives one. `ns` as in struct route.
enum skip_reason match_skip(const struct mesh *m, const struct http_match *match, const char *ns,
                            const char *gateway_id, uint32_t port, const struct workload *w);
const char *skip_text(enum skip_reason r);
// Takes everything as Istio sees it, so that the entry ends its VirtualService (docs/rules/istio.md#catch-all).
// NULL is one.
bool match_catch_all(const struct http_match *match);
// The VirtualService's hosts after name resolution (docs/rules/istio.md#short-names). In the arena.
struct str_list vs_hosts(struct arena *a, const struct virtualservice *vs);
// VirtualServices bound to a Gateway and visible to the workload, in order
// (docs/rules/istio.md#bound-virtualservices). In the arena.
const struct virtualservice *const *gateway_virtualservices(const struct mesh *m, const char *ns,
                                                            const char *name,
                                                            const struct workload *w, uint32_t *n);
// Istio has routes only for these redirect codes (0 is 301; docs/rules/istio.md#redirect-code).
bool redirect_code_usable(int64_t code);
// What is wrong with the rule's action as a whole, NULL where nothing is. Static text, to follow the rule's name.
const char *rule_unusable(const struct http_rule *rule);

// The routes of one virtual host on one Gateway, for the live chain: looks only at the Gateways and
// VirtualServices that can feed it, so that a change elsewhere does not touch the answer. `host` is the
// virtual host's domain (a VirtualService's or a Gateway's host, any case). NULL where that Gateway has no
// HTTP server that serves the host.
struct vhost_answer {
    struct virtual_host vhost;
    const struct merged_server *server; // the first server of the Gateway that serves it
    const struct virtualservice *const
        *empty; // serve the host too, but none of their entries holds here
    uint32_t nempty;
    bool dropped; // every server of the Gateway that would serve it lost its port (server->fate)
};
const struct vhost_answer *vhost_routes(const struct mesh *m, const struct workload *w,
                                        const struct gateway *g, const char *host);

#endif
