// SPDX-License-Identifier: Apache-2.0
// Decoder of flagger.app: Canary.
#include "kube/base/json.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/flagger_objects.h"

void decode_canary(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct canary *x = (struct canary *)o;
    const struct json *target = json_get(p->spec, "targetRef");
    const struct json *service = json_get(p->spec, "service");
    x->target_name = decode_string(d, json_get(target, "name"));
    x->hosts = decode_strings(d, json_get(service, "hosts"));
    x->gateways = decode_strings(d, json_get(service, "gateways"));
    x->phase = decode_string(d, json_get(p->status, "phase"));
    x->weight = decode_int(json_get(p->status, "canaryWeight"));
}
