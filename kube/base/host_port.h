// SPDX-License-Identifier: Apache-2.0
// Hosts with a port: "host:443", "[::1]:443".
#ifndef GATETOP_BASE_HOST_PORT_H
#define GATETOP_BASE_HOST_PORT_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

// The colon before the port of a Host header, NULL if it has no port. As Envoy reads it: the last colon, unless a ']'
// comes after it; what follows the colon may be anything (docs/rules/istio.md#virtual-host-lookup).
const char *host_port_colon(const char *authority);

// The parts of a text; pointers go into it.
struct host_port {
    const char *host; // without brackets
    size_t host_len;
    bool brackets;
    const char *port; // NULL if there is no colon; may be empty, and is not checked
};
// Splits "host", "host:port", "[address]", "[address]:port", and an IPv6 address without brackets, which has no port.
// False if a bracket is not closed, or anything but a colon follows it. The text is borrowed.
bool host_port_split(const char *text, struct host_port *out) MUST_USE;

#endif
