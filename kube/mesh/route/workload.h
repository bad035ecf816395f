// SPDX-License-Identifier: Apache-2.0
// Gateway workloads: the pods that a Gateway selects.
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
    // name: of a pod, Deployment or Service; NULL if none was read: ns is assumed then
    const char *ns, *name;
    struct str_map labels;
    const char *key; // workload_key(), NULL if it was not made yet
    bool assumed;
    bool down; // Pods are known, but none runs: this is what one would do; assumed is true as well
    const char *assumption; // a sentence where assumed, else NULL
};

// The workloads that a Gateway selects. They come from Pods; in files from Deployments, StatefulSets and DaemonSets; if
// there are none, from Services whose selector contains the Gateway's; if Pods are not known, it is one in istio-system
// with the selector's labels. The last two are reported as assumptions. *n is 0 only if Pods are known and none
// matches. In the arena.
const struct workload *workloads_of_gateway(const struct mesh *m, const struct gateway *g,
                                            uint32_t *n);
// The workload with these labels (--gateway LABELS, gateway_selector of a batch): its namespace from a
// Pod or Service that carries them, else istio-system. In the arena.
const struct workload *workload_from_labels(const struct mesh *m, const struct str_map *labels);
// Whether a Deployment, StatefulSet or DaemonSet of files makes pods with these labels.
bool workload_template_exists(const struct mesh *m, const struct str_map *labels);
// Does the Gateway's selector pick the workload? (An empty one picks all; the namespace does not matter.)
bool gateway_selects(const struct gateway *g, const struct workload *w);
// A text that is the same for two workloads where namespace and labels are: "istio-system app=gw,istio=ingress".
// In the arena.
const char *workload_key(struct arena *a, const struct workload *w);
// By namespace, then by name (none first). For qsort of workloads, not of pointers to them.
int workload_order(const void *x, const void *y);

#endif
