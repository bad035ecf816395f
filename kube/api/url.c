// SPDX-License-Identifier: Apache-2.0
// Splitting URLs.
#include "kube/api/url.h"

#include "kube/base/text.h"

#include <string.h>

enum { LONGEST_HOST = 255 }; // longer ones overflow old SOCKS clients and are no names

static bool fail(const char **why, const char *text)
{
    *why = text;
    return false;
}

static bool take_port(const char *s, size_t n, int *port)
{
    long v = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9' || v > 65535) {
            return false;
        }
        v = v * 10 + (s[i] - '0');
    }
    *port = (int)v;
    return v <= 65535 && (n == 0 || v > 0);
}

static bool take_host(struct arena *a, const char *s, size_t n, struct url *out, const char **why)
{
    const char *end = s + n, *port = NULL;
    if (n > 0 && *s == '[') {
        const char *close = memchr(s, ']', n);
        if (close == NULL || strspn(s + 1, "0123456789abcdefABCDEF:.%") < (size_t)(close - s - 1)) {
            return fail(why, "a bad address in brackets");
        }
        out->host = arena_strndup(a, s + 1, (size_t)(close - s - 1));
        out->ipv6 = true;
        if (close + 1 < end) {
            port = close + 1;
        }
    } else {
        port = memchr(s, ':', n);
        out->host = arena_strndup(a, s, (size_t)((port != NULL ? port : end) - s));
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
    if (port != NULL &&
        (*port != ':' || !take_port(port + 1, (size_t)(end - port - 1), &out->port))) {
        return fail(why, "a bad port");
    }
    return true;
}

bool url_split(struct arena *a, const char *text, struct url *out, const char **why)
{
    *out = (struct url){.scheme = "", .host = "", .path = ""};
    for (const char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || *p == 0x7F) {
            return fail(why, "a space or control character");
        }
    }
    const char *rest = strstr(text, "://");
    size_t letters =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    if (rest != NULL && rest > text && letters == (size_t)(rest - text)) {
        out->scheme = str_lower(a, arena_strndup(a, text, letters));
        rest += 3;
    } else if (rest != NULL && rest == text + letters) {
        return fail(why, "no scheme before '://'");
    } else {
        rest = text;
    }
    size_t n = strcspn(rest, "/?#");
    const char *path = rest + n, *at = NULL;
    for (size_t i = 0; i < n; i++) {
        at = rest[i] == '@' ? rest + i : at;
    }
    if (at != NULL) {
        out->userinfo = arena_strndup(a, rest, (size_t)(at - rest));
        n -= (size_t)(at + 1 - rest);
        rest = at + 1;
    }
    out->path = arena_strndup(a, path, strcspn(path, "?#"));
    return take_host(a, rest, n, out, why);
}
