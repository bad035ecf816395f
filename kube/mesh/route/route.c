// SPDX-License-Identifier: Apache-2.0
// One route of a virtual host.
#include "kube/mesh/route/route.h"

#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

const char *route_label(struct arena *keep, const struct route *r)
{
    if (r->label == NULL) {
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b, "VirtualService %s/%s rule %u", r->vs->o.ns, r->vs->o.name, r->index);
        if (!str_empty(r->name)) {
            buf_addf(&b, " %s", r->name);
        }
        if (r->match_index >= 0) {
            buf_addf(&b, " match %d", r->match_index);
        }
        if (r->delegate != NULL) {
            buf_addf(&b, " (rule %u of delegate %s/%s)", r->delegate_index, r->delegate->o.ns,
                     r->delegate->o.name);
        }
        struct route *own = unconst(r);
        own->label = buf_take_arena(&b, keep);
    }
    return r->label;
}
