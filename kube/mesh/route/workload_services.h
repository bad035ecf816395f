// SPDX-License-Identifier: Apache-2.0
// The Services in front of a gateway workload, and where their ports lead.
#ifndef GATETOP_MESH_ROUTE_WORKLOAD_SERVICES_H
#define GATETOP_MESH_ROUTE_WORKLOAD_SERVICES_H

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/route/workload.h"

// A port number of a Service.
struct service_number {
    uint32_t port;
    // Where a Gateway server of that number listens: `port` where no Service translates it.
    uint32_t listen;
    // Where connections to it lead; the same, except behind Services that do not translate.
    uint32_t behind;
    bool tcp; // a Service has it for TCP
};

struct workload_services {
    const struct service *const *at; // by name
    uint32_t n;
    // Every port number of theirs once, by `port`; and by `listen`, those of one in the order in which they are
    // written.
    const struct service_number *by_port, *by_listen;
    uint32_t nports;
    bool untranslated; // some `listen` and `behind` differ
};

// The Services of the workload's namespace that select it. Never NULL.
const struct workload_services *workload_services_find(const struct mesh *m,
                                                       const struct workload *w);
// The port that a Gateway server of this number listens on: the number itself where no Service has it
// (docs/rules/istio.md#listen-port).
uint32_t workload_listen_port(const struct workload_services *s, uint32_t port);
// The port that is listened on behind the port that a client connects to; 0 if no Service has it (and there
// is a Service).
uint32_t workload_client_port(const struct workload_services *s, uint32_t port);
// The numbers of the Services that lead to the port that is listened on, in the order in which they are written; NULL
// if there is none.
const struct service_number *workload_numbers(const struct workload_services *s, uint32_t listen,
                                              uint32_t *n);
// The first port that clients can connect to for a server that listens there: the port itself where there is no
// Service, 0 if the Services let none in.
uint32_t workload_first_client_port(const struct workload_services *s, uint32_t listen);

#endif
