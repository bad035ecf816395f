// SPDX-License-Identifier: Apache-2.0
// Gateway workloads: the pods that a Gateway selects, and the Services in front of them.
// The rules: docs/rules/istio.md#gateway-selector, docs/rules/istio.md#gateway-workload-assumed.
#ifndef GATETOP_MESH_ROUTE_WORKLOAD_H
#define GATETOP_MESH_ROUTE_WORKLOAD_H

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

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
const struct workload *workloads_of_gateway(const struct mesh *m, const struct gateway *g,
                                            uint32_t *n);
// The workload with these labels (--gateway LABELS, gateway_selector of a batch): its namespace from a
// Pod or Service that carries them, else istio-system. In the arena.
const struct workload *workload_from_labels(const struct mesh *m, const struct str_map *labels);
// Does the Gateway's selector pick the workload? (An empty one picks all; the namespace does not matter.)
bool gateway_selects(const struct gateway *g, const struct workload *w);
// A text that is the same for two workloads where namespace and labels are: "istio-system app=gw,istio=ingress".
// In the arena.
const char *workload_key(struct arena *a, const struct workload *w);
// By namespace, then by name (none first). For qsort of workloads, not of pointers to them.
int workload_order(const void *x, const void *y);

// The Services of the workload's namespace that select it, by name. In the arena.
const struct service *const *workload_services(const struct mesh *m, const struct workload *w,
                                               uint32_t *n);
// Of n Services in front of a workload: the port that a Gateway server of this number listens on. That is the
// number itself where no Service has it (docs/rules/istio.md#listen-port).
uint32_t workload_listen_port(const struct service *const *services, uint32_t n, uint32_t port);
// The port that is listened on behind the port that a client connects to; 0 where no Service has it (and there
// is a Service).
uint32_t workload_client_port(const struct service *const *services, uint32_t n, uint32_t port);

#endif
