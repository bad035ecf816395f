// SPDX-License-Identifier: Apache-2.0
// Rules that choose subsets, and are by-passed by requests from a Gateway (IST0140): docs/rules/istio.md#ist0140.
#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

// The first two VirtualServices that have subset rules for one host text.
struct subset_owners {
    const struct virtualservice *first, *second;
};

static void add_subset_owner(struct check *c, struct string_map *owners,
                             const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        for (uint32_t k = 0; k < vs->http[i].nroutes; k++) {
            const struct destination *d = &vs->http[i].routes[k].destination;
            if (str_empty(d->subset) || d->host == NULL || !str_list_has(&vs->hosts, d->host)) {
                continue;
            }
            struct subset_owners **at = (struct subset_owners **)string_map_at(owners, d->host);
            *at = *at != NULL ? *at : arena_alloc(c->a, sizeof **at);
            if ((*at)->first == NULL) {
                (*at)->first = vs;
            } else if ((*at)->second == NULL && (*at)->first != vs) {
                (*at)->second = vs;
            }
        }
    }
}

// A destination without a subset, of a VirtualService with gateways, whose host has subset rules
// (docs/rules/istio.md#ist0140).
static void report_subset_rules(struct check *c, const struct virtualservice *vs, const char *path,
                                const char *host, const struct subset_owners *owners)
{
    const struct virtualservice *other = owners->first != vs ? owners->first : owners->second;
    if (other == NULL) {
        struct finding *f =
            check_add(c, "IST0140", &vs->o, path,
                      "istioctl reports this; Envoy does not mind: the subset rules "
                      "for %s are this VirtualService's own and hold behind its "
                      "Gateways",
                      host);
        f->severity = SEVERITY_INFO;
        return;
    }
    struct finding *f = check_add(c, "IST0140", &vs->o, path,
                                  "the subset rules of VirtualService %s/%s for %s do not hold for "
                                  "requests that come here from a Gateway",
                                  other->o.ns, other->o.name, host);
    check_hint(c, f, "name the subset here too");
}

static void check_ingress_subset(struct check *c, const struct string_map *subsetted,
                                 const struct virtualservice *vs)
{
    for (uint32_t i = 0; vs->gateways.n > 0 && i < vs->nhttp; i++) {
        for (uint32_t k = 0; k < vs->http[i].nroutes; k++) {
            const struct destination *d = &vs->http[i].routes[k].destination;
            const struct subset_owners *owners =
                d->host != NULL && str_empty(d->subset) ? string_map_get(subsetted, d->host) : NULL;
            if (owners != NULL) {
                const char *path = check_text(c, "spec.http[%u].route[%u].destination", i, k);
                report_subset_rules(c, vs, path, d->host, owners);
            }
        }
    }
}

void check_subset_rules(struct check *c)
{
    struct string_map subsetted;
    string_map_init(&subsetted, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_subset_owner(c, &subsetted, OBJECT_AS(virtualservice, all[i]));
    }
    for (uint32_t i = 0; i < n; i++) {
        check_ingress_subset(c, &subsetted, OBJECT_AS(virtualservice, all[i]));
    }
}
