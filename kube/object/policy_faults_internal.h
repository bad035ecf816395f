// SPDX-License-Identifier: Apache-2.0
// What Istio's validation refuses in the parts of a trafficPolicy that nothing else here looks at.
#ifndef GATETOP_OBJECT_POLICY_FAULTS_INTERNAL_H
#define GATETOP_OBJECT_POLICY_FAULTS_INTERNAL_H

#include "kube/object/decoder_internal.h"
#include "kube/object/istio_objects.h"

// Sets the faults of a policy and of its portLevelSettings (docs/rules/istio.md#validate-destinationrule).
void decode_policy_faults(struct object_decoder *d, const struct json *policy,
                          struct traffic_policy *x);

#endif
