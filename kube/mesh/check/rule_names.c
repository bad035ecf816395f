// SPDX-License-Identifier: Apache-2.0
// The names of rules in messages, and the objects and fields that findings about them point to.
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/rule_names_internal.h"
#include "kube/mesh/route/route_table.h"

const char *rule_name(struct check *c, const struct route *r)
{
    const char *match = r->match_index >= 0 && r->rule->nmatches > 1
                            ? check_text(c, " match %d", r->match_index)
                            : "";
    return str_empty(r->name) ? check_text(c, "rule #%u%s", r->index, match)
                              : check_text(c, "rule \"%s\"%s", r->name, match);
}

const char *rule_path(struct check *c, const struct route *r)
{
    uint32_t index = r->delegate != NULL ? r->delegate_index : r->index;
    int32_t match = r->delegate != NULL ? r->delegate_match : r->match_index;
    return match < 0 ? check_text(c, "spec.http[%u]", index)
                     : check_text(c, "spec.http[%u].match[%d]", index, match);
}

const struct virtualservice *rule_owner(const struct route *r)
{
    return r->delegate != NULL ? r->delegate : r->vs;
}

// "VirtualService b/y rule #1", or only the rule where it is of the same object.
const char *other_rule_name(struct check *c, const struct route *r, const struct route *self)
{
    return r->vs == self->vs ? rule_name(c, r)
                             : check_text(c, "%s of VirtualService %s/%s", rule_name(c, r),
                                          r->vs->o.ns, r->vs->o.name);
}
