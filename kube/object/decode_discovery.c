// SPDX-License-Identifier: Apache-2.0
// Decoder of discovery.k8s.io: EndpointSlice.
#include "kube/base/json.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/kubernetes_objects.h"

void decode_endpointslice(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct endpointslice *x = (struct endpointslice *)o;
    x->service =
        decode_string(d, json_at(p->metadata, "labels", "kubernetes.io/service-name", NULL));
    const struct json *list = json_get(p->root, "endpoints");
    EACH_ITEM(c, list)
    {
        // An unknown readiness counts as ready (EndpointConditions of discovery.k8s.io/v1).
        x->ready += json_bool(json_at(c, "conditions", "ready", NULL), true) ? 1 : 0;
    }
}
