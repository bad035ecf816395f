// SPDX-License-Identifier: Apache-2.0
// Who sees an object, by its exportTo: "." its own namespace, "*" all, "~" none, else the listed namespaces; without a
// list all (docs/rules/istio.md#virtualservice-export).
#ifndef GATETOP_MESH_CORE_EXPORT_TO_H
#define GATETOP_MESH_CORE_EXPORT_TO_H

#include "kube/object/object.h"

#include <stdbool.h>

struct arena;

enum export_class {
    EXPORT_HIDDEN,
    EXPORT_OWN,    // to its own namespace, which is the viewer's
    EXPORT_NAMED,  // to the viewer's namespace, by name
    EXPORT_PUBLIC, // to all
};
// How an object of namespace own_ns with this exportTo is visible to another.
enum export_class export_to_class(const struct str_list *export_to, const char *own_ns,
                                  const char *viewer_ns);
// Does the viewer's namespace see an object with this annotation networking.istio.io/exportTo (a comma list; NULL or
// "" means all)? See docs/rules/istio.md#service-export.
bool export_annotation_shows(const char *annotation, const char *own_ns, const char *viewer_ns);
// The scopes that see an object of namespace `ns` with this exportTo: "*" where all do, else namespaces. In the arena
// or static.
struct str_list export_scopes(struct arena *a, const struct str_list *export_to, const char *ns);

#endif
