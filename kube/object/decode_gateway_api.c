// SPDX-License-Identifier: Apache-2.0
// Decoder of gateway.networking.k8s.io: Gateway.
#include "kube/base/json.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/kubernetes_objects.h"

void decode_k8s_gateway(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct k8s_gateway *x = (struct k8s_gateway *)o;
    x->hostnames = decode_member_strings(d, json_get(p->spec, "listeners"), "hostname");
}
