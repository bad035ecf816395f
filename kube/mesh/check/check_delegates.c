// SPDX-License-Identifier: Apache-2.0
// Delegates that cannot be used, so that their rule disappears (GT0114): docs/rules/istio.md#delegate-lookup. And those
// that give their root more rules than are looked at (GT0123): docs/rules/istio.md#delegate-bounds.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_budget.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/delegate.h"

static void check_size(struct check *c, const struct virtualservice *vs, struct arena *scratch)
{
    struct mesh m = *c->m;
    m.arena = scratch;
    arena_clear(scratch);
    if (delegate_expand(&m, vs)->limited) {
        struct finding *f =
            check_add(c, "GT0123", &vs->o, "spec.http",
                      "with its delegates the VirtualService is too large to judge: %u hosts at "
                      "each of %u gateways with more than %llu pairs of a match and a destination",
                      vs->hosts.n, vs->gateways.n, (unsigned long long)object_budget_of_rules(vs));
        check_hint(c, f, "split its hosts or rules over several VirtualServices");
    }
}

static void check_delegates_of(struct check *c, const struct virtualservice *vs,
                               struct arena *scratch)
{
    bool used = false;
    for (uint32_t i = 0; vs->hosts.n > 0 && i < vs->nhttp; i++) {
        const struct http_rule_more *m = vs->http[i].more;
        if (m == NULL || !m->delegate) {
            continue;
        }
        const struct virtualservice *found = NULL;
        enum delegate_state s = delegate_find(c->m, vs, &vs->http[i], &found);
        if (s == DELEGATE_OK) {
            used = true;
            continue;
        }
        const char *ns = !str_empty(m->delegate_ns) ? m->delegate_ns : vs->o.ns;
        const char *name = str_or_empty(m->delegate_name);
        if (s == DELEGATE_MISSING && !mesh_complete(c->m, KIND_VIRTUALSERVICE)) {
            if (absence_in_excerpt(c->m, KIND_VIRTUALSERVICE)) {
                check_add_unseen(c, "GT0114", &vs->o, check_text(c, "spec.http[%u].delegate", i),
                                 check_text(c, "the delegate %s/%s of rule #%u", ns, name, i));
            }
            continue;
        }
        const char *why = s == DELEGATE_MISSING     ? "does not exist"
                          : s == DELEGATE_HAS_HOSTS ? "has hosts, so it is no delegate"
                                                    : "is not exported to this namespace";
        struct finding *f =
            check_add(c, "GT0114", &vs->o, check_text(c, "spec.http[%u].delegate", i),
                      "rule #%u disappears: its delegate %s/%s %s", i, ns, name, why);
        check_hint(c, f, "its requests fall through to the rules after it");
    }
    if (used) {
        check_size(c, vs, scratch);
    }
}

void check_delegates(struct check *c)
{
    struct arena scratch;
    arena_init(&scratch);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_delegates_of(c, OBJECT_AS(virtualservice, all[i]), &scratch);
    }
    arena_release(&scratch);
}
