// SPDX-License-Identifier: Apache-2.0
// How findings name rules of VirtualServices, and which object and field they point to.
#ifndef GATETOP_MESH_CHECK_RULE_NAMES_INTERNAL_H
#define GATETOP_MESH_CHECK_RULE_NAMES_INTERNAL_H

struct check;
struct route;
struct virtualservice;

// How messages name a rule: its number or name, with the number of its match. In the arena.
const char *rule_name(struct check *c, const struct route *r);
// The same with its VirtualService, where that is not the one of `self`. In the arena.
const char *other_rule_name(struct check *c, const struct route *r, const struct route *self);
// The field of a rule in its owner, "spec.http[2].match[0]". In the arena.
const char *rule_path(struct check *c, const struct route *r);
// The VirtualService that a rule is written in: a delegate for its rules. Borrowed from the route.
const struct virtualservice *rule_owner(const struct route *r);

#endif
