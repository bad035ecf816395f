// SPDX-License-Identifier: Apache-2.0
// VirtualServices with their delegates merged in: the http rules that the control plane really uses.
#ifndef GATETOP_MESH_ROUTE_DELEGATE_H
#define GATETOP_MESH_ROUTE_DELEGATE_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

// Where one match entry of a merged rule comes from.
struct match_origin {
    int32_t root;     // index in the root rule's list, -1 if that has none
    int32_t delegate; // the same in the delegate's rule, -1
    const char *name; // as Envoy's route is named: R, D or R-D; NULL
};

struct vs_rule {
    const struct http_rule *rule;          // as written, or merged (in the arena)
    const struct virtualservice *delegate; // NULL for a rule of the root itself
    const char *name;                      // the route's name: R, D or R-D; NULL
    const char *ns;                        // whose short names its destinations use
    uint32_t index;                        // in spec.http of the root
    uint32_t delegate_index;
    // One for each match of `rule`; NULL: as written in the root.
    const struct match_origin *origins;
};

enum delegate_state {
    DELEGATE_OK,
    DELEGATE_MISSING,   // no such VirtualService
    DELEGATE_HAS_HOSTS, // it is a VirtualService of its own, and no delegate
    DELEGATE_HIDDEN,    // its exportTo does not name the root's namespace
};

struct vs_rules {
    const struct vs_rule *at;
    uint32_t n;
    bool limited; // rules are missing: too many (docs/rules/istio.md#delegate-bounds)
};

// One level of delegation; where a delegate cannot be used, only its root rule disappears
// (docs/rules/istio.md#delegate-lookup).
const struct vs_rules *delegate_expand(const struct mesh *m, const struct virtualservice *vs);
// The delegate of one rule and why it can or cannot be used. *found may be set where it has hosts or is hidden.
enum delegate_state delegate_find(const struct mesh *m, const struct virtualservice *root,
                                  const struct http_rule *rule,
                                  const struct virtualservice **found);
// The first delegate of the VirtualService that may exist all the same: it is not in the files, which are an excerpt,
// or VirtualServices cannot all be read. False if there is none. Namespace and name are in the objects.
bool delegate_unseen(const struct mesh *m, const struct virtualservice *root, const char **ns,
                     const char **name);

#endif
