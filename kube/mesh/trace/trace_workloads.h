// SPDX-License-Identifier: Apache-2.0
// Which gateway workloads a request can mean.
#ifndef GATETOP_MESH_TRACE_TRACE_WORKLOADS_H
#define GATETOP_MESH_TRACE_TRACE_WORKLOADS_H

#include "kube/base/attr.h"

#include "kube/mesh/route/workload.h"

#include <stdbool.h>
#include <stdint.h>

// The gateway workloads that a request without a selector can mean: those of every Gateway with a server
// whose hosts take this host; where none does, those of all Gateways. In the arena.
const struct workload *const *trace_workloads(const struct mesh *m, const char *host, uint32_t *n);
// The workload of `--gateway`: "ns/name" of a Gateway, or labels "k=v,k=v". False if there is none.
bool trace_workload_named(const struct mesh *m, const char *text, const struct workload **w,
                          struct err *err) MUST_USE;

#endif
