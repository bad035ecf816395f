// SPDX-License-Identifier: Apache-2.0
// The link namespace.
#include "kube/base/time_text.h"

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/chain/links_internal.h"

void link_namespace(struct link_context *ctx)
{
    const char *ns = ctx->chain->ns;
    const struct object *o = mesh_get(ctx->m, KIND_NAMESPACE, "", ns);
    if (o == NULL) {
        if (link_knows(ctx, LINK_NAMESPACE, KIND_NAMESPACE, "", ns)) {
            link_set_named(ctx, LINK_NAMESPACE, VERDICT_BROKEN, KIND_NAMESPACE, "", ns,
                           "namespace \"%s\" does not exist; create it", ns);
            link_blame(ctx, LINK_NAMESPACE, NULL, "", "create the namespace",
                       "Namespace does not exist");
        }
    } else if (o->deleted != TIME_NONE || OBJECT_AS(namespace_object, o)->terminating) {
        link_set(ctx, LINK_NAMESPACE, VERDICT_PENDING, o, "namespace \"%s\" is being deleted", ns);
        link_blame(ctx, LINK_NAMESPACE, NULL, "",
                   "move what is still needed to another namespace; conditions of the namespace "
                   "say what holds it",
                   "Namespace is being deleted")
            ->since = o->deleted;
    } else {
        link_set(ctx, LINK_NAMESPACE, VERDICT_OK, o, "exists");
    }
}
