// SPDX-License-Identifier: Apache-2.0
// Addresses of load balancers.
#include "kube/base/json.h"

#include "kube/object/decode_load_balancer_internal.h"
#include "kube/object/kubernetes_objects.h"

const struct load_balancer_ingress *decode_load_balancer(struct object_decoder *d,
                                                         const struct json *status, uint32_t *n)
{
    const struct json *list = json_at(status, "loadBalancer", "ingress", NULL);
    struct load_balancer_ingress *at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, list)
    {
        at[i].ip = decode_string(d, json_get(c, "ip"));
        at[i++].hostname = decode_string(d, json_get(c, "hostname"));
    }
    *n = i;
    return at;
}
