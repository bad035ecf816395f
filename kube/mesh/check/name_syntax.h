// SPDX-License-Identifier: Apache-2.0
// The shapes of names that Istio's validation knows (docs/rules/istio.md#lexical-names).
#ifndef GATETOP_MESH_CHECK_NAME_SYNTAX_H
#define GATETOP_MESH_CHECK_NAME_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

bool lex_label(const char *s);   // 1-63 letters, digits or '-', a letter or digit at both ends
bool lex_wdomain(const char *s); // a domain whose first label may be "*", "*x" or "*-x"
bool lex_fqdn(const char *s);    // the same without a star
bool lex_ip_or_cidr(const char *s);
bool lex_token(const char *s);             // an HTTP token: a header name
bool lex_header_match_name(const char *s); // a token, a pseudo header or a claim of a token
bool lex_header_value(const char *s);      // no control characters, '%' paired or doubled
bool lex_label_key(const char *s);         // Kubernetes' rules for label keys and values
bool lex_label_value(const char *s);
bool lex_port(int64_t n); // 1-65535
bool lex_unix_path(const char *s);

// Protocols as Istio parses them, in any case.
enum protocol_class { PROTOCOL_UNKNOWN, PROTOCOL_HTTP, PROTOCOL_TLS, PROTOCOL_TCP, PROTOCOL_UDP };
enum protocol_class lex_protocol(const char *s);

#endif
