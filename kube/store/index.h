// SPDX-License-Identifier: Apache-2.0
// Which index entries an object has; nothing else decides it.
#ifndef GATETOP_STORE_INDEX_H
#define GATETOP_STORE_INDEX_H

#include "kube/store/snapshot.h"

struct arena;

// Calls emit for each entry of o. Entries may repeat. `scratch` holds strings that have to be made; they
// are borrowed for the call only. All others live as long as o.
void index_entries(const struct object *o, struct arena *scratch,
                   void (*emit)(void *self, enum index_kind i, const char *a, const char *b),
                   void *self);

// The label of the pods that a Gateway without a selector is taken to mean: those of Istio's ingress gateway.
#define GATEWAY_LABEL_KEY "istio"
#define GATEWAY_LABEL_VALUE "ingressgateway"

// The key of a selector in INDEX_GATEWAY_BY_SELECTOR: "k=v,k=v" sorted by key.
const char *index_selector(struct arena *a, const struct str_map *selector);

#endif
