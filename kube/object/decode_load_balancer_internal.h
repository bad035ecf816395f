// SPDX-License-Identifier: Apache-2.0
// status.loadBalancer, which Services and Ingresses have.
#ifndef GATETOP_OBJECT_DECODE_LOAD_BALANCER_INTERNAL_H
#define GATETOP_OBJECT_DECODE_LOAD_BALANCER_INTERNAL_H

#include "kube/object/decoder_internal.h"
#include "kube/object/kubernetes_objects.h"

#include <stdint.h>

// The addresses of status.loadBalancer.ingress; *n of them.
const struct load_balancer_ingress *decode_load_balancer(struct object_decoder *d,
                                                         const struct json *status, uint32_t *n);

#endif
