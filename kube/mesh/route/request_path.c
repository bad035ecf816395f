// SPDX-License-Identifier: Apache-2.0
// What Envoy does to a request's path and host before it looks for a route.
#include "kube/mesh/route/request_path.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/host_port.h"
#include "kube/base/percent.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include <string.h>

// Characters that the canonical form of a path writes escaped.
static bool escaped(unsigned char c)
{
    return c <= 0x20 || c >= 0x7F || strchr("\"<>^`{}", c) != NULL;
}

// First pass: escapes and slashes. False if the path is refused (%00).
static bool unescape(const char *path, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)path[i];
        int encoded = percent_byte(path + i, n - i);
        if (encoded == 0) {
            return false;
        }
        if (encoded > 0) {
            if (percent_unreserved((unsigned char)encoded)) {
                buf_addc(out, (char)encoded);
            } else {
                buf_add(out, path + i, 3);
            }
            i += 2;
        } else if (c == '\\') {
            buf_addc(out, '/');
        } else if (c != '%' && escaped(c)) {
            percent_add(out, c);
        } else {
            buf_addc(out, (char)c);
        }
    }
    return true;
}

// Second pass: "." and ".." segments, as in RFC 3986, section 5.2.4; empty segments count.
static size_t remove_dots(char *p, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n;) {
        // p[i] is '/': one segment up to the next
        size_t end = i + 1;
        while (end < n && p[end] != '/') {
            end++;
        }
        size_t len = end - i - 1;
        bool last = end == n;
        if (len == 1 && p[i + 1] == '.') {
            if (last) {
                p[to++] = '/';
            }
        } else if (len == 2 && p[i + 1] == '.' && p[i + 2] == '.') {
            while (to > 0 && p[--to] != '/') {
            }
            if (last) {
                p[to++] = '/';
            }
        } else {
            memmove(p + to, p + i, end - i);
            to += end - i;
        }
        i = end;
    }
    return to;
}

const char *path_normalize(struct arena *a, const char *path)
{
    size_t whole = strcspn(path, "#");
    size_t n = strcspn(path, "?#");
    struct buf b;
    if (n == 0 || path[0] != '/') {
        return NULL;
    }
    buf_init(&b, 0);
    if (!unescape(path, n, &b)) {
        buf_release(&b);
        return NULL;
    }
    buf_truncate(&b, remove_dots(b.data, b.len));
    if (b.len == 0) {
        buf_addc(&b, '/');
    }
    buf_add(&b, path + n, whole - n);
    return buf_take_arena(&b, a);
}

const char *host_of_authority(struct arena *a, const char *authority)
{
    const char *colon = host_port_colon(authority);
    size_t n = colon != NULL ? (size_t)(colon - authority) : strlen(authority);
    return str_lower(a, arena_strndup(a, authority, n));
}

bool authority_valid(const char *authority)
{
    for (const char *p = authority; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (!percent_unreserved(c) && strchr("!$&'()*+,;=:@%[]", c) == NULL) {
            return false;
        }
    }
    return true; // an empty one is legal: only "*" takes it
}

const char *request_tls_name(struct arena *a, const char *authority)
{
    const char *host = host_of_authority(a, authority);
    size_t n = strlen(host);
    if (host[0] == '[' || name_is_ip(host)) {
        return "";
    }
    return n > 0 && host[n - 1] == '.' ? arena_strndup(a, host, n - 1) : host;
}
