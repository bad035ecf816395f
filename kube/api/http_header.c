// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP answer, line by line.
#include "kube/api/http_header.h"

#include <stdlib.h>
#include <string.h>

// name in lower case.
static bool header_is(const char *line, size_t n, const char *name, const char **value,
                      size_t *value_n)
{
    size_t m = strlen(name);
    if (n <= m || line[m] != ':') {
        return false;
    }
    for (size_t i = 0; i < m; i++) {
        char c = line[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name[i]) {
            return false;
        }
    }
    const char *v = line + m + 1, *end = line + n;
    while (v < end && (*v == ' ' || *v == '\t')) {
        v++;
    }
    while (end > v && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ')) {
        end--;
    }
    *value = v;
    *value_n = (size_t)(end - v);
    return true;
}

static void copy(char *out, size_t size, const char *s, size_t n)
{
    n = n < size - 1 ? n : size - 1;
    memcpy(out, s, n);
    out[n] = '\0';
}

static void take(struct http_head *h, const char *line, size_t n)
{
    const char *v;
    size_t m;
    if (header_is(line, n, "content-type", &v, &m)) {
        copy(h->content_type, sizeof h->content_type, v, m);
    } else if (header_is(line, n, "etag", &v, &m) && m < sizeof h->etag) {
        copy(h->etag, sizeof h->etag, v, m);
    } else if (header_is(line, n, "location", &v, &m)) {
        copy(h->location, sizeof h->location, v, m);
    } else if (header_is(line, n, "warning", &v, &m)) {
        copy(h->warning, sizeof h->warning, v, m);
    } else if (header_is(line, n, "date", &v, &m)) {
        copy(h->date, sizeof h->date, v, m);
    } else if (header_is(line, n, "retry-after", &v, &m)) {
        char text[64];
        copy(text, sizeof text, v, m);
        long s = strtol(text, NULL, 10);
        h->retry_after_s = s < 0 ? 0 : s > 3600 ? 3600 : (int)s;
    } else if (header_is(line, n, "content-encoding", &v, &m)) {
        h->gzip = m == 4 && memcmp(v, "gzip", 4) == 0;
    }
}

enum http_head_state http_head_line(struct http_head *h, const char *line, size_t n)
{
    h->bytes += n;
    if (h->bytes > HTTP_HEAD_MAX) {
        return HTTP_HEAD_TOO_LARGE;
    }
    if (n > 5 && memcmp(line, "HTTP/", 5) == 0) {
        char text[32]; // "HTTP/1.1 200 OK"
        copy(text, sizeof text, line, n);
        const char *space = strchr(text, ' ');
        *h = (struct http_head){.bytes = h->bytes, .status = space != NULL ? atoi(space + 1) : 0};
        return HTTP_HEAD_MORE;
    }
    if ((n == 2 && line[0] == '\r') || (n == 1 && line[0] == '\n')) {
        return HTTP_HEAD_END;
    }
    take(h, line, n);
    return HTTP_HEAD_MORE;
}
