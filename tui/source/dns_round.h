// SPDX-License-Identifier: Apache-2.0
// Rounds over all objects that want DNS names: whenever the DNS prober has few names left, it gets those of more
// objects (docs/rules/dns.md#dns-asking).
//
// This spreads questions over time, prepares none long before it is sent, and does not delay the I/O thread. Changed
// objects come first.
#ifndef GATETOP_TUI_SOURCE_DNS_ROUND_H
#define GATETOP_TUI_SOURCE_DNS_ROUND_H

#include "kube/store/snapshot.h"

#include "kube/mesh/dns/dns_settings.h"

#include "tui/source/probe_requests.h"

#include <stdbool.h>
#include <stdint.h>

struct dns_prober;
struct dns_round;
struct session;

// dns: external-dns's settings, borrowed; NULL: those that the cluster shows.
struct dns_round *dns_round_new(const struct dns_settings *dns);
// After the prober that calls it has ended. NULL is fine.
void dns_round_free(struct dns_round *r);

// Whose objects and which prober; the session is stopped after the prober has ended. Any thread.
void dns_round_connect(struct dns_round *r, struct session *s, struct dns_prober *p);
// An object came or changed: its names are requested soon. Any thread.
void dns_round_changed(struct dns_round *r, const struct object *o);
// Requests the names of some objects more. Fits `more` of the prober's options: the prober's thread.
void dns_round_more(void *self);

// What dns_round_more does, for a snapshot at an instant of the monotonic clock, with a function that takes the names.
// Returns how many objects were looked at. For tests of the order and the times.
uint32_t dns_round_step(struct dns_round *r, const struct snapshot *s, int64_t now_ms,
                        probe_request_fn *put, void *self);

#endif
