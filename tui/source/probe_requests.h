// SPDX-License-Identifier: Apache-2.0
// Which questions to DNS and to gateways the objects of a snapshot raise. The functions may be
// called on any thread.
#ifndef GATETOP_TUI_SOURCE_PROBE_REQUESTS_H
#define GATETOP_TUI_SOURCE_PROBE_REQUESTS_H

#include "kube/mesh/dns/dns_record.h"
#include "kube/mesh/dns/dns_settings.h"

#include "kube/probe/dns_prober.h"

#include <stdint.h>

struct app_row;
struct tls_prober;

typedef void probe_request_fn(void *self, enum probe_kind k, const char *name);
// Calls put for every question that the records of a snapshot raise (filtered ones raise none);
// some come twice. dns: external-dns's settings, NULL: those that the snapshot shows.
void probe_requests_of(const struct snapshot *s, const struct dns_settings *dns, int64_t now,
                       probe_request_fn *put, void *self);

// Requests first what is on the screen: the answers to the questions of a record.
// dns_prober_screen_changed comes before the first of a new screen.
void probe_requests_record(struct dns_prober *p, const struct dns_record *r);
// The same for an application: what its link dns is judged by.
void probe_requests_app(struct dns_prober *p, const struct mesh *m, const struct dns_settings *s,
                        const struct app_row *r);

// Requests a handshake for every host whose gateway's address is known (gateway_handshake_queries).
void probe_requests_handshakes(struct tls_prober *p, const struct snapshot *s,
                               const struct dns_settings *dns, int64_t now);

#endif
