// SPDX-License-Identifier: Apache-2.0
// The parts of a URL with a host: "scheme://[user@]host[:port][/path][?query][#fragment]", or the same without the
// scheme.
//
// libcurl's URL API is not used: only kube/api/http_transfer.c sees libcurl, and URLs are read in rooms that do no I/O.
// It also changes what it takes (https://h%41 is https://hA, https://1 is https://0.0.0.1, /a/../b is /b), while a
// trace shows what Envoy makes of a path, and a message quotes what the file says.
#ifndef GATETOP_BASE_URL_H
#define GATETOP_BASE_URL_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

// Where the parts are in a text. Nothing is checked or decoded; pointers go into the text.
struct url_parts {
    const char *scheme; // NULL if there is no "://" before the first of ":/?#"
    size_t scheme_len;
    const char *userinfo; // NULL if there is no '@' before the path; a secret
    size_t userinfo_len;
    const char *host; // with brackets and port
    size_t host_len;
    const char *rest; // path, query and fragment, to the end of the text
};
// Takes any text apart, which is borrowed: where it is no URL, the parts make no sense, but are inside it. Of several
// '@' the last ends the user information.
struct url_parts url_parts_of(const char *text);

// The same with its syntax checked. Strings are in the arena, which has secret memory (arena_init_secret) where there
// may be a userinfo.
struct url {
    const char *scheme;   // lower case; "" if the text has none
    const char *userinfo; // NULL if none; a secret
    const char *host;     // without brackets, at most 255 bytes
    bool ipv6;            // had brackets
    int port;             // 1 to 65535; 0 if none
    const char *path;     // from the first '/', without query and fragment; "" if none
};
// False if the text has a blank or control character, an odd scheme, no host, an odd host, or an invalid port;
// *why then says in a few words which.
bool url_split(struct arena *a, const char *text, struct url *out, const char **why) MUST_USE;

#endif
