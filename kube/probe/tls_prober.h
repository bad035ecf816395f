// SPDX-License-Identifier: Apache-2.0
// The TLS prober: a thread of its own that shakes hands with gateways and reads what they serve. Off unless
// asked for: it reaches production gateways (docs/rules/certificates.md#handshake).
#ifndef GATETOP_PROBE_TLS_PROBER_H
#define GATETOP_PROBE_TLS_PROBER_H

#include "kube/store/probe_result.h"

struct tls_prober;

struct tls_prober_options {
    int timeout_ms; // for connecting and shaking hands together, 0: 5000
    int again_s;    // the same is asked again after at least this, 0: 300
    // Called in the prober's thread for each handshake; takes over the reference.
    void (*result)(void *self, const struct probe_result *r);
    void *self;
};

struct tls_prober *tls_prober_start(const struct tls_prober_options *o, struct err *err) MUST_USE;
// Ends the thread; a handshake under way is dropped. Returns within a few milliseconds. NULL is fine.
void tls_prober_stop(struct tls_prober *p);

// Wants to know what one address serves for a host. `name` is probe_tls_name's ("web.example.com@192.0.2.1:443"),
// and the result's; the host is sent as SNI, "*.x" as a made-up label. Any thread. False where too many wait.
bool tls_prober_want(struct tls_prober *p, const char *name);
bool tls_prober_again(struct tls_prober *p, const char *name); // now, whatever its age
size_t tls_prober_open(struct tls_prober *p);                  // as dns_prober_open

#endif
