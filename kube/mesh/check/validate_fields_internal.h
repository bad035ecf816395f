// SPDX-License-Identifier: Apache-2.0
// Istio's validation of fields that several kinds have (docs/rules/istio.md#validate-export-to,
// docs/rules/istio.md#validate-gateway-names, docs/rules/istio.md#validate-destinations), and how all validation
// reports.
#ifndef GATETOP_MESH_CHECK_VALIDATE_FIELDS_INTERNAL_H
#define GATETOP_MESH_CHECK_VALIDATE_FIELDS_INTERNAL_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_report_internal.h"

#include <stdbool.h>
#include <stdint.h>

// What validation refuses, and what it accepts with a warning: the finding, as check_add.
#define INVALID(c, o, path, ...) check_add(c, "IST0106", o, path, __VA_ARGS__)
#define QUESTIONABLE(c, o, path, ...) check_add(c, "IST0133", o, path, __VA_ARGS__)

// Annotations that no object of the four kinds may have (docs/rules/istio.md#validate-annotations).
void validate_annotations(struct check *c, const struct object *o);
// spec.exportTo. `entry`: of a ServiceEntry, which may be exported to nobody ("~"); `selector`: of an object with a
// workloadSelector, which is only for its own namespace.
void validate_export_to(struct check *c, const struct object *o, const struct str_list *list,
                        bool entry, bool selector);
// Names of Gateways, in the list at `path`.
void validate_gateway_names(struct check *c, const struct object *o, const struct str_list *list,
                            const char *path);
// Labels in the map at `path`.
void validate_labels(struct check *c, const struct object *o, const struct str_map *labels,
                     const char *path);
// The destination at `path`.
void validate_destination(struct check *c, const struct object *o, const struct destination *d,
                          const char *path);
// The n destinations of the rule at `path`, and their weights.
void validate_weights(struct check *c, const struct object *o, const struct route_destination *at,
                      uint32_t n, const char *path);

#endif
