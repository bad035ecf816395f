// SPDX-License-Identifier: Apache-2.0
// Which hosts of a Gateway VirtualServices use.
#ifndef GATETOP_MESH_CHAIN_GATEWAY_HOST_USE_H
#define GATETOP_MESH_CHAIN_GATEWAY_HOST_USE_H

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/route/gateway_hosts.h"

// Whether a VirtualService that is bound to the Gateway has a host that meets its host of this number.
bool gateway_host_is_used(const struct mesh *m, const struct gateway_hosts *hosts, uint32_t number);

#endif
