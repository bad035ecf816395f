// SPDX-License-Identifier: Apache-2.0
// Matches names with the selectors of solvers.
#include "kube/mesh/cert/acme_solver.h"

#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/object_names.h"

#include <string.h>

// Whether the name is the zone or lies below it.
static bool zone_holds(const char *zone, const char *name)
{
    size_t z = strlen(zone), n = strlen(name);
    return str_casecmp(zone, name) == 0 ||
           (n > z && name[n - z - 1] == '.' && str_casecmp(name + n - z, zone) == 0);
}

static bool solver_admits(const struct acme_solver *v, const char *name,
                          const struct str_map *labels)
{
    bool listed = v->dns_names.n == 0;
    for (uint32_t i = 0; i < v->dns_names.n; i++) {
        listed = listed || str_casecmp(v->dns_names.at[i], name) == 0;
    }
    bool in_zone = v->dns_zones.n == 0;
    for (uint32_t i = 0; i < v->dns_zones.n; i++) {
        in_zone = in_zone || zone_holds(v->dns_zones.at[i], name);
    }
    return listed && in_zone && labels_match(&v->match_labels, labels) &&
           (str_starts(name, "*.") ? v->dns01
            : name_is_ip(name)     ? v->http01
                                   : v->dns01 || v->http01);
}

bool acme_solver_admits(const struct issuer *i, const char *name, const struct str_map *labels)
{
    for (uint32_t v = 0; v < i->nsolvers; v++) {
        if (solver_admits(&i->solvers[v], name, labels)) {
            return true;
        }
    }
    return false;
}

const char *acme_solver_unsolved_name(const struct certificate_status *s)
{
    const struct issuer *i = s->issuer.object;
    if (i == NULL || i->type != ISSUER_ACME) {
        return NULL;
    }
    const struct str_list *names = &s->certificate->dns_names;
    const struct str_map *labels =
        s->order != NULL ? &s->order->o.labels : &s->certificate->o.labels;
    for (uint32_t n = 0; n < names->n; n++) {
        if (!acme_solver_admits(i, names->at[n], labels)) {
            return names->at[n];
        }
    }
    names = &s->certificate->ip_addresses;
    for (uint32_t n = 0; n < names->n; n++) {
        if (!acme_solver_admits(i, names->at[n], labels)) {
            return names->at[n];
        }
    }
    return NULL;
}
