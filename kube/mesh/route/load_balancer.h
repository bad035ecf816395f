// SPDX-License-Identifier: Apache-2.0
// Load balancers that end TLS in front of a gateway: docs/rules/istio.md#load-balancer-tls.
#ifndef GATETOP_MESH_ROUTE_LOAD_BALANCER_H
#define GATETOP_MESH_ROUTE_LOAD_BALANCER_H

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/route/workload_services.h"

#include <stdbool.h>
#include <stdint.h>

struct tls_balancer {
    const struct service *service; // whose load balancer ends TLS at the port; NULL: none does
    bool starts_again;             // it speaks TLS to the gateway
};

// Of the port that a client connects to.
struct tls_balancer tls_balancer_of(const struct workload_services *s, uint32_t port);
// One that sends plain bytes to the port that is listened on.
struct tls_balancer tls_balancer_before(const struct workload_services *s, uint32_t listen);

#endif
