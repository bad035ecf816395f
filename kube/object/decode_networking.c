// SPDX-License-Identifier: Apache-2.0
// Decoder of networking.k8s.io: Ingress.
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/decode_load_balancer_internal.h"
#include "kube/object/kubernetes_objects.h"

// The strings under a key of each item, one or a list of them, as one list: spec.rules[].host, spec.tls[].hosts.
static struct str_list collect(struct object_decoder *d, const struct json *list, const char *key)
{
    size_t n = 0;
    EACH_ITEM(c, list)
    {
        n += item_count(json_get(c, key));
    }
    const char **at = decode_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, list)
    {
        const struct json *values = json_get(c, key);
        EACH_ITEM(v, values)
        {
            const char *s = decode_string(d, v);
            at[i++] = str_or_empty(s);
        }
    }
    return (struct str_list){at, i};
}

void decode_ingress(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct ingress *x = (struct ingress *)o;
    x->hosts = collect(d, json_get(p->spec, "rules"), "host");
    x->tls_hosts = collect(d, json_get(p->spec, "tls"), "hosts");
    x->class_name = decode_string(d, json_get(p->spec, "ingressClassName"));
    x->ingress = decode_load_balancer(d, p->status, &x->ningress);
}
