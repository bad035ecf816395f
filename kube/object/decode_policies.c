// SPDX-License-Identifier: Apache-2.0
// Decoder of what changes the answers of workloads, and of which only the workloads are read: RequestAuthentication,
// AuthorizationPolicy, EnvoyFilter, WasmPlugin.
#include "kube/base/json.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/decoder_internal.h"
#include "kube/object/istio_objects.h"

#include <string.h>

// A member under its name, or the name that protobuf gives it.
static const struct json *member(const struct json *of, const char *name, const char *proto)
{
    const struct json *j = json_get(of, name);
    return j != NULL ? j : json_get(of, proto);
}

// Of an EnvoyFilter: does every patch say that it is for sidecars?
static bool only_sidecars(const struct json *patches)
{
    static const char sidecar[] = "SIDECAR_";
    const struct json *patch = json_first(patches);
    bool some = patch != NULL;
    for (; patch != NULL; patch = json_next(patch)) {
        const char *context = json_get_string(json_get(patch, "match"), "context");
        if (context == NULL || strncmp(context, sidecar, sizeof sidecar - 1) != 0) {
            return false;
        }
    }
    return some;
}

void decode_workload_policy(struct object_decoder *d, const struct object_parts *p,
                            struct object *o)
{
    struct workload_policy *x = (struct workload_policy *)o;
    if (o->kind == KIND_ENVOYFILTER) {
        x->selector = decode_map(
            d, json_get(member(p->spec, "workloadSelector", "workload_selector"), "labels"));
        x->elsewhere = json_count(member(p->spec, "targetRefs", "target_refs")) > 0 ||
                       only_sidecars(member(p->spec, "configPatches", "config_patches"));
        return;
    }
    x->selector =
        decode_map(d, member(json_get(p->spec, "selector"), "matchLabels", "match_labels"));
    // A target is a Gateway of the Gateway API, or a Service or ServiceEntry behind a waypoint.
    x->elsewhere = json_count(member(p->spec, "targetRefs", "target_refs")) > 0 ||
                   json_count(member(p->spec, "targetRef", "target_ref")) > 0;
    if (o->kind == KIND_AUTHORIZATIONPOLICY) {
        x->action = decode_string(d, json_get(p->spec, "action"));
    }
}
