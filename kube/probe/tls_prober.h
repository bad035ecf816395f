// SPDX-License-Identifier: Apache-2.0
// The TLS prober: a thread that makes TLS handshakes with gateways and reads what they serve. Off unless
// requested: it reaches production gateways (docs/rules/certificates.md#handshake).
#ifndef GATETOP_PROBE_TLS_PROBER_H
#define GATETOP_PROBE_TLS_PROBER_H

#include "kube/base/attr.h"

#include "kube/store/probe_result.h"

#include <stdbool.h>
#include <stddef.h>

struct tls_prober;

// Zero is the default of both numbers.
struct tls_prober_options {
    int timeout_ms; // for connecting and shaking hands together: 5000
    int again_s;    // the same is probed again after at least this: 300
    // Called in the prober's thread for each handshake; takes over the reference.
    void (*result)(void *self, const struct probe_result *r);
    void *self;
};

// The options with the default in place of each zero. Any thread. For tests of the defaults.
struct tls_prober_options tls_prober_options_complete(const struct tls_prober_options *o);

// Starts the thread. Options are copied. NULL with *err if no thread can be created or TLS cannot be set up.
struct tls_prober *tls_prober_start(const struct tls_prober_options *o, struct err *err) MUST_USE;
// Ends the thread; a handshake under way is dropped. Returns within a few milliseconds. NULL is fine.
void tls_prober_stop(struct tls_prober *p);

// Requests a handshake: what one address serves for a host. `name` is probe_tls_name's
// ("web.example.com@192.0.2.1:443") and becomes the result's; the host is sent as SNI, see probe_query_name. What is
// known and still valid is not probed again. Any thread. False if too many wait.
bool tls_prober_request(struct tls_prober *p, const char *name);
// The same, also where what is known is still valid.
bool tls_prober_request_now(struct tls_prober *p, const char *name);
// As dns_prober_pending.
size_t tls_prober_pending(struct tls_prober *p);

#endif
