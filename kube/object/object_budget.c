// SPDX-License-Identifier: Apache-2.0
// Objects that are too large to judge.
#include "kube/object/object_budget.h"

#include "kube/base/err.h"

#include "kube/object/istio_objects.h"

enum {
    // Of one VirtualService: rows of its rules, with a destination each.
    ROWS_MAX = 400000,
    // Of the same: chains. They are made in one slice (docs/ARCHITECTURE.md).
    HOST_GATEWAYS_MAX = 20000,
};

static uint64_t at_least_one(uint64_t n)
{
    return n > 0 ? n : 1;
}

uint64_t object_budget_of_rule(const struct http_rule *rule, uint64_t matches)
{
    return at_least_one(matches) * at_least_one(rule->nroutes);
}

static uint64_t l4_rules(const struct l4_rule *rules, uint32_t n)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t matches = 0;
        for (uint32_t k = 0; k < rules[i].nmatches; k++) {
            matches += at_least_one(rules[i].matches[k].sni_hosts.n);
        }
        sum += at_least_one(matches) * at_least_one(rules[i].nroutes);
    }
    return sum;
}

uint64_t object_budget_of_rules(const struct virtualservice *vs)
{
    return ROWS_MAX / (at_least_one(vs->hosts.n) * at_least_one(vs->gateways.n));
}

static bool virtualservice_within_budget(const struct virtualservice *vs, struct err *err)
{
    uint64_t hosts = vs->hosts.n, gateways = vs->gateways.n;
    uint64_t rules = l4_rules(vs->tls, vs->ntls) + l4_rules(vs->tcp, vs->ntcp);
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        rules += object_budget_of_rule(&vs->http[i], vs->http[i].nmatches);
    }
    if (hosts * gateways > HOST_GATEWAYS_MAX) {
        return err_set(err, ERR_LIMIT, "too large to judge: %llu hosts at each of %llu gateways",
                       (unsigned long long)hosts, (unsigned long long)gateways);
    }
    if (hosts > 0 && rules > object_budget_of_rules(vs)) {
        return err_set(err, ERR_LIMIT,
                       "too large to judge: %llu hosts at each of %llu gateways, each with %llu "
                       "pairs of a match and a destination",
                       (unsigned long long)hosts, (unsigned long long)gateways,
                       (unsigned long long)rules);
    }
    return true;
}

bool object_within_budget(const struct object *o, struct err *err)
{
    return o->kind != KIND_VIRTUALSERVICE ||
           virtualservice_within_budget(OBJECT_AS(virtualservice, o), err);
}
