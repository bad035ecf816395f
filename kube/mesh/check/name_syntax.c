// SPDX-License-Identifier: Apache-2.0
// The syntax of names in Istio's validation.
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/ip_network.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include "kube/mesh/check/name_syntax_internal.h"

#include <string.h>

static bool label(const char *s, size_t n)
{
    if (n == 0 || n > 63 || !ascii_alnum(s[0]) || !ascii_alnum(s[n - 1])) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!ascii_alnum(s[i]) && s[i] != '-') {
            return false;
        }
    }
    return true;
}

bool valid_label(const char *s)
{
    return s != NULL && label(s, strlen(s));
}

// "*", "*x", "*-x" or a label.
static bool first_label(const char *s, size_t n)
{
    if (n > 0 && n <= 63 && s[0] == '*') {
        s++;
        n--;
        if (n > 0 && s[0] == '-') {
            s++;
            n--;
            return label(s, n);
        }
        return n == 0 || label(s, n);
    }
    return label(s, n);
}

static bool digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!ascii_digit(s[i])) {
            return false;
        }
    }
    return true;
}

static bool domain(const char *s, bool wild)
{
    if (str_empty(s) || strlen(s) > 255) {
        return false;
    }
    size_t n = strlen(s);
    n -= n > 1 && s[n - 1] == '.' ? 1 : 0; // the root's dot
    bool first = true;
    for (size_t at = 0; at <= n; first = false) {
        const char *dot = memchr(s + at, '.', n - at);
        size_t len = dot != NULL ? (size_t)(dot - s) - at : n - at;
        if (!(first && wild ? first_label(s + at, len) : label(s + at, len))) {
            return false;
        }
        if (dot == NULL) {
            return first || !digits(s + at, len);
        }
        at += len + 1;
    }
    return false;
}

bool valid_wildcard_domain(const char *s)
{
    return domain(s, true);
}

bool valid_fqdn(const char *s)
{
    return domain(s, false);
}

bool valid_ip_or_cidr(const char *s)
{
    const char *slash = s != NULL ? strchr(s, '/') : NULL;
    if (slash == NULL) {
        return name_is_ip(s);
    }
    return strchr(s, ' ') == NULL && strlen(slash + 1) <= 3 && ip_network_parse(s).n != 0;
}

bool valid_http_token(const char *s)
{
    if (str_empty(s)) {
        return false;
    }
    for (; *s != '\0'; s++) {
        if (!ascii_alnum(*s) && strchr("!#$%&'*+-.^_`|~", *s) == NULL) {
            return false;
        }
    }
    return true;
}

bool valid_header_match_name(const char *s)
{
    static const char *const pseudo[] = {":path", ":method", ":authority", ":scheme", ":status"};
    for (size_t i = 0; i < ARRAY_COUNT(pseudo); i++) {
        if (str_eq(s, pseudo[i])) {
            return true;
        }
    }
    static const char claims[] = "@request.auth.claims";
    if (str_starts(s, claims)) {
        char next = s[sizeof claims - 1];
        return (next == '.' || next == '[') && s[sizeof claims] != '\0';
    }
    return valid_http_token(s);
}

// A command operator of Envoy after its first '%': NAME, NAME(...) or NAME:n up to the closing '%'.
static const char *operator_end(const char *s)
{
    const char *start = s;
    while (ascii_upper(*s) || *s == '_' || (s > start && ascii_digit(*s))) {
        s++;
    }
    if (s == start) {
        return NULL;
    }
    if (*s == '(') {
        s = strchr(s, ')');
        if (s == NULL) {
            return NULL;
        }
        s++;
    }
    if (*s == ':') {
        for (s++; ascii_digit(*s); s++) {
        }
    }
    return *s == '%' ? s : NULL;
}

bool valid_header_value(const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '%') {
            const char *end = s[1] == '%' ? s + 1 : operator_end(s + 1);
            if (end == NULL) {
                return false;
            }
            s = end;
        }
    }
    return true;
}

// A name of up to 63 letters, digits, '-', '_' and '.', a letter or digit at both ends.
static bool qualified(const char *s, size_t n)
{
    if (n == 0 || n > 63 || !ascii_alnum(s[0]) || !ascii_alnum(s[n - 1])) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!ascii_alnum(s[i]) && s[i] != '-' && s[i] != '_' && s[i] != '.') {
            return false;
        }
    }
    return true;
}

bool valid_label_key(const char *s)
{
    const char *slash = s != NULL ? strchr(s, '/') : NULL;
    if (slash != NULL) {
        char prefix[256];
        size_t n = (size_t)(slash - s);
        if (n == 0 || n >= sizeof prefix - 1) {
            return false;
        }
        memcpy(prefix, s, n);
        prefix[n] = '\0';
        if (!valid_fqdn(prefix)) {
            return false;
        }
        s = slash + 1;
    }
    return s != NULL && qualified(s, strlen(s));
}

bool valid_label_value(const char *s)
{
    return s != NULL && (s[0] == '\0' || qualified(s, strlen(s)));
}

bool valid_port(int64_t n)
{
    return n >= 1 && n <= 65535;
}

bool valid_unix_path(const char *s)
{
    if (str_empty(s)) {
        return false;
    }
    return s[0] == '@' || (s[0] == '/' && !str_ends(s, "/"));
}

enum protocol_class protocol_class_of(const char *s)
{
    static const struct {
        const char *word;
        enum protocol_class class;
    } words[] = {
        {"http", PROTOCOL_HTTP},     {"http2", PROTOCOL_HTTP},      {"grpc", PROTOCOL_HTTP},
        {"grpc-web", PROTOCOL_HTTP}, {"http_proxy", PROTOCOL_HTTP}, {"https", PROTOCOL_TLS},
        {"tls", PROTOCOL_TLS},       {"tcp", PROTOCOL_TCP},         {"mongo", PROTOCOL_TCP},
        {"redis", PROTOCOL_TCP},     {"mysql", PROTOCOL_TCP},       {"udp", PROTOCOL_UDP},
    };
    for (size_t i = 0; s != NULL && i < ARRAY_COUNT(words); i++) {
        if (str_casecmp(s, words[i].word) == 0) {
            return words[i].class;
        }
    }
    return PROTOCOL_UNKNOWN;
}
