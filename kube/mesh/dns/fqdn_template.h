// SPDX-License-Identifier: Apache-2.0
// --fqdn-template of external-dns: names made of the name and namespace of an object.
//
// A Go template can contain far more than {{.Name}} and {{.Namespace}}; gatetop does not evaluate the rest
// (docs/rules/dns.md#fqdn-template).
#ifndef GATETOP_MESH_DNS_FQDN_TEMPLATE_H
#define GATETOP_MESH_DNS_FQDN_TEMPLATE_H

#include "kube/object/object.h"

#include <stdbool.h>

struct arena;

// Whether gatetop works out all of the template.
bool fqdn_template_known(const char *text);
// The names that the templates give an object, sorted, each once. A template may give several, separated by commas.
// All templates are known ones. In the arena.
struct str_list fqdn_template_hosts(struct arena *a, const struct str_list *templates,
                                    const struct object *o);

#endif
