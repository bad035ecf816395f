// SPDX-License-Identifier: Apache-2.0
// The parts of a server's or a proxy's URL.
#ifndef GATETOP_API_URL_H
#define GATETOP_API_URL_H

#include "kube/base/mem.h"

#include <stdbool.h>

// Strings belong to the arena.
struct url {
    const char *scheme;   // lower case; "" where the text has none
    const char *userinfo; // NULL where none; a secret
    const char *host;     // without brackets
    bool ipv6;            // had brackets
    int port;             // 0 where none
    const char *path;     // from the first '/', without query and fragment; "" where none
};

// Takes "scheme://[user@]host[:port][/path][?query][#fragment]", or the same without the scheme. False
// where it is no such thing; *why is then a few words.
bool url_split(struct arena *a, const char *text, struct url *out, const char **why) MUST_USE;

#endif
