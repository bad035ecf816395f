// SPDX-License-Identifier: Apache-2.0
// A proxy for tests: HTTP (CONNECT), HTTPS and SOCKS5 on 127.0.0.1, leading every tunnel to one port.
#ifndef GATETOP_TESTS_SUPPORT_WIREPROXY_H
#define GATETOP_TESTS_SUPPORT_WIREPROXY_H

#include <stdbool.h>

enum wireproxy_kind {
    WIREPROXY_HTTP,
    WIREPROXY_HTTPS, // TLS to the proxy itself, with a certificate for 127.0.0.1
    WIREPROXY_SOCKS5,
    WIREPROXY_REFUSES, // HTTP: 403 to every CONNECT
    WIREPROXY_HANGS,   // takes connections and sends nothing: a proxy or a TLS server that hangs
    WIREPROXY_ENDS, // ends each connection after its first bytes, as a load balancer without a server
    WIREPROXY_RESETS, // the same with RST
};

struct wireproxy;
// Serves in threads of its own. Whatever name is asked for, the tunnel leads to 127.0.0.1:to_port.
struct wireproxy *wireproxy_start(enum wireproxy_kind kind, int to_port);
void wireproxy_stop(struct wireproxy *p); // cuts what is open
int wireproxy_port(const struct wireproxy *p);
const char *wireproxy_ca(const struct wireproxy *p); // PEM of an HTTPS one, else NULL
int wireproxy_accepted(struct wireproxy *p);         // connections so far
int wireproxy_certificates(
    struct wireproxy *p); // of an HTTPS one: those whose client showed a certificate
// What the newest connection asked for: the whole HTTP head, or "socks5 name HOST:PORT" or "socks5 address
// HOST:PORT". Heap; "" if nothing came.
char *wireproxy_asked(struct wireproxy *p);

#endif
