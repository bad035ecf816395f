// SPDX-License-Identifier: Apache-2.0
// The parts of a URL with a host.
#include "kube/base/url.h"

#include "kube/base/arena.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include <string.h>

enum { LONGEST_HOST = 255 }; // longer ones overflow old SOCKS clients and are no names

struct url_parts url_parts_of(const char *text)
{
    struct url_parts p = {0};
    size_t n = strcspn(text, ":/?#");
    if (str_starts(text + n, "://")) {
        p.scheme = text;
        p.scheme_len = n;
        text += n + 3;
    }
    n = strcspn(text, "/?#");
    p.host = text;
    p.rest = text + n;
    for (size_t i = n; i > 0 && p.userinfo == NULL; i--) {
        if (text[i - 1] == '@') {
            p.userinfo = text;
            p.userinfo_len = i - 1;
            p.host = text + i;
        }
    }
    p.host_len = (size_t)(p.rest - p.host);
    return p;
}

static bool fail(const char **why, const char *text)
{
    *why = text;
    return false;
}

// "" and ":443" after the host.
static bool take_port(const char *s, const char *end, int *port)
{
    int64_t value = 0;
    if (s == end) {
        return true;
    }
    s++;
    if (s[-1] != ':' || (s < end && !number_parse(s, (size_t)(end - s), 65535, &value))) {
        return false;
    }
    *port = (int)value;
    return s == end || value > 0;
}

static bool take_host(struct arena *a, const char *s, size_t n, struct url *out, const char **why)
{
    const char *end = s + n, *port;
    if (n > 0 && *s == '[') {
        const char *close = memchr(s, ']', n);
        if (close == NULL || strspn(s + 1, "0123456789abcdefABCDEF:.%") < (size_t)(close - s - 1)) {
            return fail(why, "a bad address in brackets");
        }
        out->host = arena_strndup(a, s + 1, (size_t)(close - s - 1));
        out->ipv6 = true;
        port = close + 1;
    } else {
        const char *colon = memchr(s, ':', n);
        port = colon != NULL ? colon : end;
        out->host = arena_strndup(a, s, (size_t)(port - s));
    }
    if (*out->host == '\0') {
        return fail(why, "no host");
    }
    if (strlen(out->host) > LONGEST_HOST) {
        return fail(why, "a host name longer than 255 bytes");
    }
    if (!out->ipv6 && strpbrk(out->host, "[]<>\"\\^`{|}%@") != NULL) {
        return fail(why, "a bad host name");
    }
    return take_port(port, end, &out->port) || fail(why, "a bad port");
}

bool url_split(struct arena *a, const char *text, struct url *out, const char **why)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    *out = (struct url){.scheme = "", .host = "", .path = ""};
    for (const char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || *p == 0x7F) {
            return fail(why, "a space or control character");
        }
    }
    struct url_parts p = url_parts_of(text);
    if (p.scheme != NULL && p.scheme_len == 0) {
        return fail(why, "no scheme before '://'");
    }
    if (p.scheme != NULL && strspn(text, letters) < p.scheme_len) {
        return fail(why, "a bad scheme");
    }
    if (p.scheme != NULL) {
        out->scheme = str_lower(a, arena_strndup(a, p.scheme, p.scheme_len));
    }
    if (p.userinfo != NULL) {
        out->userinfo = arena_strndup(a, p.userinfo, p.userinfo_len);
    }
    out->path = arena_strndup(a, p.rest, strcspn(p.rest, "?#"));
    return take_host(a, p.host, p.host_len, out, why);
}
