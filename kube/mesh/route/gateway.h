// SPDX-License-Identifier: Apache-2.0
// Gateways on their workloads: which pods a Gateway selects, how the servers of all Gateways of one workload
// merge into listeners, and which of them lose.
// The rules: docs/rules/istio.md#gateway-selector, docs/rules/istio.md#server-merge.
#ifndef GATETOP_MESH_ROUTE_GATEWAY_H
#define GATETOP_MESH_ROUTE_GATEWAY_H

#include "kube/mesh/core/mesh.h"

// The pods that one Gateway selector means, as one: equal replicas count once.
struct workload {
    const char *ns, *name; // name of a pod or Service, NULL where nothing was read
    struct str_map labels;
    bool assumed;
    const char *assumption; // a sentence where assumed, else NULL
};

// The workloads that a Gateway selects: from Pods; where Pods are not readable (or files hold none) from
// Services whose selector contains the Gateway's; else one in istio-system with the selector's labels. The
// last two are said as assumptions. *n is 0 only where Pods are known and none matches. In the arena.
const struct workload *gateway_workloads(const struct mesh *m, const struct gateway *g,
                                         uint32_t *n);
// The workload with these labels (--gateway LABELS, gateway_selector of a batch): its namespace from a
// Pod or Service that carries them, else istio-system.
const struct workload *workload_from_labels(const struct mesh *m, const struct str_map *labels);
// Does the Gateway's selector pick the workload? (An empty one picks all; the namespace plays no part.)
bool gateway_selects(const struct gateway *g, const struct workload *w);

enum server_fate {
    SERVER_KEPT,
    SERVER_NO_PORT,    // port missing
    SERVER_HOST_TAKEN, // a host of a TLS server stands on an older one of the same port and bind
    SERVER_PROTOCOL,   // its protocol cannot share the port with the older server
    SERVER_NAME_TAKEN, // two HTTPS servers with one route table name (port name not unique)
};
enum server_family { FAMILY_HTTP, FAMILY_HTTPS, FAMILY_TLS, FAMILY_TCP };

struct merged_server {
    const struct gateway *gateway;
    const struct server *server;
    uint32_t index;        // in the Gateway's list
    struct str_list hosts; // rewritten (host.h)
    uint32_t port, listen; // server.port.number; the port listened on after targetPort
    const char *bind;      // "" where none
    const char *table;     // name of its HTTP route table, NULL where it has none
    enum server_family
        family; // HTTPS is terminated here, TLS is passed through or terminated to TCP
    enum server_fate fate;
    const struct merged_server *rival; // that it lost to
    // TLS that is passed on: the names for which a VirtualService's tls (or tcp) rules make a filter chain, known
    // once the route tables are built. Without one the server takes no connection at all.
    struct str_list sni;
    bool sni_known;
};

struct listener { // one port and bind
    uint32_t port;
    const char *bind;
    struct merged_server **servers; // kept ones, in order
    uint32_t n, cap;
};

struct merged_gateways {
    const struct workload *workload;
    struct merged_server
        *servers; // of all Gateways of the workload, oldest Gateway first; also lost ones
    uint32_t nservers;
    struct listener *listeners;
    uint32_t nlisteners;
    const struct service *const *services; // that select the workload, by name
    uint32_t nservices;
};

// Merges every Gateway that selects the workload. In the arena.
const struct merged_gateways *gateway_merge(const struct mesh *m, const struct workload *w);
// The same with only these Gateways (of those that select it; in any order, doubles are passed over).
const struct merged_gateways *gateway_merge_of(const struct mesh *m, const struct workload *w,
                                               const struct object *const *gateways, uint32_t n);

// The Services of the workload's namespace that select it, by name.
const struct service *const *workload_services(const struct mesh *m, const struct workload *w,
                                               uint32_t *n);
// The port a server of this number listens on.
uint32_t gateway_listen_port(const struct service *const *services, uint32_t n, uint32_t port);
// The port listened on behind the port a client connects to; 0 where no Service of the workload has it
// (and there is one).
uint32_t gateway_client_port(const struct service *const *services, uint32_t n, uint32_t port);
enum server_family server_family(const struct server *s);
bool protocol_is_http(const char *protocol); // HTTP, HTTP2, GRPC, GRPC-Web, HTTP_PROXY in any case
// Of the listener's TLS servers the one whose filter chain takes this SNI (lower case; "" for none): exact,
// then the longest wildcard, then one with "*". NULL where the connection is closed
// (docs/rules/istio.md#tls-chain-choice).
const struct merged_server *listener_by_sni(const struct listener *l, const char *sni);
// Older first, then by name, then by namespace (docs/rules/istio.md#gateway-order). For qsort of object
// pointers.
int object_age_order(const void *a, const void *b);

#endif
