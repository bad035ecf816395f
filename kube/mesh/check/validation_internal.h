// SPDX-License-Identifier: Apache-2.0
// Inside kube/mesh/check: Istio's validation, one file for each kind (docs/rules/istio.md#ist0106).
#ifndef GATETOP_MESH_CHECK_VALIDATION_INTERNAL_H
#define GATETOP_MESH_CHECK_VALIDATION_INTERNAL_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_internal.h"

#define INVALID(c, o, path, ...) check_add(c, "IST0106", o, path, __VA_ARGS__)
#define QUESTIONABLE(c, o, path, ...) check_add(c, "IST0133", o, path, __VA_ARGS__)

void schema_virtualservice(struct check *c,
                           const struct virtualservice *vs);   // validate_virtualservice.c
void schema_gateway(struct check *c, const struct gateway *g); // validate_gateway.c
void schema_destinationrule(struct check *c,
                            const struct destinationrule *d); // validate_destinationrule.c
void schema_serviceentry(struct check *c,
                         const struct serviceentry *e); // validate_destinationrule.c

// validate_http_rule.c: one http rule of a VirtualService; `path` is "spec.http[0]".
void schema_http_rule(struct check *c, const struct virtualservice *vs, const struct http_rule *r,
                      const char *path);

// Shared rules.
void schema_export_to(struct check *c, const struct object *o, const struct str_list *list,
                      bool entry, bool selector);
void schema_gateway_names(struct check *c, const struct object *o, const struct str_list *list,
                          const char *path);
void schema_labels(struct check *c, const struct object *o, const struct str_map *labels,
                   const char *path);
void schema_destination(struct check *c, const struct object *o, const struct destination *d,
                        const char *path);
void schema_weights(struct check *c, const struct object *o, const struct route_destination *at,
                    uint32_t n, const char *path);

#endif
