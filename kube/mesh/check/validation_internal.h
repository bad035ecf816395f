// SPDX-License-Identifier: Apache-2.0
// Istio's validation of the four kinds, a file each (docs/rules/istio.md#ist0106).
//
// Each function looks at one object alone, and reports every rule that it breaks, with the path of the field, as
// IST0106 or IST0133 of the run.
#ifndef GATETOP_MESH_CHECK_VALIDATION_INTERNAL_H
#define GATETOP_MESH_CHECK_VALIDATION_INTERNAL_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_report_internal.h"

// A VirtualService: delegates, hosts, Gateways, tls and tcp rules, and each http rule by validate_http_rule
// (docs/rules/istio.md#validate-delegate, docs/rules/istio.md#validate-hosts, docs/rules/istio.md#validate-l4-rules).
void validate_virtualservice(struct check *c, const struct virtualservice *vs);
// A Gateway: its servers, their hosts, ports and tls settings (docs/rules/istio.md#validate-gateway,
// docs/rules/istio.md#validate-gateway-tls).
void validate_gateway(struct check *c, const struct gateway *g);
// A DestinationRule: its host, policies and subsets (docs/rules/istio.md#validate-destinationrule).
void validate_destinationrule(struct check *c, const struct destinationrule *d);
// A ServiceEntry: hosts, addresses, ports, endpoints, and what its resolution allows
// (docs/rules/istio.md#validate-serviceentry).
void validate_serviceentry(struct check *c, const struct serviceentry *e);
// One http rule of a VirtualService; `path` is "spec.http[0]".
void validate_http_rule(struct check *c, const struct virtualservice *vs, const struct http_rule *r,
                        const char *path);

#endif
