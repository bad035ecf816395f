// SPDX-License-Identifier: Apache-2.0
// What one object may make others do: the work that grows with a product of its lists.
#ifndef GATETOP_OBJECT_OBJECT_BUDGET_H
#define GATETOP_OBJECT_OBJECT_BUDGET_H

#include "kube/base/attr.h"

#include "kube/object/object.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct http_rule;
struct virtualservice;

// Whether the object stays within its budget (docs/rules/kubernetes-client.md#object-budget). ERR_LIMIT says what it
// has too many of.
bool object_within_budget(const struct object *o, struct err *err) MUST_USE;
// How many pairs of a match and a destination the rules of the VirtualService may have, with those that its delegates
// give it: each of its hosts has them on each of its gateways.
uint64_t object_budget_of_rules(const struct virtualservice *vs);
// How many of these pairs a rule has that takes `matches` entries, at least 1.
uint64_t object_budget_of_rule(const struct http_rule *rule, uint64_t matches);

#endif
