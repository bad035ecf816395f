// SPDX-License-Identifier: Apache-2.0
// Istio's validation of the four kinds, a file each (docs/rules/istio.md#ist0106).
#ifndef GATETOP_MESH_CHECK_VALIDATION_INTERNAL_H
#define GATETOP_MESH_CHECK_VALIDATION_INTERNAL_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_report_internal.h"

void validate_virtualservice(struct check *c, const struct virtualservice *vs);
void validate_gateway(struct check *c, const struct gateway *g);
void validate_destinationrule(struct check *c, const struct destinationrule *d);
void validate_serviceentry(struct check *c, const struct serviceentry *e);
// One http rule of a VirtualService; `path` is "spec.http[0]".
void validate_http_rule(struct check *c, const struct virtualservice *vs, const struct http_rule *r,
                        const char *path);

#endif
