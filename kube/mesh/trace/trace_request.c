// SPDX-License-Identifier: Apache-2.0
// Requests to trace, from a URL or a line of JSON.
#include "kube/mesh/trace/trace_request.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/host_port.h"
#include "kube/base/json.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/url.h"

#include "kube/mesh/route/request_path.h"

#include <string.h>

static uint32_t default_port(const char *scheme)
{
    return strcmp(scheme, "https") == 0 ? 443 : 80;
}

static bool read_port(const char *s, uint32_t *port)
{
    int64_t v;
    if (!number_parse(s, strlen(s), 65535, &v) || v == 0) {
        return false;
    }
    *port = (uint32_t)v;
    return true;
}

bool trace_request_from_url(struct arena *a, const char *url, struct trace_request *out,
                            struct err *err)
{
    *out = (struct trace_request){.method = "GET", .scheme = "http"};
    char *clean = text_clean(a, url, strlen(url), 0);
    struct url_parts p = url_parts_of(clean);
    if (p.scheme != NULL) {
        out->scheme = str_lower(a, arena_strndup(a, p.scheme, p.scheme_len));
    }
    // A connection that is passed on has no HTTP that counts: tcp and tls are http and https.
    out->scheme = strcmp(out->scheme, "tcp") == 0   ? "http"
                  : strcmp(out->scheme, "tls") == 0 ? "https"
                                                    : out->scheme;
    if (strcmp(out->scheme, "http") != 0 && strcmp(out->scheme, "https") != 0) {
        return err_set(
            err, ERR_USAGE,
            "'%s' is no URL to trace: it starts with http://, https://, tcp:// or tls://", clean);
    }
    out->host = arena_strndup(a, p.host, p.host_len); // credentials are no part of the Host header
    out->port = default_port(out->scheme);
    const char *colon = host_port_colon(out->host);
    if (colon != NULL && !read_port(colon + 1, &out->port)) {
        return err_set(err, ERR_USAGE, "'%s' has no valid port: write http://host:8080/path",
                       clean);
    }
    if (*out->host == '\0') {
        return err_set(err, ERR_USAGE, "'%s' has no host: write http://host/path", clean);
    }
    out->path = *p.rest == '/' ? p.rest : arena_printf(a, "/%s", p.rest);
    return true;
}

// A header's value without the blanks around it, which are no part of it (RFC 9110, 5.5).
static const char *trimmed(struct arena *a, const char *value)
{
    value += strspn(value, " \t");
    size_t n = strlen(value);
    while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t')) {
        n--;
    }
    return arena_strndup(a, value, n);
}

bool trace_request_header(struct arena *a, struct trace_request *q, const char *text,
                          struct err *err)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL || colon == text) {
        return err_set(err, ERR_USAGE, "header '%s' is not 'name: value'", text);
    }
    uint32_t n = q->headers.n;
    struct str_pair *at = arena_alloc(a, ((size_t)n + 1) * sizeof *at);
    if (n > 0) {
        memcpy(at, q->headers.at, n * sizeof *at);
    }
    const char *value = trimmed(a, colon + 1);
    at[n].key = text_clean(a, text, (size_t)(colon - text), 0);
    at[n].value = text_clean(a, value, strlen(value), 0);
    if (str_casecmp(at[n].key, "host") == 0) {
        // The TLS name is that of the URL, as with curl.
        q->sni = q->sni == NULL ? request_tls_name(a, q->host) : q->sni;
        q->host = at[n].value;
    }
    q->headers = (struct str_map){at, n + 1};
    return true;
}

static struct str_map map_of(struct arena *a, const struct json *j)
{
    size_t n = json_count(j);
    struct str_pair *at = arena_calloc(a, n, sizeof *at);
    uint32_t k = 0;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        struct buf b;
        buf_init(&b, 0);
        const char *value = json_string(c);
        if (json_type(c) == JSON_ARRAY) { // several values of one name: joined, as Envoy joins them
            for (const struct json *v = json_first(c); v != NULL; v = json_next(v)) {
                buf_addf(&b, "%s%s", b.len > 0 ? "," : "",
                         json_string(v) != NULL ? json_string(v) : "");
            }
        } else if (value != NULL) {
            buf_adds(&b, value);
        } else {
            json_print(c, false, &b);
        }
        at[k].key = json_key(c) != NULL ? text_clean(a, json_key(c), strlen(json_key(c)), 0) : "";
        at[k++].value = trimmed(a, text_clean(a, b.len > 0 ? b.data : "", b.len, 0));
        buf_release(&b);
    }
    return (struct str_map){.at = at, .n = k};
}

static const char *text_of(struct arena *a, const struct json *j, const char *key,
                           const char *absent)
{
    const char *s = json_get_string(j, key);
    return s != NULL ? text_clean(a, s, strlen(s), 0) : absent;
}

bool trace_request_from_json(struct arena *a, const char *line, size_t n, struct trace_request *out,
                             struct err *err)
{
    struct json *j = json_parse(line, n, err);
    if (j == NULL) {
        return false;
    }
    bool ok = json_type(j) == JSON_OBJECT;
    *out = (struct trace_request){.method = "GET", .scheme = "http", .path = "/"};
    const char *url = json_get_string(j, "url");
    if (!ok) {
        (void)err_set(err, ERR_PARSE,
                      "a request is a JSON object {method,scheme,host,port,path,...}");
    } else if (url != NULL) {
        ok = trace_request_from_url(a, url, out, err);
    } else if (json_get_string(j, "host") == NULL) {
        ok = err_set(err, ERR_PARSE, "a request needs 'host' or 'url'");
    }
    if (ok) {
        out->method = text_of(a, j, "method", out->method);
        out->scheme = text_of(a, j, "scheme", out->scheme);
        out->host = text_of(a, j, "host", out->host);
        out->path = text_of(a, j, "path", out->path);
        out->sni = text_of(a, j, "sni", NULL);
        out->source_ip = text_of(a, j, "source_ip", NULL);
        int64_t port =
            json_get_int(j, "port", out->port != 0 ? out->port : default_port(out->scheme));
        out->port = port > 0 && port <= 65535 ? (uint32_t)port : 0;
        out->headers = map_of(a, json_get(j, "headers"));
        out->selector_set = json_type(json_get(j, "gateway_selector")) == JSON_OBJECT;
        out->gateway_selector = map_of(a, json_get(j, "gateway_selector"));
    }
    json_free(j);
    return ok;
}
