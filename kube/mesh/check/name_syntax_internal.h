// SPDX-License-Identifier: Apache-2.0
// The syntax of names in Istio's validation (docs/rules/istio.md#lexical-names).
#ifndef GATETOP_MESH_CHECK_NAME_SYNTAX_INTERNAL_H
#define GATETOP_MESH_CHECK_NAME_SYNTAX_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

// All of these: false for NULL.
bool valid_label(const char *s); // 1-63 letters, digits or '-', a letter or digit at both ends
bool valid_wildcard_domain(const char *s); // a domain whose first label may be "*", "*x" or "*-x"
bool valid_fqdn(const char *s);            // the same without a star
// An IPv4 or IPv6 address, or a network of them: "10.0.0.0/8", "2001:db8::/32". Bits after the prefix may be set.
bool valid_ip_or_cidr(const char *s);
bool valid_http_token(const char *s);        // a header name
bool valid_header_match_name(const char *s); // a token, a pseudo header or a claim of a token
bool valid_label_key(const char *s);         // of a Kubernetes label, with or without "prefix/"
bool valid_label_value(const char *s);       // also ""
bool valid_unix_path(const char *s);         // "/path" or "@abstract"
// Each '%' doubled or around an operator of Envoy. The text is not NULL.
bool valid_header_value(const char *s);
bool valid_port(int64_t n); // 1-65535

enum protocol_class { PROTOCOL_UNKNOWN, PROTOCOL_HTTP, PROTOCOL_TLS, PROTOCOL_TCP, PROTOCOL_UDP };
// The class of a protocol as Istio parses it, in any case; NULL is unknown.
enum protocol_class protocol_class_of(const char *s);

#endif
