// SPDX-License-Identifier: Apache-2.0
// Hosts that hide the rules of a wildcard (GT0122): docs/rules/istio.md#hidden-wildcard.
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/virtual_host_checks_internal.h"

#include <string.h>

// May the route take whatever no other does?
static bool may_take_the_rest(const struct route *r)
{
    const struct http_match *m = r->match;
    const struct http_match_more *x = m != NULL ? m->more : NULL;
    bool conditions =
        x != NULL && (x->nheaders > 0 || x->nwithout_headers > 0 || x->nquery_params > 0 ||
                      x->method.type != MATCH_ABSENT || x->authority.type != MATCH_ABSENT);
    if (r->catch_all || m == NULL) {
        return true;
    }
    return !conditions &&
           (m->uri.type == MATCH_REGEX || m->uri.type == MATCH_ABSENT ||
            m->uri.type == MATCH_EMPTY || (m->uri.type == MATCH_PREFIX && strlen(m->uri.text) < 2));
}

// The virtual host that would take the requests of this one if it were not there, NULL: none.
static const struct virtual_host *
wider(struct virtual_host_checks *h, const struct http_table *table, const struct virtual_host *v)
{
    const char *tail = v->domain[0] == '*' ? v->domain + 1 : v->domain;
    if (*tail == '\0') {
        return NULL;
    }
    const struct virtual_host *w = NULL;
    while (w == NULL && (tail = strchr(tail + 1, '.')) != NULL) {
        w = string_map_get(&table->hosts.by_domain, check_text(h->c, "*%s", tail));
    }
    return w != NULL ? w : string_map_get(&table->hosts.by_domain, "*");
}

void check_hidden_hosts(struct virtual_host_checks *h, const struct http_table *table,
                        const struct virtual_host *v, const struct route *const *routes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (may_take_the_rest(routes[i])) {
            return;
        }
    }
    bool answers = n > 0 && !v->limited && !v->https_redirect;
    const struct virtual_host *w = answers ? wider(h, table, v) : NULL;
    if (w == NULL) {
        return;
    }
    uint32_t nwide;
    const struct route *const *wide = virtual_host_routes(h->c->a, w, &nwide);
    for (uint32_t i = 0; i < nwide; i++) {
        bool own = false;
        for (uint32_t k = 0; k < n && !own; k++) {
            own = routes[k]->vs == wide[i]->vs;
        }
        if (!own) {
            struct finding *f = check_add(
                h->c, "GT0122", &routes[0]->vs->o, "spec.hosts",
                "a request for %s that none of its rules takes is answered 404: the rules of "
                "VirtualService %s/%s for %s are not tried",
                v->domain, wide[i]->vs->o.ns, wide[i]->vs->o.name, w->domain);
            check_hint(h->c, f,
                       "end with a rule without a match, or leave the host out here and "
                       "use the authority as a condition of %s",
                       w->domain);
            return;
        }
    }
}
