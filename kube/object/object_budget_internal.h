// SPDX-License-Identifier: Apache-2.0
// What one object may make others do: the work that grows with a product of its lists.
#ifndef GATETOP_OBJECT_OBJECT_BUDGET_INTERNAL_H
#define GATETOP_OBJECT_OBJECT_BUDGET_INTERNAL_H

#include "kube/base/attr.h"

#include "kube/object/object.h"

#include <stdbool.h>

struct err;

enum {
    // Of one VirtualService: each of its hosts has each match of its rules as a row and as something to compare, and a
    // chain with each of its gateways (docs/rules/kubernetes-client.md#object-budget).
    HOST_MATCHES_MAX = 200000,
    HOST_GATEWAYS_MAX = 50000,
};

// Whether the object stays within its budget. ERR_LIMIT says what it has too many of.
bool object_within_budget(const struct object *o, struct err *err) MUST_USE;

#endif
