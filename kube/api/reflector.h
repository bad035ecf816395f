// SPDX-License-Identifier: Apache-2.0
// List and watch of one resource as a pure state machine
// (docs/rules/kubernetes-client.md#list-resource-version, docs/rules/kubernetes-client.md#watch-end).
//
// Inputs are what happened (response, bytes, end, timer), each with the time in milliseconds of a
// monotonic clock; outputs are the calls of reflector_ops. No clock, no transport, no threads. At most one
// request is in flight for a reflector. Between calls nothing happens: the owner calls reflector_timer at
// reflector_deadline.
#ifndef GATETOP_API_REFLECTOR_H
#define GATETOP_API_REFLECTOR_H

#include "kube/api/reflector_types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reflector;
// Both are copied. It does nothing before reflector_start.
struct reflector *reflector_new(const struct reflector_options *options,
                                const struct reflector_ops *ops);
// Does not call ops.cancel. NULL is fine.
void reflector_free(struct reflector *r);

// Lists, then watches; also after NOT_INSTALLED. Nothing if a request is in flight.
void reflector_start(struct reflector *r, int64_t now);
// Lists again now, whatever it is doing. from_scratch: without a lower bound of the resource version (after the
// server's went back).
void reflector_relist(struct reflector *r, int64_t now, bool from_scratch);

// --- what happened to the request

// The header of its answer came.
void reflector_answered(struct reflector *r, int64_t now,
                        const struct reflector_response *response);
// Bytes of its body came.
void reflector_bytes(struct reflector *r, int64_t now, const char *bytes, size_t n);
// It ended. err NULL: the body ended without an error; its JSON shows whether it is complete.
void reflector_end(struct reflector *r, int64_t now, const struct err *err);
// The connection was given up (by the owner, who has dropped the request): continues in delay_ms where it was. err is
// the reason that is shown meanwhile; NULL if this was planned and nothing is stale.
void reflector_disconnected(struct reflector *r, int64_t now, int64_t delay_ms,
                            const struct err *err);
// Other requests are answered again: if it waits only because its connection failed, it waits at most delay_ms longer.
void reflector_reconnected(struct reflector *r, int64_t now, int64_t delay_ms);
// The answer to ops.unauthorized: whether the credential was renewed. If not, err says why; NULL: the server's refusal.
void reflector_renewed(struct reflector *r, int64_t now, bool renewed, const struct err *err);
// The answer to ops.not_found: discovery does not know the resource. Its objects are removed.
void reflector_not_served(struct reflector *r, int64_t now);

// --- time

// To be called at the deadline, or later.
void reflector_timer(struct reflector *r, int64_t now);
// INT64_MAX: none.
int64_t reflector_deadline(const struct reflector *r);

// --- its state

// Whether a request is in flight.
bool reflector_is_busy(const struct reflector *r);
// Whether that is a watch which the server has accepted.
bool reflector_is_watching(const struct reflector *r);
// Borrowed; it changes with every input.
const struct reflector_state *reflector_state_of(const struct reflector *r);

#endif
