// SPDX-License-Identifier: Apache-2.0
// Orders of objects, for qsort over pointers to them.
#ifndef GATETOP_MESH_CORE_OBJECT_ORDER_H
#define GATETOP_MESH_CORE_OBJECT_ORDER_H

// By namespace, then by name.
int object_id_order(const void *x, const void *y);
// Older first, then by name, then by namespace: the order in which Istio merges (docs/rules/istio.md#gateway-order).
int object_age_order(const void *x, const void *y);

#endif
