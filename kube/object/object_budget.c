// SPDX-License-Identifier: Apache-2.0
// Objects that are too large to judge.
#include "kube/base/err.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_budget_internal.h"

static bool virtualservice_within_budget(const struct virtualservice *vs, struct err *err)
{
    uint64_t matches = 0, hosts = vs->hosts.n;
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        matches += vs->http[i].nmatches > 0 ? vs->http[i].nmatches : 1;
    }
    if (hosts * matches > HOST_MATCHES_MAX) {
        return err_set(err, ERR_LIMIT, "too large to judge: %u hosts, each with %llu matches",
                       vs->hosts.n, (unsigned long long)matches);
    }
    if (hosts * vs->gateways.n > HOST_GATEWAYS_MAX) {
        return err_set(err, ERR_LIMIT, "too large to judge: %u hosts at each of %u gateways",
                       vs->hosts.n, vs->gateways.n);
    }
    return true;
}

bool object_within_budget(const struct object *o, struct err *err)
{
    return o->kind != KIND_VIRTUALSERVICE ||
           virtualservice_within_budget(OBJECT_AS(virtualservice, o), err);
}
